import { trace, type Attributes } from '@opentelemetry/api';
import { registerInstrumentations, type Instrumentation } from '@opentelemetry/instrumentation';
import { resolve } from 'node:path';
import { setTimeout, clearTimeout, setImmediate } from '../../base/clock';
import { check, checkOptions, invalid, isPlainObject, type Type } from '../../base/invalid';
import { compileTargetInParts, resolveConfig } from '../../options/resolve';
import { configure } from '../../options/sources';
import { AsyncGeneratorInstrumentation } from '../../instrumentation';
import type { AsyncGeneratorInstrumentationConfig, SpanOptions, TargetReport } from '../../types';
import { CallOrder } from '../call-order';
import { formatSpans, spansToJSON, type JsonSpan } from '../format/format-spans';
import { resolveFormat, type FormatOptions } from '../format/options';
import { SPANS, type RecordedSpan, type SpanSource } from '../format/span-like';
import { patchNamespace } from './patch-namespace';
import { recordSpans } from './provider';
import { checkHookable } from './runner';
import { creationHooks, listOpen } from './runs';
import { SpanLog, type RecorderSpanProcessor } from './span-log';

/** Options of a `SpanRecorder`. */
export interface SpanRecorderOptions {
  /** Instrumentations to register, and to disable at `shutdown`. */
  instrumentations?: readonly Instrumentation[];
  /** Async generators to trace, as for `AsyncGeneratorInstrumentation`. */
  targets?: AsyncGeneratorInstrumentationConfig['targets'];
  /**
   * Where relative paths in targets start.
   * @default process.cwd()
   */
  baseDir?: string;
  /** Attributes of the resource. Shown only if `format` includes them. */
  resource?: Attributes;
  /**
   * With `true`, the recorder sets up nothing. Give `recorder.spanProcessor` to your own provider.
   * @default false
   */
  attach?: boolean;
  /** How the recorder shows its spans. */
  format?: FormatOptions;
  /**
   * The order of siblings. `calls` is the order of the calls that started them; it costs one to two microseconds for each
   * promise of the program. `structure` compares what is shown of them.
   * @default 'calls'
   */
  order?: 'calls' | 'structure';
}

/** Options of `recorder.patch`. */
export interface PatchNamespaceOptions extends SpanOptions {
  /** Name of the module, for `async_generator.module.name`: `'./src/feed.js'`. */
  module?: string;
}

/** The kinds of values that are checked here. `targets` and `baseDir` are checked with the configuration, `format` by `resolveFormat`. */
const OPTIONS: Readonly<Record<keyof SpanRecorderOptions, { readonly type: Type }>> = {
  targets: { type: () => undefined },
  instrumentations: { type: checkInstrumentations },
  baseDir: { type: () => undefined },
  resource: { type: check(isPlainObject, 'an object of attributes') },
  attach: { type: 'boolean' },
  format: { type: (_path, format) => resolveFormat(format as FormatOptions, 'format.') },
  order: { type: ['calls', 'structure'] },
};

function checkInstrumentations(path: string, value: unknown): void {
  if (!Array.isArray(value)) throw invalid(path, value, 'an array of instrumentations');
  value.forEach((each: unknown, index) => {
    if (typeof (each as Partial<Instrumentation> | undefined)?.enable === 'function') return;
    throw invalid(`${path}[${index}]`, each, 'an instrumentation');
  });
}

const DEFAULT_TIMEOUT_MS = 1000;

/**
 * Records all spans that a test makes, also those of other instrumentations.
 *
 * It registers a tracer provider, a context manager and propagators of the SDK (2.x or 3.x) that the project has installed. If a
 * provider is registered already, the recorder adds itself to that one.
 *
 * @example
 * const recorder = new SpanRecorder({ targets: ['./src/orders.js'] });
 * afterEach(() => recorder.reset());
 * after(() => recorder.shutdown());
 *
 * it('reads all orders', async () => {
 *   for await (const order of readOrders()) { ... }
 *   await expect(recorder).to.matchSpanSnapshot();
 * });
 */
export class SpanRecorder implements SpanSource {
  private readonly log: SpanLog;
  private readonly format: FormatOptions;
  private readonly baseDir: string | undefined;
  private readonly instrumentation: AsyncGeneratorInstrumentation | undefined;
  private undos: (() => void)[] = [];
  private isShutDown = false;

  /**
   * @throws TypeError if an option is malformed
   * @throws Error if OpenTelemetry's SDK is not installed, if this test runner hides a target from Node's hooks, or if a target
   *   is loaded already and nothing in it could be patched
   */
  constructor(options: SpanRecorderOptions = {}) {
    if (!isPlainObject(options as unknown)) throw invalid('options', options, 'an object');
    // By this name, messages call the options by their own names alone.
    checkOptions('config', options, OPTIONS);
    const { targets, baseDir, format = {}, order = 'calls', attach = false, resource } = options;
    if (attach && resource !== undefined) {
      throw invalid('resource', resource, 'no resource with `attach`: it is that of your provider');
    }
    this.format = format;
    this.baseDir = baseDir;
    // Without what environment variables and files say: a test traces what it names.
    const tracing = { targets: targets ?? [], presets: [], baseDir, enabled: true, ...creationHooks };
    const configuration = configure(tracing);
    checkHookable(configuration.resolved.targets, configuration.resolved.baseDir);
    this.log = new SpanLog(order === 'calls');
    try {
      if (order === 'calls') this.undos.push(CallOrder.retain());
      if (!attach) this.undos.push(recordSpans(this.log.processor, resource));
      if (targets !== undefined) {
        this.instrumentation = new AsyncGeneratorInstrumentation(configuration);
        this.register([this.instrumentation]);
        checkPatched(this.instrumentation.getPatchReport());
      }
      if (options.instrumentations !== undefined) this.register([...options.instrumentations]);
    } catch (error) {
      this.undo();
      throw error;
    }
  }

  private register(instrumentations: Instrumentation[]): void {
    this.undos.push(registerInstrumentations({ instrumentations, tracerProvider: trace.getTracerProvider() }));
  }

  /**
   * For your own provider: `new NodeSDK({ spanProcessors: [recorder.spanProcessor] })`. Use it only with `attach: true`: other
   * recorders are part of a provider already.
   */
  get spanProcessor(): RecorderSpanProcessor {
    return this.log.processor;
  }

  /** Spans that have ended, in the order in which they ended. */
  finished(): RecordedSpan[] {
    return [...this.log.finished];
  }

  /** Spans that have started and have not ended. */
  open(): RecordedSpan[] {
    return [...this.log.open];
  }

  /**
   * Waits until no span is open, and none has started in one more turn of the event loop.
   *
   * @param options `timeoutMs`: how long to wait, in milliseconds; by default 1000
   * @throws Error that names the spans that are still open, and where their runs were created
   */
  async settled({ timeoutMs = DEFAULT_TIMEOUT_MS }: { timeoutMs?: number } = {}): Promise<void> {
    if (typeof timeoutMs !== 'number' || !(timeoutMs >= 0)) {
      throw invalid('timeoutMs', timeoutMs, 'a number of milliseconds');
    }
    if (await this.settledWithin(timeoutMs)) return;
    const open = this.open();
    const what = `${open.length} ${open.length === 1 ? 'span is' : 'spans are'} still open after ${timeoutMs} ms`;
    throw new Error(`${what}:\n${listOpen(open)}`);
  }

  /** Like `settled`, but returns whether no span is open any more instead of throwing. */
  async settledWithin(timeoutMs: number): Promise<boolean> {
    const { log } = this;
    let timer: NodeJS.Timeout | undefined;
    let isOver = false;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        isOver = true;
        resolve();
      }, timeoutMs);
    });
    try {
      do {
        await Promise.race([log.whenNoneOpen(), timeout]);
        await new Promise((resolve) => setImmediate(resolve));
      } while (log.open.size > 0 && !isOver);
      return log.open.size === 0;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Forgets all spans, including open ones and those that start below them later. So a generator that one test leaves open
   * adds nothing to the next test.
   */
  reset(): void {
    this.log.reset();
    CallOrder.cut();
  }

  /**
   * Calls `fn` in a context of this recorder. Spans that start in `fn`, and in everything that it calls, are recorded by this
   * recorder only. Use it for tests that run at the same time. Spans that start outside any `run` are recorded by every recorder.
   *
   * @returns what `fn` returns
   * @example
   * await recorder.run(async () => { for await (const order of readOrders()) { ... } });
   */
  run<T>(fn: () => T): T {
    return this.log.run(fn);
  }

  /**
   * Traces the exports of a module that the test has imported, in place, until `shutdown`. Use it with Jest and Vitest, which
   * load modules where no hook sees them.
   *
   * @param namespace `import * as feed from './feed.js'`, or the result of `require` or `await import()`
   * @param selectors as in targets: `['stream', 'Client#items']`; by default all async generators
   * @param options `module`, the name of the module; and `spanName`, `spanKind`, `attributes`, `startOn` as in targets
   * @returns a function that removes the patch
   * @throws TypeError if an argument is malformed
   * @throws Error if a selector matches nothing, or an export cannot be replaced; then nothing is patched
   */
  patch(namespace: object, selectors: readonly string[] = ['*'], options: PatchNamespaceOptions = {}): () => void {
    if (this.isShutDown) throw new Error('recorder.patch: the recorder has been shut down');
    const baseDir = resolve(this.baseDir ?? '');
    const target = compileTargetInParts(selectors, options, baseDir);
    const config = { ...resolveConfig({ baseDir, ...creationHooks }), targets: [target] };
    const undo = patchNamespace(namespace, config, options.module);
    this.undos.push(undo);
    return () => {
      this.undos = this.undos.filter((each) => each !== undo);
      undo();
    };
  }

  /** What became of each target: see `AsyncGeneratorInstrumentation.getPatchReport`. */
  getPatchReport(): readonly TargetReport[] {
    return this.instrumentation?.getPatchReport() ?? [];
  }

  /**
   * Ends open runs as `interrupted`, removes patches, disables the instrumentations, and restores OpenTelemetry's globals.
   * The recorded spans can still be read.
   */
  shutdown(): void {
    if (this.isShutDown) return;
    this.isShutDown = true;
    this.undo();
  }

  private undo(): void {
    for (const undo of this.undos.splice(0).reverse()) undo();
    this.log.close();
  }

  /** The result of `formatSpans(recorder)`. */
  toString(): string {
    return formatSpans(this);
  }

  /** The result of `spansToJSON(recorder)`. */
  toJSON(): JsonSpan[][] {
    return spansToJSON(this);
  }

  [SPANS](): { spans: readonly RecordedSpan[]; options: FormatOptions } {
    return { spans: [...this.log.finished, ...this.log.open], options: this.format };
  }
}

/** A target that is loaded and could not be patched is a mistake in the test; one that is not loaded yet may still be patched. */
function checkPatched(report: readonly TargetReport[]): void {
  for (const { target, status, message, modules } of report) {
    const mayStillCome = modules.some(({ unread }) => unread.length > 0);
    if ((status === 'no-export-matched' && !mayStillCome) || status === 'not-patchable') {
      throw new Error(`target ${target}: ${message ?? status}`);
    }
  }
}
