// What OpenTelemetry's own documentation has ES applications preload.
import { register } from 'node:module';

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);
