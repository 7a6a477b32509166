/**
 * Finds what a recorder needs of OpenTelemetry's SDK, which the project installs: a tracer provider, a context manager and
 * propagators. Whichever package brings them, and of whichever line.
 */
import type { Attributes, Context, ContextManager, TextMapPropagator, TracerProvider } from '@opentelemetry/api';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { INSTALL_COMMAND, resolveFrom } from '../../base/installed';
import { OWN_FOLDER } from '../../own-files';
import type { RecorderSpanProcessor } from './span-log';

/** Both have the same provider; of 3.x there is only sdk-trace. */
const TRACE_SDKS = ['@opentelemetry/sdk-trace', '@opentelemetry/sdk-trace-base'];
/** Packages that bring them along, where the project has none of its own. */
const BRINGING = [
  '@opentelemetry/sdk-node',
  '@opentelemetry/sdk-trace-node',
  '@opentelemetry/auto-instrumentations-node',
];

/** The part of the SDK's `Sampler` that is used here. */
export interface Sampler {
  shouldSample(context: Context, traceId: string): { decision: number };
  toString(): string;
}

interface ProviderOptions {
  spanProcessors: RecorderSpanProcessor[];
  sampler: Sampler;
  resource?: unknown;
}

type ProviderClass = new (options: ProviderOptions) => TracerProvider;

/** What is used of the SDK's packages. */
interface Exports {
  /** Of sdk-trace. */
  TracerProvider?: ProviderClass;
  /** Of sdk-trace-base. */
  BasicTracerProvider?: ProviderClass;
  AsyncLocalStorageContextManager: new () => ContextManager;
  CompositePropagator: new (options: { propagators: TextMapPropagator[] }) => TextMapPropagator;
  W3CTraceContextPropagator: new () => TextMapPropagator;
  W3CBaggagePropagator: new () => TextMapPropagator;
  resourceFromAttributes(attributes: Attributes): unknown;
}

export interface TraceSdk {
  createProvider(options: ProviderOptions): TracerProvider;
  createContextManager(): ContextManager;
  /** As the SDK for Node has it by default. */
  createPropagator(): TextMapPropagator;
  createResource(attributes: Attributes): unknown;
}

/**
 * @param folders where to look: the project's, and then this package's own
 * @throws Error with the install command, if there is none
 */
export function loadTraceSdk(folders: readonly string[] = [process.cwd(), OWN_FOLDER]): TraceSdk {
  const sdk = find(TRACE_SDKS, folders);
  if (sdk === undefined) throw missing("a SpanRecorder needs OpenTelemetry's SDK, which is not installed");
  const { TracerProvider, BasicTracerProvider } = load(sdk);
  const Provider = TracerProvider ?? BasicTracerProvider;
  if (Provider === undefined) throw missing(`${sdk} has no tracer provider`);

  const loadPackage = (name: string): Exports => {
    const file = find([name], [...folders, path.dirname(sdk)]);
    if (file === undefined) throw missing(`a SpanRecorder needs ${name}, which is not installed`);
    return load(file);
  };
  return {
    createProvider: (options) => new Provider(options),
    createContextManager() {
      const { AsyncLocalStorageContextManager } = loadPackage('@opentelemetry/context-async-hooks');
      return new AsyncLocalStorageContextManager().enable();
    },
    createPropagator() {
      const { CompositePropagator, W3CTraceContextPropagator, W3CBaggagePropagator } =
        loadPackage('@opentelemetry/core');
      return new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] });
    },
    createResource: (attributes) => loadPackage('@opentelemetry/resources').resourceFromAttributes(attributes),
  };
}

function missing(what: string): Error {
  return new Error(`${what}; run: ${INSTALL_COMMAND.replace('install', 'install --save-dev')}`);
}

/** The first of `names` to be found from one of the folders, or from a package there that may bring it along. */
function find(names: readonly string[], folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    const bringing = BRINGING.flatMap((name) => resolveFrom(name, [folder]) ?? []).map((file) => path.dirname(file));
    for (const from of [folder, ...bringing]) {
      for (const name of names) {
        const found = resolveFrom(name, [from]);
        if (found !== undefined) return found;
      }
    }
  }
  return undefined;
}

function load(file: string): Exports {
  return createRequire(file)(file) as Exports;
}
