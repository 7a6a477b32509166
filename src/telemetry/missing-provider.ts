/**
 * Traced functions are called, and no tracer provider is registered: then no span can be made, and nothing else would say so.
 */
import { diag, type DiagLogger } from '@opentelemetry/api';
import { setTimeout, clearTimeout } from '../base/clock';
import { say } from '../base/logger';
import { apiRegistry, type ApiRegistry } from '../base/registry';

/** How long an SDK may take to start after the first traced call. */
const START_UP_MS = 5_000;

let isAwaited = false;
let isSaid = false;

/**
 * Waits for the SDK, which may still be on its way, for five seconds or until the process exits; then says once that it is
 * missing. Says nothing where the environment switches traces off.
 *
 * @param isMissing asked then
 */
export function awaitProvider(isMissing: () => boolean): void {
  if (isAwaited || isSwitchedOff()) return;
  isAwaited = true;
  const check = () => {
    clearTimeout(timer);
    process.off('exit', check);
    if (isMissing()) sayNoSpans('warn', reason());
  };
  const timer = setTimeout(check, START_UP_MS);
  timer.unref();
  process.on('exit', check);
}

/** Says why no span can be made, unless that has been said: through `diag`, or on stderr where that has no logger. */
export function sayNoSpans(level: 'warn' | 'error', why: string): void {
  if (isSaid) return;
  isSaid = true;
  say(level, `No span can be made: ${why}`);
}

/** The SDK's own variables: with these, it registers no provider. */
function isSwitchedOff(): boolean {
  const { OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER } = process.env;
  return OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true' || OTEL_TRACES_EXPORTER?.trim() === 'none';
}

function reason(): string {
  const registry = apiRegistry();
  return registry === undefined || canRegisterIn(registry)
    ? 'async generators are traced, but no tracer provider is registered. Start an OpenTelemetry SDK that registers one'
    : `version ${registry.version} of @opentelemetry/api has registered itself in this process, and this package uses another one. ` +
        'Install a single version of it (npm ls @opentelemetry/api)';
}

const SILENT: DiagLogger = { error() {}, warn() {}, info() {}, debug() {}, verbose() {} };

/** Whether the API that this package uses could register anything in it: only beside what the very same version has registered. */
function canRegisterIn(registry: ApiRegistry): boolean {
  const { diag: logger } = registry;
  // The API would report a refusal to it.
  delete registry.diag;
  const isAccepted = diag.setLogger(SILENT);
  if (logger !== undefined) registry.diag = logger;
  else if (isAccepted) diag.disable();
  return isAccepted;
}
