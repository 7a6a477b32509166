// Span snapshots with real test runners: `npm run test:runners`.
//
// The package is packed, and npm installs it beside mocha, Vitest and Jest: with OpenTelemetry 2.x on Node 20, and with 3.x on
// Node 24. Both projects stay, for the next time, in the folder that RUNNERS_PROJECTS names; otherwise they are removed at the
// end. Arguments are mocha's.
import { fileURLToPath } from 'node:url';
import { runPackedSuite } from '../support/suites.mjs';

runPackedSuite({ suite: fileURLToPath(new URL('.', import.meta.url)), variable: 'RUNNERS' });
