/**
 * Traces an application without touching it. Preload it:
 *
 *   node --import opentelemetry-instrumentation-async-generator/register app.mjs
 *   node --require opentelemetry-instrumentation-async-generator/register app.cjs
 *
 * It is configured by environment variables, see doc/configuration.md.
 */
import { isInternalThread } from './watch/internal-thread';
import type * as Start from './register/start';

// Asked first: such a thread runs every preload again, and the application waits for it.
if (!isInternalThread()) {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it in that thread, too
  const { start } = require('./register/start') as typeof Start;
  start();
}
