/**
 * Writes the report of a traced application: its runs, and the signals that it gets. Load this module before the SDK starts, so that an
 * instrumentation of `fs` does not see what it writes.
 */
import { context, type Span } from '@opentelemetry/api';
import { performance } from 'node:perf_hooks';
import { threadId } from 'node:worker_threads';
import { runIn } from '../trace/context';
import { errorMessage, errorType } from '../telemetry/errors';
import type { GeneratorCall, RunHooks, TargetReport } from '../types';
import {
  appendLine,
  FORWARDED_SIGNALS,
  RUN_SPANS_VARIABLE,
  signalFileOf,
  type ReportLine,
  type SignalLine,
  type Source,
  type Undelivered,
} from './protocol';
import { parentOf, reportSpans } from './spans';

export type RunReportWriter = ReturnType<typeof openRunReport>;

/** Longer ones are data, not messages. */
const LONGEST_MESSAGE = 10_000;
/** The same for names: one call writes a line, so that lines do not mix. */
const LONGEST_NAME = 1000;

// Taken at load, before the application can put its own in their place.
const clock = performance.now.bind(performance);
const { timeOrigin } = performance;
const { now: readDate } = Date;
const { stringify } = JSON;
const enqueue = queueMicrotask;

/** Finer than `Date.now()`, and fake timers do not reach it. */
const now = () => timeOrigin + clock();

/**
 * Opens the report of this process or worker thread.
 *
 * @param file absolute path, shared by all processes and threads of the application
 */
export function openRunReport(file: string) {
  const source: Source = { pid: process.pid, thread: threadId };
  const write = (line: ReportLine) => {
    appendLine(file, stringify(line));
  };
  /** The hook for a start is called with the first pull; the parent is known at the call. */
  const callers = new WeakMap<GeneratorCall, string>();
  /** Runs that have started since the program last waited. A generator needs a promise to end. */
  const fresh = new Set<Span>();
  const wantsSpans = Boolean(process.env[RUN_SPANS_VARIABLE]);
  const runs = new WeakSet<object>();
  const { ppid: parentPid, argv, execArgv: nodeArguments } = process;
  write({ type: 'begin', ...source, time: now(), parentPid, entry: argv[1], nodeArguments });
  /** A part of the instrumentation's configuration: they write a line for the start and the end of each run. */
  const hooks: Required<Pick<RunHooks, 'shouldTrace' | 'onStart' | 'onEnd'>> = {
    shouldTrace(call) {
      const caller = runIn(context.active());
      if (caller !== undefined) callers.set(call, caller);
      return true;
    },
    onStart(span, call) {
      if (fresh.size === 0) {
        enqueue(() => {
          fresh.clear();
        });
      }
      fresh.add(span);
      if (wantsSpans) runs.add(span);
      const { spanId: run, traceId: trace } = span.spanContext();
      const { moduleName, moduleVersion: version, exportPath } = call;
      write({
        type: 'start',
        ...source,
        time: now(),
        run,
        trace,
        parent: callers.get(call),
        under: wantsSpans ? parentOf(span) : undefined,
        name: (nameOf(span) ?? exportPath).slice(0, LONGEST_NAME),
        module: moduleName?.slice(0, LONGEST_NAME),
        version,
        export: exportPath.slice(0, LONGEST_NAME),
      });
    },
    onEnd(span, { outcome, itemCount, duration, timeToFirstItem, producerTime, consumerTime, error }) {
      write({
        type: 'end',
        ...source,
        run: span.spanContext().spanId,
        time: now(),
        outcome,
        items: itemCount,
        duration,
        firstItem: timeToFirstItem,
        producer: producerTime,
        consumer: consumerTime,
        error: outcome === 'failed' ? describe(error) : undefined,
        atOnce: fresh.has(span),
      });
    },
  };
  return {
    hooks,
    now,
    /** If the command wants them, writes a line for each span of other instrumentations that ends. Call it with each provider that is registered. */
    watchSpans(provider: object | undefined): void {
      if (wantsSpans) reportSpans(provider, (span) => runs.has(span), write);
    },
    /** Everything is set up, and the program starts. */
    ready(): void {
      write({ type: 'ready', ...source, time: now() });
    },
    /**
     * The process or thread ends, and open runs have been ended. Synchronous.
     *
     * @param time when the program had ended
     */
    end(targets: readonly TargetReport[], undelivered?: Undelivered, time = now()): void {
      if (undelivered !== undefined) write({ type: 'undelivered', ...source, ...undelivered });
      write({ type: 'targets', ...source, time, targets });
    },
  };
}

/** Spans of the SDK tell theirs, which `spanName` may have made; the API does not ask for it. */
function nameOf(span: Span): string | undefined {
  const { name } = span as { name?: unknown };
  return typeof name === 'string' ? name : undefined;
}

function describe(error: unknown): { type: string; message: string } {
  return { type: errorType(error).slice(0, LONGEST_NAME), message: errorMessage(error).slice(0, LONGEST_MESSAGE) };
}

/**
 * Writes a line for each signal that the program, or another preload, listens to. The command forwards signals to the application. After Ctrl-C,
 * GNU `timeout` or `kill -- -PGID`, the whole process group has the signal already, and a second one would end an application that listens once.
 *
 * Call it in the main thread, as early as possible: Node takes `process.emit` as it is when the first listener is added.
 *
 * @param reportFile as for `openRunReport`
 */
export function reportSignals(reportFile: string): void {
  const { emit, pid } = process;
  const write = (signal?: NodeJS.Signals) => {
    const line: SignalLine = { pid, time: readDate(), signal };
    appendLine(signalFileOf(reportFile), stringify(line));
  };
  // Not a listener, which the program could count, and which would change what a signal does.
  process.emit = function (this: NodeJS.Process, ...args: unknown[]): boolean {
    const signal = args[0] as NodeJS.Signals;
    if (FORWARDED_SIGNALS.includes(signal)) write(signal);
    return Reflect.apply(emit, this, args) as boolean;
  } as typeof process.emit;
  for (const signal of FORWARDED_SIGNALS) if (process.listenerCount(signal) > 0) listenAgain(signal);
  write();
}

/** Another preload listens already: what Node calls for a signal is bound to the `process.emit` of then. */
function listenAgain(signal: NodeJS.Signals): void {
  const listeners = process.rawListeners(signal) as NodeJS.SignalsListener[];
  process.removeAllListeners(signal);
  for (const listener of listeners) process.on(signal, listener);
}
