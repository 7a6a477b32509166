import type { GenAiReader, GenAiRequest, GenAiResponse } from '../telemetry/gen-ai/reader';
import type { GeneratorCall } from '../types';
import { inputOfMessages } from './chat-messages';
import { at, textAt, type OwnPreset } from './preset';

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

/** A chunk, or a whole answer, which has the same form. Any of it may be missing. */
interface Answer extends Message {
  readonly model?: string;
  readonly message?: Message;
  readonly done?: boolean;
  readonly done_reason?: string;
  readonly prompt_eval_count?: number;
  readonly eval_count?: number;
}
interface Message {
  readonly content?: string;
  /** The text of a completion. */
  readonly response?: string;
  readonly thinking?: string;
  readonly tool_calls?: readonly object[];
}

/** More calls of tools are not looked at: nothing long is iterated over for a chunk. */
const MOST = 128;

function read(answer: Answer, response: GenAiResponse): void {
  if (answer.model) response.model = answer.model;
  const message: Message = answer.message ?? answer;
  if (message.thinking) response.reasoning(message.thinking);
  const text = message.content ?? message.response;
  if (text) response.text(text);
  if (message.tool_calls) readCalls(message.tool_calls, response);
  if (answer.done !== true) return;
  response.finished(answer.done_reason ?? 'stop');
  response.inputTokens = answer.prompt_eval_count;
  response.outputTokens = answer.eval_count;
}

function readCalls(calls: readonly object[], response: GenAiResponse): void {
  const count = Math.min(calls.length, MOST);
  for (let place = 0; place < count; place++) {
    const call = at(calls[place], 'function');
    response.toolCall({ name: textAt(call, 'name') ?? '', arguments: at(call, 'arguments') });
  }
}

const chat: GenAiReader<Answer> = {
  request: (call) => requestOf(call, 'chat'),
  chunk: read,
  result: (value, response) => {
    read(value as Answer, response);
  },
  input: ({ args: [body] }) => inputOfMessages(body),
};

const generate: GenAiReader<Answer> = {
  request: (call) => requestOf(call, 'text_completion'),
  chunk: read,
  result: (value, response) => {
    read(value as Answer, response);
  },
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
