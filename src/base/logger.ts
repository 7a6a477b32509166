import { diag, type DiagLogger } from '@opentelemetry/api';
import { format } from 'node:util';
import { PACKAGE_NAME } from '../version';
import { escapeControls } from './foreign-text';
import { apiRegistry } from './registry';

type Level = keyof DiagLogger;

/** `diag` with the name of this package in front: on an application's stderr a line has to say who wrote it. */
const named = diag.createComponentLogger({ namespace: PACKAGE_NAME });

/** The same, but it never throws: the program's own logger may, and an import must not fail because of that. */
export const logger: DiagLogger = {
  error: guarded('error'),
  warn: guarded('warn'),
  info: guarded('info'),
  debug: guarded('debug'),
  verbose: guarded('verbose'),
};

/** The levels that are written to stderr where there is no logger. */
let said: readonly Level[] = [];

/** From now on: under `register`, whose users write no code that could set a logger. */
export function sayAll(levels: readonly ('info' | 'warn' | 'error')[]): void {
  said = levels;
}

function guarded(level: Level): DiagLogger['error'] {
  return (message, ...details) => {
    try {
      if (said.includes(level) && !reachesLogger()) write(level, message, details);
      else named[level](escapeControls(message), ...details);
    } catch {
      // Nowhere left to report it.
    }
  };
}

/**
 * Says what must be seen even where there is no logger: through `diag` if it has one, at the level of that; else on stderr, unless
 * OTEL_LOG_LEVEL is above `level`.
 */
export function say(level: 'warn' | 'error', message: string): void {
  if (reachesLogger()) {
    logger[level](message);
    return;
  }
  try {
    write(level, message, []);
  } catch {
    // Nowhere left to say it.
  }
}

function write(level: Level, message: string, details: readonly unknown[]): void {
  if (!isWanted(level, process.env.OTEL_LOG_LEVEL?.trim().toUpperCase())) return;
  process.stderr.write(`${PACKAGE_NAME}: ${escapeControls(format(message, ...details))}\n`);
}

function isWanted(level: Level, wanted = ''): boolean {
  if (level === 'info') return ['INFO', 'DEBUG', 'VERBOSE', 'ALL'].includes(wanted);
  return wanted !== 'NONE' && (wanted !== 'ERROR' || level === 'error');
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
