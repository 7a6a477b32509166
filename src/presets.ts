/**
 * Presets: named lists of targets for packages that many programs use. How to add one is in CONTRIBUTING.md.
 */
import { classNameOf, isObjectLike } from './base/intrinsics';
import type { PresetTarget } from './targets/target';
import { errorType } from './telemetry/errors';
import type { ErrorClassifier, GeneratorCall, PresetName } from './types';

/**
 * What the clients throw that Stainless generates (OpenAI's, Anthropic's), where the caller's signal has aborted the request. Its name is
 * `Error`, and it has no code.
 */
const USER_ABORT = 'APIUserAbortError';

export const classifyApiError: ErrorClassifier = (error) => (errorType(error) === USER_ABORT ? 'aborted' : undefined);

/** The streams of these clients end their iteration without an error where `stream.controller.abort()` closes them. */
const stainless = { classifyError: classifyApiError, closeMembers: ['controller.abort'] };

const anthropicRequest = { module: '@anthropic-ai/sdk', ...stainless };

/**
 * The requests that may be answered by a stream; `stream()` and the tool runner send theirs by these.
 * From 0.134 on the client makes a span for each of them itself, which ends with the stream.
 */
export const anthropic: readonly PresetTarget[] = [
  {
    ...anthropicRequest,
    versions: '>=0.14.0 <0.134.0',
    exports: ['Anthropic.Messages#create'],
    spanName: 'anthropic.messages.create',
  },
  {
    ...anthropicRequest,
    versions: '>=0.29.0 <0.134.0',
    exports: ['Anthropic.Beta.Messages#create'],
    spanName: 'anthropic.beta.messages.create',
  },
];

/**
 * The paginators (`paginateListObjectsV2` and others). Clients since 3.478 (December 2023) make all of them with this one function;
 * those of older clients need a target of their own (`@aws-sdk/client-s3[paginate*]`).
 */
export const awsSdk: readonly PresetTarget[] = [
  { module: '@smithy/core', exports: ['createPaginator()'], spanName: nameOfOperation },
];

/** `S3.ListObjectsV2` for what `createPaginator(S3Client, ListObjectsV2Command, ...)` has made. */
function nameOfOperation({ exportPath, factoryArgs = [] }: GeneratorCall): string {
  const service = nameWithout('Client', factoryArgs[0]);
  const operation = nameWithout('Command', factoryArgs[1]);
  return service === undefined || operation === undefined ? exportPath : `${service}.${operation}`;
}

/** The name of a class, without what the names of all such classes end in. */
function nameWithout(suffix: string, constructor: unknown): string | undefined {
  if (typeof constructor !== 'function' || constructor.name === '') return undefined;
  return constructor.name.endsWith(suffix) ? constructor.name.slice(0, -suffix.length) : constructor.name;
}

/** The streams of models, and with them those of chats. Each client's constructor makes the method. */
const googleGenai: readonly PresetTarget[] = [
  {
    module: '@google/genai',
    exports: ['new GoogleGenAI().models.generateContentStream'],
    spanName: 'google-genai.models.generateContentStream',
  },
];

/**
 * These make a stream themselves; all other runnables (chains, models, parsers) inherit that of Runnable. RunnableBinding and RouterRunnable
 * return the stream of another one, which is traced.
 */
const RUNNABLES = ['Runnable', 'RunnableLambda', 'RunnableMap', 'RunnableAssign', 'RunnablePick'];

export const langchain: readonly PresetTarget[] = [
  {
    module: '@langchain/core/runnables',
    exports: RUNNABLES.map((name) => `${name}#stream`),
    closeMembers: ['cancel'],
    spanName: nameOfRunnable,
    shouldTrace: ({ thisArg }) => !isGraph(thisArg),
  },
  {
    module: '@langchain/langgraph',
    versions: '>=0.2.0',
    exports: ['CompiledStateGraph#stream'],
    closeMembers: ['cancel'],
    spanName: nameOfRunnable,
  },
];

/**
 * A graph of LangGraph has a `stream` of its own, which reads that of Runnable with a reader. A run of Runnable's would get no
 * span, and be the parent of what the nodes do.
 */
function isGraph(runnable: unknown): boolean {
  for (let at = runnable; isObjectLike(at); at = Object.getPrototypeOf(at) as unknown) {
    if (classNameOf(at) === 'Pregel') return true;
  }
  return false;
}

/** `RunnableSequence.stream`: the class of the runnable says more than the class that it inherits `stream` from. */
function nameOfRunnable({ exportPath, thisArg }: GeneratorCall): string {
  const name = isObjectLike(thisArg) ? classNameOf(thisArg) : undefined;
  return typeof name === 'string' && name !== '' ? `${name}.stream` : exportPath;
}

/** Node's own functions that return an async generator, or what is iterated like one. `for await` over a `readline` interface uses `events.on`. */
const node: readonly PresetTarget[] = [
  { module: 'timers/promises', exports: ['setInterval'], spanName: 'timers/promises.setInterval' },
  { module: 'events', exports: ['on'], spanName: 'events.on' },
  { module: 'fs/promises', exports: ['watch'], spanName: 'fs/promises.watch' },
];

const openaiRequest = { module: 'openai', ...stainless };

/** The requests that may be answered by a stream; `stream()` and `parse()` send theirs by these. */
const openai: readonly PresetTarget[] = [
  {
    ...openaiRequest,
    versions: '>=4.0.0',
    exports: ['OpenAI.Chat.Completions#create'],
    spanName: 'openai.chat.completions.create',
  },
  { ...openaiRequest, versions: '>=4.87.0', exports: ['OpenAI.Responses#create'], spanName: 'openai.responses.create' },
  {
    ...openaiRequest,
    versions: '>=4.0.0',
    exports: ['OpenAI.Completions#create'],
    spanName: 'openai.completions.create',
  },
];

export const PRESETS: Readonly<Record<PresetName, readonly PresetTarget[]>> = {
  anthropic,
  'aws-sdk': awsSdk,
  'google-genai': googleGenai,
  langchain,
  node,
  openai,
};

export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];
