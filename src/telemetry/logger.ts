import { diag, type DiagLogger } from '@opentelemetry/api';
import { PACKAGE_NAME } from '../version';

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
      named[level](message, ...details);
    } catch {
      // Nowhere left to report it.
    }
  };
}
