/**
 * Traces an application without touching it. Preload it:
 *
 *   node --import opentelemetry-instrumentation-async-generator/register app.mjs
 *   node --require opentelemetry-instrumentation-async-generator/register app.cjs
 *
 * It is configured by environment variables, see doc/configuration.md.
 */
import { start } from './zero-code/start';

start();
