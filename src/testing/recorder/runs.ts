/**
 * The open runs of the process, and those that nobody has closed: for messages, and for the check that a test leaves none.
 */
import type { Span } from '@opentelemetry/api';
import type { GeneratorCall, RunHooks } from '../../types';
import { PACKAGE_NAME } from '../../version';
import { ATTR_OUTCOME } from '../../telemetry/attributes';
import { scopeNameOf, type SpanLike } from '../format/span-like';
import { captureCalls } from './creation';

/** A run that was left open. */
export interface OpenRun {
  readonly span: SpanLike;
  /** Runs count up. */
  readonly number: number;
  readonly calls: readonly string[];
  /** Whether it is the call that is known, or only the first pull. */
  readonly isCreation: boolean;
}

/** Ended by the garbage collector or by a shutdown, and not by the program. */
const NOT_CLOSED: ReadonlySet<unknown> = new Set(['abandoned', 'interrupted']);

const open = new Map<object, OpenRun>();
const notClosed = new Map<object, OpenRun>();
const callsOf = new WeakMap<GeneratorCall, readonly string[]>();
const listeners = new Set<() => void>();
let count = 0;

export function isRun(span: SpanLike): boolean {
  return scopeNameOf(span) === PACKAGE_NAME;
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

export function runCount(): number {
  return count;
}

/** Runs after the one of that number that are open, or that were not closed by the program. */
export function runsLeftSince(number: number): OpenRun[] {
  for (const [span, run] of notClosed) {
    if (run.number <= number) notClosed.delete(span);
  }
  return [...open.values(), ...notClosed.values()]
    .filter((run) => run.number > number)
    .sort((a, b) => a.number - b.number);
}

/** Calls `listener` whenever a run has ended. */
export function onRunEnded(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

/** What a message says of an open span: for a run, where it comes from. */
export function describeOpen(span: SpanLike): string {
  const run = open.get(span) ?? notClosed.get(span);
  if (run === undefined) return `${span.name} (${scopeNameOf(span) ?? 'no scope'})`;
  if (run.calls.length === 0) return `${span.name}, a run`;
  return `${span.name}, a run ${run.isCreation ? 'created' : 'first pulled'} at\n${run.calls.map((call) => `      ${call}`).join('\n')}`;
}
