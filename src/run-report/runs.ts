/**
 * Writes the report of the runs of a traced application.
 */
import { context, type Span } from '@opentelemetry/api';
import { performance } from 'node:perf_hooks';
import { threadId } from 'node:worker_threads';
import { runIn } from '../trace/context';
import { errorMessage, errorType } from '../telemetry/errors';
import type { GeneratorCall, RunHooks, TargetReport } from '../types';
import { appendLine, RUN_SPANS_VARIABLE, type ReportLine, type Source, type Undelivered } from './protocol';
import { parentOf, reportSpans } from './spans';

/** Writes the report of one process or worker thread. */
export interface RunReportWriter {
  /** To be part of the instrumentation's configuration: they write a line for the start and the end of each run. */
  readonly hooks: Required<Pick<RunHooks, 'shouldTrace' | 'onStart' | 'onEnd'>>;
  /** Writes a line for each span of other instrumentations that ends, if the command wants that. Called with each provider that is registered. */
  watchSpans(provider: object | undefined): void;
  /** Called when everything is set up, before the program starts. */
  ready(): void;
  /** The time for `end`. */
  now(): number;
  /**
   * Called once, synchronously, when the process or thread ends, after open runs have been ended.
   *
   * @param time when the program had ended
   */
  end(report: readonly TargetReport[], undelivered?: Undelivered, time?: number): void;
}

/** Longer ones are data, not messages. */
const LONGEST_MESSAGE = 10_000;
/** The same for names: one call writes a line, so that lines do not mix. */
const LONGEST_NAME = 1000;

// Taken at load, before the application can put its own in their place.
const clock = performance.now.bind(performance);
const { timeOrigin } = performance;
const { stringify } = JSON;
const enqueue = queueMicrotask;

/** Finer than `Date.now()`, and fake timers do not reach it. */
const now = () => timeOrigin + clock();

/**
 * Opens the report of this process or worker thread. Load this module before the SDK starts, so that an instrumentation of
 * `fs` does not see what it writes.
 *
 * @param file absolute path, shared by all processes and threads of the application
 * @example
 * const report = openRunReport(process.env.OTEL_ASYNC_GENERATOR_RUN_REPORT);
 * const instrumentation = new AsyncGeneratorInstrumentation({ targets, ...report.hooks });
 * process.on('exit', () => {
 *   instrumentation.disable();
 *   report.end(instrumentation.getPatchReport());
 * });
 */
export function openRunReport(file: string): RunReportWriter {
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
  return {
    hooks: {
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
        const parent = callers.get(call);
        const name = (nameOf(span) ?? exportPath).slice(0, LONGEST_NAME);
        const module = moduleName?.slice(0, LONGEST_NAME);
        const time = now();
        write({
          type: 'start',
          ...source,
          time,
          run,
          trace,
          parent,
          under: wantsSpans ? parentOf(span) : undefined,
          name,
          module,
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
    },
    watchSpans(provider) {
      if (wantsSpans) reportSpans(provider, (span) => runs.has(span), write);
    },
    ready() {
      write({ type: 'ready', ...source, time: now() });
    },
    now,
    end(targets, undelivered, time = now()) {
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
