/**
 * What the clients that Stainless generates have in common: OpenAI's, Anthropic's, Groq's, Together's, Cerebras's. The requests that may be answered
 * by a stream are traced; the helpers of the clients (`stream()`, `parse()`, the runners of tools) send theirs by these.
 */
import { errorType } from '../telemetry/errors';
import type { PresetTarget } from '../targets/target';
import type { ErrorClassifier, GeneratorCall } from '../types';
import { at } from './preset';

/** What these clients throw where the caller's signal has aborted the request. Its name is `Error`, and it has no code. */
const USER_ABORT = 'APIUserAbortError';

export const classifyApiError: ErrorClassifier = (error) => (errorType(error) === USER_ABORT ? 'aborted' : undefined);

/**
 * The streams of these clients end their iteration without an error where the signal or `stream.controller.abort()` aborts them. All iterations come
 * from a function in `iterator`, which `tee()` calls, too.
 */
export const stainless = {
  classifyError: classifyApiError,
  closeMembers: ['controller.abort'],
  iteratorMember: 'iterator',
  abortSignal: ({ args }: GeneratorCall) => at(args[1], 'signal'),
};

/**
 * Targets for the helpers of a client (`stream()`, the runners of tools), each of which aborts its request by a controller of its own where the consumer leaves
 * it.
 *
 * @param helpers their classes, by files that export them
 */
export function helpersOf(helpers: Readonly<Record<string, string>>): PresetTarget[] {
  // With their extensions: the client imports its own files by relative paths.
  return Object.entries(helpers).flatMap(([file, name]) =>
    ['.js', '.mjs'].map((extension) => ({
      module: file + extension,
      exports: [`${name}#[Symbol.asyncIterator]`],
      leavingSignal: ({ thisArg }: GeneratorCall) => at(thisArg, 'controller', 'signal'),
    })),
  );
}

/** The client that a request goes through. Clients of before 2024 have it as `client`. */
export function clientOf({ thisArg }: GeneratorCall): unknown {
  return at(thisArg, '_client') ?? at(thisArg, 'client');
}
