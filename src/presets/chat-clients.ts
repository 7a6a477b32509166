/**
 * Clients that Stainless generates for providers whose chat completions are as OpenAI's.
 */
import type { GenAiReader } from '../telemetry/gen-ai/reader';
import type { PresetTarget } from '../targets/target';
import { chatCompletions } from './chat-completions';
import { textAt, toldError, type OwnPreset } from './preset';
import { helpersOf, stainless } from './stainless';

function chatClient(
  name: string,
  module: string,
  versions: string,
  client: string,
  more: Partial<PresetTarget> = {},
): OwnPreset {
  const spanName = `${name}.chat.completions.create`;
  return {
    name,
    traces: 'requests for chat completions, streamed or whole',
    spans: spanName,
    targets: [
      {
        ...stainless,
        module,
        versions,
        exports: [`${client}.Chat.Completions#create`],
        spanName,
        genAi: chatCompletions(() => name) as GenAiReader,
        ...more,
      },
    ],
  };
}

export const cerebras = chatClient('cerebras', '@cerebras/cerebras_cloud_sdk', '>=1.3.0', 'Cerebras');
export const groq = chatClient('groq', 'groq-sdk', '>=0.5.0', 'Groq', {
  /** Why the server has stopped the stream, which ends like any other. */
  errorOf(chunk) {
    const message = textAt(chunk, 'x_groq', 'error');
    return message === undefined ? undefined : toldError('error', message);
  },
});
const ofTogether = chatClient('together', 'together-ai', '>=0.6.0', 'Together');
export const together: OwnPreset = {
  ...ofTogether,
  targets: [...ofTogether.targets, ...helpersOf({ 'together-ai/lib/ChatCompletionStream': 'ChatCompletionStream' })],
};
