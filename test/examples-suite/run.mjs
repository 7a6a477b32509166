// The examples below examples/zero-code, as a reader runs them: `npm run test:examples`. Their dependencies are installed
// there and not at the root, whose install must stay small.
import { fileURLToPath } from 'node:url';
import { runSuite } from '../support/suites.mjs';

runSuite({
  suite: fileURLToPath(new URL('.', import.meta.url)),
  installed: [fileURLToPath(new URL('../../examples/zero-code', import.meta.url))],
});
