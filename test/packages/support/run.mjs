// node run.mjs <scenario>: loads the package with `import`.
import { createRequire } from 'node:module';
import harness from './harness.cjs';

const require = createRequire(import.meta.url);
await harness.runScenario(require(`../scenarios/${process.argv[2]}.cjs`), (specifier) => import(specifier));
