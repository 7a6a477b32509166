/**
 * Why a module could not be inspected, in words.
 */
import type { Outcome } from './child-process';
import type { Problem } from './report';

/** @param timeoutMs the limit that it had, in milliseconds */
export function problemOf({ reply, stderr }: Outcome, timeoutMs: number): Problem {
  switch (reply.status) {
    case 'threw': {
      const { code, message, at } = reply.error;
      const when = reply.isLoaded ? 'its exports were looked at' : 'it was loaded';
      return { code: 'threw', message: `it threw while ${when}: ${message}${at ? ` (${at})` : ''}${adviceFor(code)}` };
    }
    case 'timed-out':
      return {
        code: 'timed-out',
        message: `it was not loaded within ${timeoutMs / 1000} s; allow more with --timeout`,
      };
    case 'unsettled':
      return { code: 'unsettled', message: 'an await at its top level waits for something that never comes' };
    case 'exited':
      return {
        code: 'exited',
        message: `it ended the process with status ${reply.exitCode} while it was loaded${lastWords(stderr)}`,
      };
    case 'died':
      return { code: 'died', message: `its process ended with ${reply.exit} while it was loaded${lastWords(stderr)}` };
    default:
      return { code: 'died', message: `its process answered ${reply.status}` };
  }
}

function adviceFor(code: string | undefined): string {
  return code === 'ERR_UNKNOWN_FILE_EXTENSION'
    ? `; Node ${process.version} does not run TypeScript by itself: use Node 22.18 or newer, or NODE_OPTIONS='--import tsx'`
    : '';
}

/** The line of an error message that a crashed process wrote. */
function lastWords(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const line = lines.find((each) => /^\w*(?:Error|Exception)\b.*:/.test(each)) ?? lines.find((each) => each !== '');
  return line === undefined ? '' : `: ${line}`;
}
