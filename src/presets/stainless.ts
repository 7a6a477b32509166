/**
 * The clients that Stainless generates: OpenAI's and Anthropic's. The requests that may be answered by a stream are traced; the helpers of the
 * clients (`stream()`, `parse()`, the runners of tools) send theirs by these.
 */
import { errorType } from '../telemetry/errors';
import type { ErrorClassifier, GeneratorCall } from '../types';
import { at, type OwnPreset } from './preset';

/** What these clients throw where the caller's signal has aborted the request. Its name is `Error`, and it has no code. */
const USER_ABORT = 'APIUserAbortError';

export const classifyApiError: ErrorClassifier = (error) => (errorType(error) === USER_ABORT ? 'aborted' : undefined);

/** The streams of these clients end their iteration without an error where the signal or `stream.controller.abort()` aborts them. */
export const stainless = {
  classifyError: classifyApiError,
  closeMembers: ['controller.abort'],
  abortSignal: ({ args }: GeneratorCall) => at(args[1], 'signal'),
};

const anthropicRequest = { module: '@anthropic-ai/sdk', ...stainless };

/** From 0.134 on the client makes a span for each request itself, which ends with the stream. */
export const anthropic: OwnPreset = {
  name: 'anthropic',
  traces: 'requests for messages, streamed or whole',
  spans: 'anthropic.messages.create',
  targets: [
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
  ],
};

const openaiRequest = { module: 'openai', ...stainless };

export const openai: OwnPreset = {
  name: 'openai',
  traces: 'requests for chat completions, responses and completions, streamed or whole',
  spans: 'openai.chat.completions.create',
  targets: [
    {
      ...openaiRequest,
      versions: '>=4.0.0',
      exports: ['OpenAI.Chat.Completions#create'],
      spanName: 'openai.chat.completions.create',
    },
    {
      ...openaiRequest,
      versions: '>=4.87.0',
      exports: ['OpenAI.Responses#create'],
      spanName: 'openai.responses.create',
    },
    {
      ...openaiRequest,
      versions: '>=4.0.0',
      exports: ['OpenAI.Completions#create'],
      spanName: 'openai.completions.create',
    },
  ],
};
