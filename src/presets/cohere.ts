import type { GenAiInput, GenAiReader, GenAiRequest, GenAiResponse } from '../telemetry/gen-ai/reader';
import type { GeneratorCall } from '../types';
import { inputOfMessages } from './chat-messages';
import { at, listAt, numberAt, textAt, type OwnPreset } from './preset';

function requestOf({ args: [body], thisArg }: GeneratorCall): GenAiRequest {
  const options = at(thisArg, '_options');
  return {
    operation: 'chat',
    provider: 'cohere',
    model: textAt(body, 'model'),
    stream: true,
    baseUrl: textAt(options, 'baseUrl') ?? textAt(options, 'environment') ?? 'https://api.cohere.com',
    maxTokens: at(body, 'maxTokens'),
    temperature: at(body, 'temperature'),
    topP: at(body, 'p'),
    topK: at(body, 'k'),
    frequencyPenalty: at(body, 'frequencyPenalty'),
    presencePenalty: at(body, 'presencePenalty'),
    seed: at(body, 'seed'),
    stopSequences: at(body, 'stopSequences'),
    outputType: at(body, 'responseFormat', 'type') === 'json_object' ? 'json' : undefined,
    conversationId: at(body, 'conversationId'),
  };
}

/** By the conventions, what is billed counts, where the API says both. */
function readUsage(usage: unknown, response: GenAiResponse): void {
  response.inputTokens = numberAt(usage, 'billedUnits', 'inputTokens') ?? numberAt(usage, 'tokens', 'inputTokens');
  response.outputTokens = numberAt(usage, 'billedUnits', 'outputTokens') ?? numberAt(usage, 'tokens', 'outputTokens');
  response.cacheReadTokens = numberAt(usage, 'cachedTokens');
}

const v2: GenAiReader = {
  request: requestOf,
  chunk(event, response) {
    const delta = at(event, 'delta');
    const message = at(delta, 'message');
    switch (at(event, 'type')) {
      case 'message-start':
        response.id = textAt(event, 'id');
        break;
      case 'content-start':
      case 'content-delta': {
        const text = textAt(message, 'content', 'text');
        if (text !== undefined) response.text(text);
        const thinking = textAt(message, 'content', 'thinking');
        if (thinking !== undefined) response.reasoning(thinking);
        break;
      }
      case 'tool-plan-delta':
        response.reasoning(textAt(message, 'toolPlan') ?? '');
        break;
      case 'tool-call-start':
      case 'tool-call-delta':
        response.toolCall(callOf(event, at(message, 'toolCalls')));
        break;
      case 'message-end':
        response.finished(textAt(delta, 'finishReason') ?? 'error');
        readUsage(at(delta, 'usage'), response);
    }
  },
  input: ({ args: [body] }) => inputOfMessages(body),
};

function callOf(event: unknown, call: unknown): Parameters<GenAiResponse['toolCall']>[0] {
  const id = textAt(call, 'id');
  const name = textAt(call, 'function', 'name');
  return {
    index: numberAt(event, 'index') ?? 0,
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    arguments: at(call, 'function', 'arguments'),
  };
}

const v1: GenAiReader = {
  request: requestOf,
  chunk(event, response) {
    switch (at(event, 'eventType')) {
      case 'stream-start':
        response.id = textAt(event, 'generationId');
        break;
      case 'text-generation':
        response.text(textAt(event, 'text') ?? '');
        break;
      case 'tool-calls-generation':
        for (const call of listAt(event, 'toolCalls')) {
          response.toolCall({ name: textAt(call, 'name') ?? '', arguments: at(call, 'parameters') });
        }
        break;
      case 'stream-end':
        response.finished(textAt(event, 'finishReason') ?? 'error');
        readUsage(at(event, 'response', 'meta'), response);
    }
  },
  input: ({ args: [body] }) => inputOfV1(body),
};

function inputOfV1(body: unknown): GenAiInput {
  const preamble = textAt(body, 'preamble');
  const history = listAt(body, 'chatHistory').map((each) => ({
    role: ROLES[textAt(each, 'role') ?? ''] ?? 'user',
    content: at(each, 'message'),
  }));
  return {
    ...inputOfMessages({ messages: [...history, { role: 'user', content: at(body, 'message') }] }),
    systemInstructions: preamble === undefined ? [] : [preamble],
  };
}

const ROLES: Readonly<Record<string, string>> = { CHATBOT: 'assistant', SYSTEM: 'system', TOOL: 'tool' };

/** The client for version 2 of the API has its method bound as the client is made, so the class is patched where it is defined. */
const clientV2 = { module: 'cohere-ai/api/resources/v2/client/Client.js', spanName: 'cohere.v2.chatStream', genAi: v2 };

export const cohere: OwnPreset = {
  name: 'cohere',
  traces: 'the streams of chats, of both versions of the API',
  spans: 'cohere.chatStream, cohere.v2.chatStream',
  targets: [
    {
      module: 'cohere-ai',
      versions: '>=7.14.0',
      exports: ['CohereClient#chatStream'],
      spanName: 'cohere.chatStream',
      genAi: v1,
    },
    { ...clientV2, versions: '>=7.14.0 <7.21.0', exports: ['V2#chatStream'] },
    { ...clientV2, versions: '>=7.21.0', exports: ['V2Client#chatStream'] },
  ],
};
