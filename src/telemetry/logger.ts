import { diag, type DiagLogger } from '@opentelemetry/api';
import { PACKAGE_NAME } from '../version';
import { escapeControls } from './foreign-text';
import { apiRegistry } from './registry';

/** `diag` with the name of this package in front: on an application's stderr a line has to say who wrote it. */
const named = diag.createComponentLogger({ namespace: PACKAGE_NAME });

/** The same, for where the program waits: it may have set a logger that throws, and is not to hear of it in an import. */
export const logger: DiagLogger = {
  error: guarded('error'),
  warn: guarded('warn'),
  info: guarded('info'),
  debug: guarded('debug'),
  verbose: guarded('verbose'),
};

function guarded(level: keyof DiagLogger): DiagLogger['error'] {
  return (message, ...details) => {
    try {
      named[level](escapeControls(message), ...details);
    } catch {
      // Nowhere left to report it.
    }
  };
}

/**
 * Says what must be seen though nobody has set a logger: through `diag` if it has one, at the level of that; else on stderr, unless
 * OTEL_LOG_LEVEL is above `level`.
 */
export function say(level: 'warn' | 'error', message: string): void {
  if (reachesLogger()) {
    logger[level](message);
    return;
  }
  const wanted = process.env.OTEL_LOG_LEVEL?.trim().toUpperCase();
  if (wanted === 'NONE' || (wanted === 'ERROR' && level === 'warn')) return;
  try {
    process.stderr.write(`${PACKAGE_NAME}: ${escapeControls(message)}\n`);
  } catch {
    // Nowhere left to say it.
  }
}

/** Whether `diag` has a logger that this package's copy of the API finds: it ignores those of versions that it takes for incompatible. */
function reachesLogger(): boolean {
  const registry = apiRegistry();
  const registered = registry?.diag;
  if (registry === undefined || registered === undefined) return false;
  let isReached = false;
  try {
    registry.diag = {
      ...registered,
      debug() {
        isReached = true;
      },
    };
    named.debug('');
  } catch {
    // Frozen.
    return false;
  }
  registry.diag = registered;
  return isReached;
}
