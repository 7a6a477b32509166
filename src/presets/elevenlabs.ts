import type { GenAiReader } from '../telemetry/gen-ai/reader';
import { at, textAt, type OwnPreset } from './preset';

/** The chunks are pieces of a sound. The conventions know no operation for speech: this one is for models of other kinds than text. */
const speech: GenAiReader = {
  isWithoutReason: true,
  request: ({ args: [, request], thisArg }) => ({
    operation: 'generate_content',
    provider: 'elevenlabs',
    model: textAt(request, 'modelId'),
    stream: true,
    baseUrl: textAt(thisArg, '_options', 'baseUrl') ?? 'https://api.elevenlabs.io',
    seed: at(request, 'seed'),
    outputType: 'speech',
  }),
  chunk(_chunk, response) {
    response.content();
  },
  input({ args: [, request] }) {
    const content = textAt(request, 'text');
    return { messages: content === undefined ? [] : [{ role: 'user', parts: [{ type: 'text', content }] }] };
  },
};

export const elevenlabs: OwnPreset = {
  name: 'elevenlabs',
  traces: 'streams of speech that are iterated over',
  spans: 'elevenlabs.textToSpeech.stream',
  targets: [
    {
      module: '@elevenlabs/elevenlabs-js/api/resources/textToSpeech/client/Client.js',
      // The class has another name in versions before.
      versions: '>=2.35.0',
      exports: ['TextToSpeechClient#stream'],
      spanName: 'elevenlabs.textToSpeech.stream',
      closeMembers: ['cancel'],
      abortSignal: ({ args }) => at(args[2], 'abortSignal'),
      genAi: speech,
    },
  ],
};
