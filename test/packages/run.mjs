// Real packages, traced as their users use them: `npm run test:packages`. They are installed here and not at the root,
// whose install must stay small.
import { fileURLToPath } from 'node:url';
import { runSuite } from '../support/suites.mjs';

const suite = fileURLToPath(new URL('.', import.meta.url));

runSuite({ suite, installed: [suite, `${suite}line-3`] });
