// `opentelemetry-instrumentation-async-generator/register` as its users have it: `npm run test:zero-code`.
//
// The package is packed, and npm installs it beside the real packages of OpenTelemetry: 2.x on Node 20, 3.x on Node 24. Both
// projects stay, for the next time, in the folder that ZERO_CODE_PROJECTS names; otherwise they are removed at the end. Arguments
// are mocha's.
import { fileURLToPath } from 'node:url';
import { runPackedSuite } from '../support/suites.mjs';

runPackedSuite({
  suite: fileURLToPath(new URL('.', import.meta.url)),
  variable: 'ZERO_CODE',
  shared: fileURLToPath(new URL('apps', import.meta.url)),
});
