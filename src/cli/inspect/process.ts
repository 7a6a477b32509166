/**
 * Runs module code where it can do no harm: in a process of its own, for a limited time.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { ownFile } from '../../own-files';
import type { Problem, Reply, Request } from './model';

export interface Outcome {
  /** `died`: it ended before it could say anything. */
  readonly reply: Reply | { readonly status: 'timed-out' } | { readonly status: 'died'; readonly exit: string };
  readonly stderr: string;
}

/** How much is kept of what a process wrote. Its last lines say why it crashed. */
const KEPT_CHARACTERS = 4000;

const WAIT_FOR_STDERR_MS = 200;

/** The most that Node's timers take: 25 days. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

export interface Limits {
  readonly cwd: string;
  /** How long the process may run, in seconds. */
  readonly timeout: number;
}

/** What NODE_OPTIONS may preload is to trace nothing and send nothing in there. The file would overrule the first. */
const NO_TELEMETRY = {
  OTEL_SDK_DISABLED: 'true',
  OTEL_INSTRUMENTATION_ASYNC_GENERATOR_ENABLED: 'false',
  OTEL_CONFIG_FILE: undefined,
};

export async function runChild(request: Request, limits: Limits): Promise<Outcome> {
  const folder = await fs.promises.mkdtemp(path.join(os.tmpdir(), 'async-generator-inspect-'));
  try {
    const replyFile = path.join(folder, 'reply.json');
    const outcome = await waitForEnd(program(request, replyFile), limits);
    const text = await fs.promises.readFile(replyFile, 'utf8').catch(() => undefined);
    return text === undefined ? outcome : { ...outcome, reply: JSON.parse(text) as Reply };
  } finally {
    await fs.promises.rm(folder, { recursive: true, force: true });
  }
}

async function waitForEnd(code: string, { cwd, timeout }: Limits): Promise<Outcome> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd,
    env: { ...process.env, ...NO_TELEMETRY },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: Math.min(Math.ceil(timeout * 1000), LONGEST_TIMEOUT_MS),
    killSignal: 'SIGKILL',
    windowsHide: true,
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-KEPT_CHARACTERS);
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  try {
    const closed = new Promise((resolve) => child.once('close', resolve));
    const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    // Processes that the module has started may hold the pipe open for ever.
    await Promise.race([closed, setTimeout(WAIT_FOR_STDERR_MS, undefined, { ref: false })]);
    child.stderr.destroy();
    const exit = signal ?? `status ${status ?? 'unknown'}`;
    return { reply: child.killed ? { status: 'timed-out' } : { status: 'died', exit }, stderr };
  } finally {
    process.off('exit', kill);
  }
}

/** An ES module in the working directory: `import` and `import.meta.resolve` start there, as those of the program do. */
function program(request: Request, replyFile: string): string {
  const child = pathToFileURL(ownFile('inspect-child')).href;
  return [
    `import child from ${JSON.stringify(child)};`,
    'const importer = { resolve: import.meta.resolve, import: (specifier) => import(specifier) };',
    `child.main(${JSON.stringify(request)}, ${JSON.stringify(replyFile)}, importer);`,
  ].join('\n');
}

/**
 * Why a module could not be inspected, in words.
 *
 * @param timeout the limit that it had, in seconds
 */
export function problemOf({ reply, stderr }: Outcome, timeout: number): Problem {
  switch (reply.status) {
    case 'threw': {
      const { code, message, at } = reply.error;
      const when = reply.isLoaded ? 'its exports were looked at' : 'it was loaded';
      return { code: 'threw', message: `it threw while ${when}: ${message}${at ? ` (${at})` : ''}${adviceFor(code)}` };
    }
    case 'timed-out':
      return {
        code: 'timed-out',
        message: `it was not loaded within ${timeout} s; allow more with --timeout`,
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
