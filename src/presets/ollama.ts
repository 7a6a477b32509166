import type { GenAiReader, GenAiRequest, GenAiResponse } from '../telemetry/gen-ai/reader';
import type { GeneratorCall } from '../types';
import { inputOfMessages } from './chat-messages';
import { at, listAt, numberAt, textAt, type OwnPreset } from './preset';

function requestOf({ args: [body], thisArg }: GeneratorCall, operation: string): GenAiRequest {
  const options = at(body, 'options');
  const format = at(body, 'format');
  return {
    operation,
    provider: 'ollama',
    model: textAt(body, 'model'),
    stream: at(body, 'stream') === true,
    baseUrl: at(thisArg, 'config', 'host'),
    maxTokens: at(options, 'num_predict'),
    temperature: at(options, 'temperature'),
    topP: at(options, 'top_p'),
    topK: at(options, 'top_k'),
    frequencyPenalty: at(options, 'frequency_penalty'),
    presencePenalty: at(options, 'presence_penalty'),
    seed: at(options, 'seed'),
    stopSequences: at(options, 'stop'),
    outputType: format === undefined || format === '' ? undefined : 'json',
    reasoningLevel: at(body, 'think'),
  };
}

/** Chunks, and whole answers, which have the same form. */
function read(chunk: unknown, response: GenAiResponse): void {
  response.model = textAt(chunk, 'model') ?? response.model;
  const message = at(chunk, 'message') ?? chunk;
  const thinking = textAt(message, 'thinking');
  if (thinking !== undefined) response.reasoning(thinking);
  const text = textAt(message, 'content') ?? textAt(message, 'response');
  if (text !== undefined) response.text(text);
  for (const call of listAt(message, 'tool_calls')) {
    response.toolCall({
      name: textAt(call, 'function', 'name') ?? '',
      arguments: at(call, 'function', 'arguments'),
    });
  }
  if (at(chunk, 'done') !== true) return;
  response.finished(textAt(chunk, 'done_reason') ?? 'stop');
  response.inputTokens = numberAt(chunk, 'prompt_eval_count');
  response.outputTokens = numberAt(chunk, 'eval_count');
}

const chat: GenAiReader = {
  request: (call) => requestOf(call, 'chat'),
  chunk: read,
  result: read,
  input: ({ args: [body] }) => inputOfMessages(body),
};

const generate: GenAiReader = {
  request: (call) => requestOf(call, 'text_completion'),
  chunk: read,
  result: read,
  input({ args: [body] }) {
    const system = textAt(body, 'system');
    return {
      messages: [{ role: 'user', parts: [{ type: 'text', content: textAt(body, 'prompt') ?? '' }] }],
      systemInstructions: system === undefined ? [] : [system],
    };
  },
};

/**
 * The `abort()` of a stream is none of the members that close it: the iteration goes on, to an AbortError, and so does the run.
 */
export const ollama: OwnPreset = {
  name: 'ollama',
  traces: 'chats and completions, streamed or whole',
  spans: 'ollama.chat',
  targets: [
    { module: 'ollama', versions: '>=0.5.0', exports: ['Ollama#chat'], spanName: 'ollama.chat', genAi: chat },
    {
      module: 'ollama',
      versions: '>=0.5.0',
      exports: ['Ollama#generate'],
      spanName: 'ollama.generate',
      genAi: generate,
    },
  ],
};
