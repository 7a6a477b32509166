// Real packages, traced as their users use them: `npm run test:packages`. They are installed here and not at the root,
// whose install must stay small.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runSuite } from '../support/suites.mjs';

const suite = fileURLToPath(new URL('.', import.meta.url));

/** Groups of packages whose presets are tested (support/exits). */
const groups = ['models', 'models2', 'agents', 'apps', 'data', 'pages']
  .map((group) => `${suite}${group}`)
  .filter((each) => existsSync(each));

runSuite({ suite, installed: [suite, `${suite}line-3`, ...groups] });
