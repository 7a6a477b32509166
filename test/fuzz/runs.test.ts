/**
 * Random programs, each played untraced, watched and traced: it has to see the same in the same order and in the same microtask ticks,
 * and its spans have to be those that section 4 of the design gives to what has been watched.
 */
import { setImmediate as macrotask } from 'node:timers/promises';
import {
  context,
  createNoopMeter,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Attributes,
  type DiagLogger,
  type Meter,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  TracerProvider,
  type ReadableSpan,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import { expect } from 'chai';
import { switchContextsByApi } from '../../src/trace/context-switch';
import { Scope } from '../../src/trace/scope';
import { METRIC_RUN_ITEMS, RunMetrics } from '../../src/telemetry/metrics';
import { Reporter } from '../../src/base/reporter';
import { traceWithPlan } from '../trace/helpers';
import { Expectation, type ExpectedRun } from './support/expected-runs';
import { itHolds } from './support/holds';
import {
  batchPrograms,
  concurrentPrograms,
  sequentialPrograms,
  type Program,
  type ProgramOptions,
} from './support/program';
import { World, type AnyFunction } from './support/world';

type Play = (w: World) => Promise<void>;
const AsyncFunction = (async () => {}).constructor as new (...texts: string[]) => Play;

/** The spans of the program that is played. */
class Spans implements SpanProcessor {
  started: ReadableSpan[] = [];
  ends = new Map<ReadableSpan, number>();

  onStart(span: object): void {
    this.started.push(span as ReadableSpan);
  }

  onEnd(span: ReadableSpan): void {
    this.ends.set(span, (this.ends.get(span) ?? 0) + 1);
  }

  reset(): void {
    this.started = [];
    this.ends = new Map();
  }

  isOpen(name: string): boolean {
    return this.started.some((span) => span.name === name && !this.ends.has(span));
  }

  async forceFlush(): Promise<void> {}
  async shutdown(): Promise<void> {}
}

const spans = new Spans();
const recording = new TracerProvider({ spanProcessors: [spans], sampler: new AlwaysOnSampler() });
const notSampled = new TracerProvider({ spanProcessors: [spans], sampler: new AlwaysOffSampler() });

/** What the metrics have counted. */
class Counts {
  /** By function. */
  readonly active = new Map<string, number>();
  readonly ended: string[] = [];
  private readonly nothing = createNoopMeter().createHistogram('');

  readonly meter: Meter = {
    ...createNoopMeter(),
    createUpDownCounter: () => ({
      add: (value: number, attributes?: Attributes) => {
        const fn = String(attributes?.['code.function.name']);
        this.active.set(fn, (this.active.get(fn) ?? 0) + value);
      },
    }),
    createHistogram: (name) =>
      name === METRIC_RUN_ITEMS
        ? {
            record: (items: number, attributes?: Attributes) => {
              this.ended.push(`${String(attributes?.['async_generator.outcome'])}, ${items} items`);
            },
          }
        : this.nothing,
  };
}

const CONSUMER = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '2'.repeat(16), traceFlags: 1 });

interface Played {
  events: string[];
  order: string[];
  /** Reasons of rejections that nobody has handled. */
  unhandled: string[];
}

/** Plays a program until nothing happens any more: some wait for ever. */
async function play(text: Play, world: World): Promise<Played> {
  const unhandled: string[] = [];
  const onUnhandled = (reason: unknown) => unhandled.push(world.nameOf(reason));
  process.on('unhandledRejection', onUnhandled);
  let seen = -1;
  let quiet = 0;
  let failure: unknown;
  text(world).catch((error: unknown) => (failure = error));
  while (quiet < 2) {
    await macrotask();
    quiet = seen === world.events.length && world.waiting === 0 ? quiet + 1 : 0;
    seen = world.events.length;
  }
  process.off('unhandledRejection', onUnhandled);
  if (failure !== undefined) throw new Error('the program itself is wrong', { cause: failure });
  return { events: world.events, order: world.order, unhandled: unhandled.sort() };
}

const NOTHING = { disable() {}, borrowed() {}, inBody() {} };

function playUntraced(text: Play): Promise<Played> {
  return play(text, new World((fn) => fn, NOTHING));
}

async function playWatched(
  text: Play,
  { spans, startOn }: ProgramOptions,
): Promise<Played & Pick<Expectation, 'runs' | 'unclearCalls'>> {
  const expectation = new Expectation({ startOn, isRecording: spans === 'recorded' });
  const watch = (fn: AnyFunction) => expectation.watch(fn as never) as AnyFunction;
  const world = new World(watch, {
    ...NOTHING,
    disable: () => expectation.disable(),
    borrowed: (object) => expectation.borrowed(object),
  });
  const played = await play(text, world);
  expectation.interrupt();
  return { ...played, runs: expectation.runs, unclearCalls: expectation.unclearCalls };
}

async function playTraced(text: Play, options: ProgramOptions): Promise<Played & { ended: readonly string[] }> {
  const { spans: kind, contextSwitch, isMeasured, ...plan } = options;
  const counts = new Counts();
  const runMetrics = isMeasured ? RunMetrics.of(counts.meter) : undefined;
  const messages: string[] = [];
  const say = (message: string) => messages.push(message);
  const logger = { error: say, warn: say, info: say, debug: say, verbose: say } as DiagLogger;
  const provider = kind === 'recorded' ? recording : notSampled;
  const scope = new Scope(
    { tracer: () => provider.getTracer('fuzz'), metrics: () => runMetrics },
    new Reporter(() => logger),
  );
  if (kind !== 'without an SDK') scope.setTracerProvider(provider);
  let isBorrowed = false;
  const world = new World((fn) => traceWithPlan(fn, { ...plan, spanName: ({ args }) => args[0] as string }, scope), {
    disable() {
      scope.enabled = false;
      scope.openRuns.interrupt();
    },
    borrowed() {
      isBorrowed = true;
    },
    inBody(call) {
      if (isBorrowed || kind !== 'recorded' || !spans.isOpen(call)) return;
      const { name } = (trace.getSpan(context.active()) ?? {}) as { name?: string };
      if (name !== call) messages.push(`the body of ${call} runs in the context of ${name}`);
    },
  });
  switchContextsByApi(contextSwitch === 'by the API');
  try {
    const played = await play(text, world);
    scope.openRuns.interrupt();
    expectSame('what has been reported', messages, []);
    const unbalanced = Array.from(counts.active).filter(([, active]) => active !== 0);
    expectSame('functions with active runs at the end', unbalanced.map(String), []);
    return { ...played, ended: counts.ended };
  } finally {
    switchContextsByApi(false);
  }
}

/** How a run shows: from what has been watched, and from a span. */
function lineOf(call: string, outcome: string, items: number, isFailed: boolean): string {
  return `${call} [${outcome}, ${items} items]${isFailed ? ' with an error' : ''}`;
}

function expectedLine({ call, outcome, items }: ExpectedRun): string {
  return lineOf(call, String(outcome), items, outcome === 'failed');
}

function actualLine({ name, attributes, status, events }: ReadableSpan): string {
  const signs = [status.code === SpanStatusCode.ERROR, attributes['error.type'] !== undefined];
  const isFailed = signs.every(Boolean);
  if (!isFailed && (signs.some(Boolean) || events.length > 0)) return `${name} says that it failed and that it did not`;
  const { 'async_generator.outcome': outcome, 'async_generator.item.count': items } = attributes;
  return lineOf(name, String(outcome), Number(items), isFailed);
}

function checkSpans({ runs, unclearCalls }: Pick<Expectation, 'runs' | 'unclearCalls'>): void {
  const unclear = new Set([...unclearCalls, ...runs.filter(({ isUnclear }) => isUnclear).map(({ call }) => call)]);
  const clear = spans.started.filter(({ name }) => !unclear.has(name));
  expectSame('spans', clear.map(actualLine), runs.filter(({ call }) => !unclear.has(call)).map(expectedLine));
  const odd = spans.started.filter((span) => spans.ends.get(span) !== 1).map(({ name }) => name);
  expectSame('spans that did not end, or more than once', odd, []);
  for (const call of unclear) {
    const most = Math.max(1, runs.filter((run) => run.call === call).length);
    const count = spans.started.filter(({ name }) => name === call).length;
    if (count > most) throw new Error(`${call} has ${count} spans, and not at most ${most}`);
  }
}

/** As many runs as spans, with the same outcomes and items. */
function checkMetrics(ended: readonly string[]): void {
  const lines = spans.started.map(({ attributes }) => {
    return `${attributes['async_generator.outcome']}, ${attributes['async_generator.item.count']} items`;
  });
  expectSame('runs that the metrics count', [...ended].sort(), lines.sort());
}

/** Both from the place on where they differ. */
function expectSame(what: string, actual: readonly string[], expected: readonly string[]): void {
  let same = 0;
  while (same < expected.length && actual[same] === expected[same]) same++;
  if (same === expected.length && actual.length === same) return;
  const rest = (lines: readonly string[]) =>
    (lines.length > same ? lines.slice(same, same + 8) : ['nothing']).join('\n  ');
  throw new Error(`${what}, after ${same} that are as expected:\n  ${rest(actual)}\nexpected:\n  ${rest(expected)}`);
}

/** How the runs of all programs have ended. */
const outcomes = new Set<string>();

/** How many programs there are in `npm test`. */
const SMOKE = 500;

async function check({ text, options }: Program, kind: 'concurrent' | 'sequential'): Promise<void> {
  const compiled = new AsyncFunction('w', text);
  spans.reset();
  const asConsumer = <T>(play: () => Promise<T>) => context.with(trace.setSpan(ROOT_CONTEXT, CONSUMER), play);
  const untraced = await asConsumer(() => playUntraced(compiled));
  const watched = await asConsumer(() => playWatched(compiled, options));
  const traced = await asConsumer(() => playTraced(compiled, options));
  const what = kind === 'concurrent' ? 'events' : 'order';
  expectSame(`${what} when watched, a fault of the test`, watched[what], untraced[what]);
  expectSame(what, traced[what], untraced[what]);
  if (options.preserveUnhandledRejections) expectSame('unhandled rejections', traced.unhandled, untraced.unhandled);
  else {
    // Of what rejects unheard: a pull that nobody awaits is heard by us.
    const more = traced.unhandled.filter((reason) => !untraced.unhandled.includes(reason));
    expectSame('unhandled rejections beside those that there are untraced', more, []);
  }
  checkSpans(watched);
  if (options.isMeasured && options.spans === 'recorded') checkMetrics(traced.ended);
  for (const { outcome, isUnclear } of watched.runs) if (!isUnclear) outcomes.add(String(outcome));
}

function show({ text, options }: Program): string {
  return `// ${JSON.stringify(options)}\n${text}`;
}

describe('Random programs', () => {
  let stackTraceLimit: number;
  let switchedOff: string | undefined;
  let listeners: NodeJS.UnhandledRejectionListener[];
  before(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    // Else it is said, after some seconds, that there is no SDK.
    switchedOff = process.env.OTEL_SDK_DISABLED;
    process.env.OTEL_SDK_DISABLED = 'true';
    // Stacks take longer to make than most programs to run.
    stackTraceLimit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    // mocha's fail the test.
    listeners = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    process.on('unhandledRejection', () => {});
  });
  after(() => {
    Error.stackTraceLimit = stackTraceLimit;
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
    context.disable();
    if (switchedOff === undefined) delete process.env.OTEL_SDK_DISABLED;
    else process.env.OTEL_SDK_DISABLED = switchedOff;
  });

  itHolds(
    'see the same in the same tick, and have the spans that they should have',
    concurrentPrograms,
    (program) => check(program, 'concurrent'),
    { smoke: SMOKE * 0.7, share: 0.7, show },
  );

  itHolds(
    'see the same in the same order, where what is documented takes a tick longer',
    sequentialPrograms,
    (program) => check(program, 'sequential'),
    { smoke: SMOKE * 0.2, share: 0.2, show },
  );

  itHolds(
    'see the same in the same order where several pulls are under way, each of which takes a tick longer',
    batchPrograms,
    (program) => check(program, 'sequential'),
    { smoke: SMOKE * 0.1, share: 0.1, show },
  );

  it('have runs that end in every way, but for what takes a garbage collector', function () {
    if (Number(process.env.FUZZ_PROGRAMS ?? SMOKE) < SMOKE) this.skip();
    expect(outcomes).to.include.keys('completed', 'failed', 'returned', 'aborted', 'interrupted');
  });
});
