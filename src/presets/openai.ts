/**
 * The requests of OpenAI's client that may be answered by a stream. What `stream()` and `parse()` do comes by these.
 */
import type { PresetTarget } from './preset-target';
import { stainless } from './stainless';

const request = { module: 'openai', ...stainless };

export const openai: readonly PresetTarget[] = [
  {
    ...request,
    versions: '>=4.0.0',
    exports: ['OpenAI.Chat.Completions#create'],
    spanName: 'openai.chat.completions.create',
  },
  { ...request, versions: '>=4.87.0', exports: ['OpenAI.Responses#create'], spanName: 'openai.responses.create' },
  { ...request, versions: '>=4.0.0', exports: ['OpenAI.Completions#create'], spanName: 'openai.completions.create' },
];
