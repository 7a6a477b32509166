import type { Circumstances } from '../../../src/cli/run/diagnosis';
import type { ApplicationExit, ObservedRun, RunEnd, Thread } from '../../../src/cli/run/model';

export const THREAD: Thread = {
  pid: 42,
  thread: 0,
  entry: '/app/app.mjs',
  nodeArguments: [],
  readyAt: undefined,
  endedAt: undefined,
  targets: [],
};

/** When the application of these tests starts, in milliseconds since the Unix epoch. */
const STARTED_AT = 1_700_000_000_000;

export const APPLICATION: ApplicationExit = {
  startedAt: STARTED_AT,
  endedAt: STARTED_AT + 1000,
  code: 0,
  signal: null,
};

/** Those of an application without a problem, of which nothing is known. */
export const CIRCUMSTANCES: Circumstances = {
  threads: [],
  isTracingEverything: true,
  configProblems: [],
  switchedOffBy: undefined,
  application: 'app.mjs',
  entryIsLeftOut: false,
  packages: [],
  bundles: [],
  namedPresets: [],
  nodeArguments: [],
  exit: { code: 0, signal: null },
  wantsSpans: false,
  hasInstrumentations: false,
  otlp: undefined,
};

type Given = Partial<Omit<ObservedRun, 'start' | 'end'>> & {
  /** Milliseconds after the start of the application. */
  start?: number;
  end?: Partial<RunEnd> | null;
};

let spanIds = 0;

/** A run of 100 ms and 4 items, the first after 25 ms; the generator works for 75 ms. `end: null` leaves it open. */
export function makeRun({ start = 0, end = {}, ...given }: Given = {}): ObservedRun {
  const duration = end?.duration ?? 100;
  const defaults: RunEnd = {
    outcome: 'completed',
    items: 4,
    duration,
    firstItem: duration / 4,
    producer: (duration * 3) / 4,
    consumer: duration / 4,
    error: undefined,
    atOnce: false,
  };
  return {
    thread: THREAD,
    spanId: (++spanIds).toString(16).padStart(16, '0'),
    traceId: '0'.repeat(31) + '1',
    parent: undefined,
    name: 'readOrders',
    module: './orders.mjs',
    version: undefined,
    exportPath: 'readOrders',
    ...given,
    start: STARTED_AT + start,
    end: end === null ? undefined : { ...defaults, ...end },
  };
}
