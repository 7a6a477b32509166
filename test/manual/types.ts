/**
 * Checked by the compiler (`npm run types`) and never run: what the manual API gives is of the type that was put in.
 * A line below `@ts-expect-error` that compiles is an error.
 */
import { SpanKind, type Span } from '@opentelemetry/api';
import {
  AsyncGeneratorInstrumentation,
  defineConfig,
  traceAsyncGenerator,
  traced,
  type GeneratorCall,
  type RunSummary,
  type TraceOptions,
} from '../../src';

/** Compiles only if the two types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const isTrue = <_T extends true>(): void => undefined;
/** Compiles only if the value is of exactly this type. */
const is =
  <Expected>() =>
  <Actual>(_value: Actual, _isSame: Same<Actual, Expected>): void =>
    undefined;

async function* numbers(this: unknown, to: number, _label?: string): AsyncGenerator<number, string, boolean> {
  for (let i = 0; i < to; i++) if (yield i) break;
  return 'done';
}

// The type of the function is kept: parameters, `this`, items, return value, what is sent in.
export const tracedNumbers = traceAsyncGenerator(numbers);
isTrue<Same<typeof tracedNumbers, typeof numbers>>();
isTrue<Same<ReturnType<typeof tracedNumbers>, AsyncGenerator<number, string, boolean>>>();
// @ts-expect-error -- an argument of the wrong type
tracedNumbers('3');
// @ts-expect-error -- an argument is missing
tracedNumbers();

// So are type parameters, overloads and properties.
export const first = traceAsyncGenerator(async function* first<T>(items: readonly T[]) {
  yield items[0];
});
isTrue<Same<ReturnType<typeof first<string>>, AsyncGenerator<string | undefined, void, unknown>>>();
export const withProperty = traceAsyncGenerator(Object.assign(numbers, { version: 1 }));
isTrue<Same<typeof withProperty.version, number>>();

// Any function may be traced, whatever it returns.
traceAsyncGenerator(() => new ReadableStream<string>());
traceAsyncGenerator(async (path: string) => ({ path, [Symbol.asyncIterator]: () => numbers(1) }));
// @ts-expect-error -- no function
traceAsyncGenerator(numbers(1));

// Hooks know the items and arguments of the function that is traced.
traceAsyncGenerator(numbers, {
  spanName: ({ args }) => `to ${args[0].toFixed()}`,
  onStart(span, { args: [to, label] }) {
    is<number>()(to, true);
    is<string | undefined>()(label, true);
    span.setAttribute('app.to', to);
  },
  onItem(_span, item) {
    is<number>()(item, true);
  },
  shouldTrace: ({ args: [to] }) => to > 0,
});
traceAsyncGenerator(async () => new ReadableStream<string>(), {
  onItem: (span, item) => span.addEvent(item.toUpperCase()),
});
traceAsyncGenerator(() => 1, {
  onItem(_span, item) {
    is<unknown>()(item, true);
  },
});
traceAsyncGenerator(numbers, {
  // @ts-expect-error -- an item is a number
  onItem: (_span, item: string) => item,
});

// Options: each of them, with hooks whose parameters need no annotation.
const options: TraceOptions = {
  spanName: (call) => `${call.exportPath} ${call.args.length}`,
  spanKind: SpanKind.CLIENT,
  attributes: { 'app.count': 1, 'app.none': undefined },
  startOn: 'call',
  timing: false,
  contextFrom: 'creation',
  preserveUnhandledRejections: true,
  requireParentSpan: true,
  onStart(span, call) {
    is<Span>()(span, true);
    is<GeneratorCall>()(call, true);
  },
  onItem(_span, item, index) {
    is<unknown>()(item, true);
    is<number>()(index, true);
  },
  onEnd(_span, summary) {
    is<RunSummary>()(summary, true);
  },
  shouldTrace: ({ args }) => args.length > 0,
  classifyError: (error) => (error instanceof Error ? 'failed' : undefined),
};
traceAsyncGenerator(numbers, options);
// @ts-expect-error -- no such option
traceAsyncGenerator(numbers, { name: 'numbers' });
// Words in a constant are of type string.
const words = { startOn: 'call', contextFrom: 'creation' };
traceAsyncGenerator(numbers, words);
// @ts-expect-error -- no word
traceAsyncGenerator(numbers, { startOn: 1 });

// The decorator takes methods of every kind, and keeps their types.
export class Feed {
  @traced()
  async *items(count: number): AsyncGenerator<string> {
    for (let i = 0; i < count; i++) yield String(i);
  }

  @traced({ spanName: 'all' })
  static async *all(): AsyncGenerator<Feed> {
    yield new Feed();
  }

  @traced()
  async *#secret(): AsyncGenerator<number> {
    yield 1;
  }

  @traced()
  async *[Symbol.asyncIterator](): AsyncGenerator<number> {
    yield* this.#secret();
  }

  @traced()
  async open(): Promise<AsyncIterable<string>> {
    return this.items(1);
  }

  @traced({ onItem: (span, item: string) => span.addEvent(item) })
  async *annotated(): AsyncGenerator<string> {
    yield 'item';
  }

  @traced
  async *bare(count: number): AsyncGenerator<number> {
    yield count;
  }

  @traced
  static async *bareStatic(): AsyncGenerator<number> {
    yield 1;
  }

  // @ts-expect-error -- a field is no method
  @traced
  bareField = 1;

  // @ts-expect-error -- a field is no method
  @traced()
  field = 1;

  // @ts-expect-error -- nor is an accessor
  @traced()
  get size(): number {
    return 1;
  }

  // @ts-expect-error -- no such option
  @traced({ span: 'name' })
  async *other(): AsyncGenerator<number> {
    yield 1;
  }
}
isTrue<Same<ReturnType<Feed['items']>, AsyncGenerator<string>>>();
isTrue<Same<Parameters<Feed['bare']>, [count: number]>>();

// A configuration in a constant, with words that TypeScript takes for any string.
const config = { presets: ['openai'], startOn: 'call', targets: [{ module: './src/**', startOn: 'call' }] };
new AsyncGeneratorInstrumentation({ presets: config.presets, targets: config.targets });
export const defined = defineConfig({
  presets: ['openai', 'auto'],
  contextFrom: 'creation',
  targets: ['pg', { module: '@aws-sdk/client-s3', exports: ['paginate*'], startOn: 'call' }],
  onStart(span, { args: [, input] }) {
    span.setAttribute('app.bucket', (input as { Bucket: string }).Bucket);
  },
  onItem(_span, item) {
    is<unknown>()(item, true);
  },
});
new AsyncGeneratorInstrumentation(defined);
// @ts-expect-error -- no such option
defineConfig({ targets: [], spans: true });
// @ts-expect-error -- no list
defineConfig({ presets: { openai: true } });
