/**
 * The runs of the process that are open or that the program has not closed, and where each was created: for messages, and for
 * the check that a test leaves none.
 */
import type { Span } from '@opentelemetry/api';
import * as path from 'node:path';
import { fileURLToPath } from 'node:url';
import { clearTimeout, setTimeout } from '../../base/clock';
import { OWN_FOLDER } from '../../own-files';
import type { GeneratorCall, RunHooks } from '../../types';
import { PACKAGE_NAME } from '../../version';
import { ATTR_OUTCOME } from '../../telemetry/attributes';
import { scopeOf, type SpanLike } from '../format/span-like';

interface Run {
  readonly span: SpanLike;
  /** Runs count up. */
  readonly number: number;
  /**
   * Where it was created. As text: a stack that is still to be written holds on to the functions in it, and with them to
   * generators that would otherwise be collected.
   */
  readonly calls: readonly string[];
  /** Whether it is the call that is known, or only the first pull. */
  readonly isCreation: boolean;
}

/** Ended by the garbage collector or by a shutdown, and not by the program. */
const NOT_CLOSED: ReadonlySet<unknown> = new Set(['abandoned', 'interrupted']);

const open = new Map<object, Run>();
const notClosed = new Map<object, Run>();
const callsOf = new WeakMap<GeneratorCall, readonly string[]>();
const listeners = new Set<() => void>();
let count = 0;

export function isRun(span: SpanLike): boolean {
  return scopeOf(span)?.name === PACKAGE_NAME;
}

/** Hooks that note where runs are created: `shouldTrace` is asked at the call. */
export const creationHooks: Pick<RunHooks, 'shouldTrace' | 'onStart'> = {
  shouldTrace(call) {
    callsOf.set(call, captureCalls());
    return true;
  },
  onStart(span: Span, call) {
    const run = open.get(span);
    const calls = callsOf.get(call);
    if (run !== undefined && calls !== undefined) open.set(span, { ...run, calls, isCreation: true });
  },
};

export function runStarted(span: SpanLike): void {
  if (!open.has(span)) open.set(span, { span, number: ++count, calls: captureCalls(), isCreation: false });
}

export function runEnded(span: SpanLike): void {
  const run = open.get(span);
  if (run === undefined) return;
  open.delete(span);
  const { attributes } = span as { attributes?: Record<string, unknown> };
  if (NOT_CLOSED.has(attributes?.[ATTR_OUTCOME])) notClosed.set(span, run);
  for (const listener of listeners) listener();
}

export const runCount = () => count;

/**
 * Spans of runs that started after the one of that number, and that are still open after the time, or that were not closed by the
 * program.
 */
export async function runsLeftSince(number: number, timeoutMs: number): Promise<SpanLike[]> {
  if (leftSince(number).length === 0) return [];
  await new Promise<void>((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      listeners.delete(onEnded);
      resolve();
    };
    const timer = setTimeout(finish, timeoutMs);
    const onEnded = () => {
      if (leftSince(number).length === 0) finish();
    };
    listeners.add(onEnded);
  });
  return leftSince(number);
}

function leftSince(number: number): SpanLike[] {
  for (const [span, run] of notClosed) {
    if (run.number <= number) notClosed.delete(span);
  }
  return [...open.values(), ...notClosed.values()]
    .filter((run) => run.number > number)
    .sort((a, b) => a.number - b.number)
    .map(({ span }) => span);
}

/** What a message says of open spans, one a line: for a run, where it comes from. */
export function listOpen(spans: readonly SpanLike[]): string {
  return spans.map((span) => `    - ${describeOpen(span)}`).join('\n');
}

function describeOpen(span: SpanLike): string {
  const run = open.get(span) ?? notClosed.get(span);
  if (run === undefined) return `${span.name} (${scopeOf(span)?.name ?? 'no scope'})`;
  if (run.calls.length === 0) return `${span.name}, a run`;
  const calls = run.calls.map((call) => `      ${call}`).join('\n');
  return `${span.name}, a run ${run.isCreation ? 'created' : 'first pulled'} at\n${calls}`;
}

/** What is running of this package, and what source maps say that it was made from. */
const OWN_FOLDERS = [OWN_FOLDER, OWN_FOLDER.replace(/([\\/])build[\\/]src$/, '$1src')].map(
  (folder) => folder + path.sep,
);
const FRAMES_TO_LOOK_AT = 30;
const FRAMES_TO_KEEP = 4;

const NOT_THE_PROGRAM = [
  /^node:/,
  /[\\/]node_modules[\\/](?:@opentelemetry|chai|jest[^\\/]*|mocha|tsx|vitest|@vitest|@jest)[\\/]/,
];

/** Calls of the program that lead to this moment, innermost first, for example `readOrders (src/orders.js:12:3)`. */
export function captureCalls(): string[] {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES_TO_LOOK_AT;
  const { stack } = new Error();
  Error.stackTraceLimit = limit;
  return typeof stack === 'string' ? callsIn(stack) : [];
}

/** @param stack as V8 writes it */
export function callsIn(stack: string): string[] {
  const calls: string[] = [];
  for (const line of stack.split('\n')) {
    const frame = /^\s+at (?:(.*) \()?(.*?)(:\d+:\d+)\)?$/.exec(line);
    if (frame === null) continue;
    const [, name, file = '', position = ''] = frame;
    const location = toPath(file);
    if (!isOfTheProgram(location)) continue;
    const relative = path.isAbsolute(location) ? path.relative(process.cwd(), location) : location;
    calls.push(name === undefined ? `${relative}${position}` : `${name} (${relative}${position})`);
    if (calls.length === FRAMES_TO_KEEP) break;
  }
  return calls;
}

const isOfTheProgram = (location: string) =>
  !OWN_FOLDERS.some((folder) => location.startsWith(folder)) &&
  !NOT_THE_PROGRAM.some((pattern) => pattern.test(location));

function toPath(file: string): string {
  const location = file.replace(/^async /, '');
  try {
    return location.startsWith('file:') ? fileURLToPath(location) : location;
  } catch {
    return location;
  }
}
