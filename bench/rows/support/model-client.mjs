import { createRequire } from 'node:module';
import { loadTraced } from './ours.mjs';

const { definePreset } = createRequire(import.meta.url)('../../../build/src/index.js');

/** As OpenAI's client gives them. The program's items are numbers, so the reader takes the chunk in the place of one. */
const CHUNKS = Array.from({ length: 64 }, (_, place) =>
  JSON.parse(
    JSON.stringify({
      id: 'chatcmpl-1',
      model: 'gpt-4o',
      choices: [{ index: 0, delta: { content: `token ${place}` }, finish_reason: null }],
      usage: null,
    }),
  ),
);

const genAi = {
  request: () => ({
    operation: 'chat',
    provider: 'openai',
    model: 'gpt-4o',
    stream: true,
    baseUrl: 'https://api.openai.com/v1',
  }),
  chunk(item, response) {
    const { id, model, choices, usage } = CHUNKS[item & 63];
    response.id ??= id;
    response.model ??= model;
    if (usage) response.outputTokens = usage.completion_tokens;
    for (let place = 0; place < choices.length; place++) {
      const { delta, finish_reason: reason, index } = choices[place];
      if (delta.content) response.text(delta.content, index);
      if (reason) response.finished(reason, index);
    }
  },
};

/** @returns `{ program, instrumentation }` with the program's generators traced, and their items read as chunks of a model */
export function loadModelClient(copy) {
  const preset = definePreset({ name: 'model-client', targets: [{ module: copy.file, genAi }] });
  return loadTraced(copy, { targets: [], presets: [preset] });
}
