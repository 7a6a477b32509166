import type { Preset } from './presets/preset';
import type { Attributes, Span, SpanKind } from '@opentelemetry/api';
import type { InstrumentationConfig } from '@opentelemetry/instrumentation';

/**
 * How a run ended.
 *
 * - `completed`: the generator ran to its end.
 * - `failed`: a pull rejected, or the call threw.
 * - `returned`: the consumer stopped early (`break`, `return()`).
 * - `aborted`: a pull rejected with an AbortError, or with an error that `classifyError` or a preset calls an abort.
 * - `abandoned`: the generator was garbage-collected without having been closed.
 * - `interrupted`: the instrumentation or the process was shut down while the run was open.
 */
export type RunOutcome = 'completed' | 'failed' | 'returned' | 'aborted' | 'abandoned' | 'interrupted';

/** The call that returned the generator, as hooks see it. */
export interface GeneratorCall<Args extends readonly unknown[] = readonly unknown[]> {
  /** The module as the target names it, for example `@aws-sdk/client-s3`. Undefined for the manual API. */
  readonly moduleName: string | undefined;
  /** Version of the module's package. Undefined if it has none. */
  readonly moduleVersion: string | undefined;
  /** Path of the export, for example `paginateListObjectsV2` or `Client.stream`. */
  readonly exportPath: string;
  /** `this` of the call. */
  readonly thisArg: unknown;
  /** Arguments of the call. They are recorded only if one of your hooks does so, or a preset reads them for `gen_ai.*`. */
  readonly args: Args;
  /**
   * Arguments of the factory (`createPaginator()`) that returned the function. Undefined if the factory has returned
   * the same function more than once. For a stream in a property of a factory's result (`streamText().textStream`), `args` are the same.
   */
  readonly factoryArgs?: readonly unknown[];
}

/** The figures of a run that has ended. */
export interface RunSummary {
  readonly outcome: RunOutcome;
  /** Number of items yielded. */
  readonly itemCount: number;
  /** Seconds from start to end. An abandoned run ends at its last activity. */
  readonly duration: number;
  /** Seconds from the start to the first item. Undefined without an item, or with `timing: false`. */
  readonly timeToFirstItem: number | undefined;
  /** Seconds with at least one pull pending. Undefined with `timing: false`. */
  readonly producerTime: number | undefined;
  /** Seconds with no pull pending. Undefined with `timing: false`. */
  readonly consumerTime: number | undefined;
  /** The error with which the run failed or was aborted. Otherwise undefined. */
  readonly error: unknown;
}

/**
 * Hooks into a run. They cannot change the stream. The values that they return are ignored (except those of `shouldTrace` and
 * `classifyError`), and an exception or rejection of a hook is reported once through `diag`.
 *
 * If the traced function is known, as in `traceAsyncGenerator`, the types of its items and arguments are known, too.
 */
export interface RunHooks<Item = unknown, Args extends readonly unknown[] = readonly unknown[]> {
  /**
   * Called when the span has started, before the body runs.
   *
   * @example
   * onStart(span, { args: [, input] }) {
   *   span.setAttribute('app.bucket', (input as { Bucket: string }).Bucket);
   * }
   */
  onStart?: (span: Span, call: GeneratorCall<Args>) => void;
  /**
   * Called for every item, before the consumer sees it. `index` counts from 0. It must not change the item.
   *
   * @example
   * onItem(span, item, index) {
   *   if (index === 0) span.addEvent('first item', { 'app.size': (item as { size: number }).size });
   * }
   */
  onItem?: (span: Span, item: Item, index: number) => void;
  /**
   * Called when the run has ended, just before its span ends.
   *
   * @example
   * onEnd(span, { outcome, itemCount }) {
   *   span.setAttribute('app.empty', outcome === 'completed' && itemCount === 0);
   * }
   */
  onEnd?: (span: Span, summary: RunSummary) => void;
  /**
   * Return `false` to let a call through untraced.
   * @default every call is traced
   * @example
   * shouldTrace: ({ args: [path] }) => path !== '/health'
   */
  shouldTrace?: (call: GeneratorCall<Args>) => boolean;
  /**
   * Decides whether an error ends the run as `failed` or `aborted`. `undefined` selects the default: `aborted` for
   * an error whose name is `AbortError` or whose code is `ABORT_ERR`, and for one that a preset, or this hook in an inner run, has
   * classified as aborted; otherwise `failed`.
   *
   * @example
   * classifyError: (error) => (error instanceof Error && error.name === 'Cancelled' ? 'aborted' : undefined)
   */
  classifyError?: (error: unknown) => 'failed' | 'aborted' | undefined;
}

/** Options that a whole instrumentation and a single traced function have in common. */
export interface RunOptions<Item = unknown, Args extends readonly unknown[] = readonly unknown[]> extends RunHooks<
  Item,
  Args
> {
  /**
   * Measure the time to the first item, producer time and consumer time.
   * @default true
   */
  timing?: boolean;
  /**
   * Where the body's context comes from: from each `pull` (so baggage and everything else are as in the untraced
   * program), or from the `creation` of the generator, as in TC39 AsyncContext.
   * @default 'pull'
   */
  contextFrom?: OneOf<'pull' | 'creation'>;
  /**
   * Observing a pull marks its promise as handled, so a rejected pull that is not awaited raises no
   * `unhandledRejection`. `true` keeps that event and complete async stack traces. This costs one microtask tick per pull.
   * @default false
   */
  preserveUnhandledRejections?: boolean;
  /**
   * Trace a call only if a span is active. The same applies to a second iteration of the returned object.
   * @default false
   */
  requireParentSpan?: boolean;
}

/** How an error ends a run, where it is decided. */
export type ErrorClassifier = NonNullable<RunHooks['classifyError']>;

/** `RunOptions` with every default filled in. */
export interface ResolvedRunOptions extends RunHooks {
  readonly timing: boolean;
  readonly contextFrom: 'pull' | 'creation';
  readonly preserveUnhandledRejections: boolean;
  readonly requireParentSpan: boolean;
}

/**
 * One of some words. TypeScript accepts any string, so that it accepts `const options = { startOn: 'call' }`, whose type is wider; other words
 * are a TypeError when the options are checked.
 */
type OneOf<Words extends string> = Words | (string & Record<never, never>);

/** Name, kind, attributes and start of the spans of a traced function. */
export interface SpanOptions<Args extends readonly unknown[] = readonly unknown[]> {
  /**
   * Name of the span: a string, or a function of the call.
   * @default the path of the export, or of the definition in its file, for example `Client.stream`; of a default export, the function's name or the module's. In the
   * manual API the function's name, or `Class.method`
   */
  spanName?: string | ((call: GeneratorCall<Args>) => string);
  /** @default SpanKind.INTERNAL */
  spanKind?: SpanKind;
  /** Attributes set at the start of every span. */
  attributes?: Attributes;
  /**
   * When the run of an async-generator function starts: at its first pull, when its body starts to run, or at the call.
   * Other functions always start at the call, because their work does.
   * For a stream in a property (`send().stream`), if it is the only selected property of the call, `call` makes the call a part of the run: the spans of the call
   * are children of the run, and the run fails if the call fails, and ends if the result has no stream.
   * @default 'pull'
   */
  startOn?: OneOf<'pull' | 'call'>;
}

/**
 * A module and what to trace in it.
 *
 * @example
 * { module: '@aws-sdk/client-s3', exports: ['paginate*'], versions: '^3.0.0' }
 */
export interface TargetConfig extends SpanOptions {
  /**
   * A package, a sub-path or a file of a package, a core module, or your own files by path or glob (`./src/**\/*.js`).
   * Relative paths start at `baseDir`.
   */
  module: string;
  /** Versions to trace, as a semver range. A pre-release matches if its release does. Only for packages. */
  versions?: string;
  /**
   * Selectors of definitions in the files (`**`, `outer/inner`, and for own files any name), or of exports.
   * @default ['**'] for own files: every async generator defined in them; else ['*']
   */
  exports?: readonly string[];
  /** Selectors of definitions and exports to leave alone. */
  exclude?: readonly string[];
  /** Return `false` to let a call through untraced. Asked after the `shouldTrace` of the whole instrumentation. */
  shouldTrace?: (call: GeneratorCall) => boolean;
  /**
   * For functions that return promises or thenables: methods of these, other than `then`, `catch` and
   * `finally`, that give the program the result. They replace the methods that are known for generated clients: `withResponse`, `asResponse` and
   * `_thenUnwrap` (Stainless), `withRawResponse` (Fern).
   *
   * @example
   * [{ name: 'withResponse', property: 'data' }, { name: 'asResponse' }]
   */
  thenableMembers?: readonly ThenableMember[];
}

/**
 * A method of a promise or thenable, other than `then`, `catch` and `finally`, that gives the program the result: `withResponse` in
 * OpenAI's `create().withResponse()`.
 */
export interface ThenableMember {
  /** Name of the method, which returns a promise or another thenable. */
  readonly name: string;
  /**
   * The property that holds the result in the value of the method's promise.
   * @default the value is the result
   */
  readonly property?: string;
}

/** A named list of targets that comes with this package, see `AsyncGeneratorInstrumentationConfig.presets`. */
export type PresetName =
  | 'anthropic'
  | 'aws-sdk'
  | 'azure'
  | 'bedrock'
  | 'cerebras'
  | 'claude-agent-sdk'
  | 'cohere'
  | 'connect'
  | 'elevenlabs'
  | 'google-cloud'
  | 'google-genai'
  | 'got'
  | 'graphql'
  | 'groq'
  | 'huggingface'
  | 'kafka'
  | 'langchain'
  | 'mcp'
  | 'mistral'
  | 'mongodb'
  | 'node'
  | 'notion'
  | 'octokit'
  | 'ollama'
  | 'openai'
  | 'openai-agents'
  | 'pg'
  | 'postgres'
  | 'redis'
  | 'slack'
  | 'stripe'
  | 'together'
  | 'trpc'
  | 'vercel-ai';

/**
 * Configuration of `AsyncGeneratorInstrumentation`. Every field is optional. Fields that are left out are taken from environment
 * variables (`OTEL_INSTRUMENTATION_ASYNC_GENERATOR_*`), then from the configuration file, then from the default.
 */
export interface AsyncGeneratorInstrumentationConfig extends InstrumentationConfig, RunOptions {
  /**
   * What to trace: target objects, shorthands (`'@aws-sdk/client-s3[paginate*]'`), or one string with shorthands
   * separated by `;`.
   * @default []
   */
  targets?: string | readonly (string | TargetConfig)[];
  /**
   * Lists of targets for popular packages, in addition to `targets`. If both take the same function, `targets` win. There is no
   * warning for a module of a preset that the program never loads.
   *
   * - A name, such as `openai`: doc/presets.md says what each one traces.
   * - `'auto'`: the presets of installed packages, looked up in `node_modules` from `baseDir` and the entry file. Without `node`.
   * - `'all'`: all of them.
   *
   * An array of these, or one string with them separated by `,`.
   *
   * @default []
   * @example
   * { presets: ['aws-sdk'], targets: ['./src/**\/*.js'] }
   */
  presets?: string | readonly (OneOf<PresetName | 'all' | 'auto'> | Preset)[];
  /**
   * Read requests and chunks of model clients for `gen_ai.*` attributes and metrics. Only for presets of model clients.
   * @default true
   */
  genAi?: boolean;
  /**
   * Directory where relative paths in targets start. A relative `baseDir` starts at the working directory.
   * @default process.cwd()
   */
  baseDir?: string;
}

/**
 * Options of `traceAsyncGenerator` and `@traced`. All of them are optional.
 *
 * @example
 * const options: TraceOptions<Order> = { spanName: 'read orders', onItem: (span, order) => span.addEvent(order.id) };
 */
export interface TraceOptions<Item = unknown, Args extends readonly unknown[] = readonly unknown[]>
  extends RunOptions<Item, Args>, SpanOptions<Args> {}

/** Type of the items of the async iterable that a function returns, itself or as a promise. */
export type ItemOf<Result> = Awaited<Result> extends AsyncIterable<infer Item> ? Item : unknown;

/** What became of a target. */
export type TargetStatus =
  | 'patched'
  | 'not-loaded'
  | 'loaded-before'
  | 'no-export-matched'
  /** The same for definitions in files. */
  | 'no-definition-matched'
  | 'not-patchable';

/** How an export was patched. */
export type PatchMethod =
  /** The property was replaced in place. */
  | 'property'
  /** The getter was replaced by one that forwards to it. */
  | 'getter'
  /** The whole exports object was replaced by one that forwards to it. */
  | 'exports'
  /** The binding of an ES module was replaced. */
  | 'binding'
  /** The function is wrapped whenever the factory makes it. */
  | 'factory';

/** One patched export. */
export interface PatchedExport {
  /** Path of the export, for example `Client.stream`. */
  readonly path: string;
  readonly method: PatchMethod;
}

/** A function in a file whose definitions a target selects. */
export interface DefinitionReport {
  /** Definition path, for example `Client#stream` or `outer/inner`. */
  readonly path: string;
  /** Place of the definition, counted from 1. */
  readonly line: number;
  readonly column: number;
  readonly isTraced: boolean;
  /** Why it is not traced. */
  readonly reason?: string;
}

/** One loaded module that a target matched. */
export interface ModuleReport {
  /** Absolute path, or the name of a core module. */
  readonly file: string;
  readonly version: string | undefined;
  readonly format: 'commonjs' | 'module' | 'builtin';
  readonly exports: readonly PatchedExport[];
  /** The async generators defined in the file, and other functions that the target selects. Only if the target selects definitions. */
  readonly definitions?: readonly DefinitionReport[];
  /** Exports behind getters that a wildcard may select. They are examined only when the program reads them. */
  readonly unread: readonly string[];
}

/** What became of one target, see `AsyncGeneratorInstrumentation.getPatchReport`. */
export interface TargetReport {
  /** The target in shorthand form. */
  readonly target: string;
  /** The preset that the target comes from, if it does. */
  readonly preset?: string;
  readonly status: TargetStatus;
  /** The loaded modules that the target matched. */
  readonly modules: readonly ModuleReport[];
  /** What is wrong and what to do. Undefined if nothing is wrong. */
  readonly message: string | undefined;
}
