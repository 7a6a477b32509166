/**
 * The requests of Anthropic's client that may be answered by a stream. What `stream()` and the tool runner do comes by these.
 * From 0.134 on the client makes a span for each of them itself, which ends with the stream.
 */
import type { PresetTarget } from './preset-target';
import { stainless } from './stainless';

const request = { module: '@anthropic-ai/sdk', ...stainless };

export const anthropic: readonly PresetTarget[] = [
  {
    ...request,
    versions: '>=0.14.0 <0.134.0',
    exports: ['Anthropic.Messages#create'],
    spanName: 'anthropic.messages.create',
  },
  {
    ...request,
    versions: '>=0.29.0 <0.134.0',
    exports: ['Anthropic.Beta.Messages#create'],
    spanName: 'anthropic.beta.messages.create',
  },
];
