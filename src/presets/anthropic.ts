/**
 * The requests of Anthropic's client that may be answered by a stream. What `stream()` and the tool runner do comes by these.
 * From 0.134 on the client makes a span for each of them itself, which ends with the stream.
 */
import type { PresetTarget } from './preset-target';
import { apiPromiseMembers, classifyApiError } from './stainless';

const request = {
  module: '@anthropic-ai/sdk',
  versions: '<0.134.0',
  thenableMembers: apiPromiseMembers,
  classifyError: classifyApiError,
};

export const anthropic: readonly PresetTarget[] = [
  { ...request, exports: ['Anthropic.Messages#create'], spanName: 'anthropic.messages.create' },
  { ...request, exports: ['Anthropic.Beta.Messages#create'], spanName: 'anthropic.beta.messages.create' },
];
