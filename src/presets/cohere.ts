import type { GenAiInput, GenAiReader, GenAiRequest, GenAiResponse } from '../telemetry/gen-ai/reader';
import type { GeneratorCall } from '../types';
import { inputOfMessages } from './chat-messages';
import { at, listAt, numberAt, textAt, toldError, type OwnPreset } from './preset';

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

/** What is read of an event, any of which may be missing. */
interface V2Event {
  readonly type?: string;
  readonly id?: string;
  readonly index?: number;
  readonly delta?: {
    readonly message?: {
      readonly content?: { readonly text?: string; readonly thinking?: string };
      readonly toolPlan?: string;
      readonly toolCalls?: object;
    };
    readonly finishReason?: string;
    readonly usage?: object;
  };
}

const v2: GenAiReader<V2Event> = {
  request: requestOf,
  chunk({ type, id, delta, index }, response) {
    switch (type) {
      case 'message-start':
        response.id = id;
        break;
      case 'content-start':
      case 'content-delta': {
        const content = delta?.message?.content;
        if (content?.text) response.text(content.text);
        if (content?.thinking) response.reasoning(content.thinking);
        break;
      }
      case 'tool-plan-delta':
        if (delta?.message?.toolPlan) response.reasoning(delta.message.toolPlan);
        break;
      case 'tool-call-start':
      case 'tool-call-delta':
        response.toolCall({ index: index ?? 0, ...callOf(delta?.message?.toolCalls) });
        break;
      case 'message-end':
        response.finished(delta?.finishReason ?? 'error');
        readUsage(delta?.usage, response);
    }
  },
  input: ({ args: [body] }) => inputOfMessages(body),
};

function callOf(call: unknown): { id?: string; name?: string; arguments: unknown } {
  const id = textAt(call, 'id');
  const name = textAt(call, 'function', 'name');
  return {
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    arguments: at(call, 'function', 'arguments'),
  };
}

/** The same of version 1. */
interface V1Event {
  readonly eventType?: string;
  readonly generationId?: string;
  readonly text?: string;
  readonly finishReason?: string;
  readonly response?: object;
}

const v1: GenAiReader<V1Event> = {
  request: requestOf,
  chunk(event, response) {
    switch (event.eventType) {
      case 'stream-start':
        response.id = event.generationId;
        break;
      case 'text-generation':
        if (event.text) response.text(event.text);
        break;
      case 'tool-calls-generation':
        for (const call of listAt(event, 'toolCalls')) {
          response.toolCall({ name: textAt(call, 'name') ?? '', arguments: at(call, 'parameters') });
        }
        break;
      case 'stream-end':
        response.finished(event.finishReason ?? 'error');
        readUsage(at(event.response, 'meta'), response);
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

/** Reasons of an answer that failed, of both versions; others are limits and filters. */
const FAILURES: readonly unknown[] = ['ERROR', 'TIMEOUT'];

/** Of the last event. */
function errorOf(event: unknown): unknown {
  const { type, eventType } = Object(event) as V2Event & V1Event;
  if (type !== 'message-end' && eventType !== 'stream-end') return undefined;
  const end = at(event, 'delta') ?? event;
  const reason = at(end, 'finishReason');
  return FAILURES.includes(reason) ? toldError(reason as string, at(end, 'error')) : undefined;
}

const abortSignal = ({ args }: GeneratorCall) => at(args[1], 'abortSignal');

/** The client for version 2 of the API has its method bound as the client is made, so the class is patched where it is defined. */
const clientV2 = {
  module: 'cohere-ai/api/resources/v2/client/Client.js',
  spanName: 'cohere.v2.chatStream',
  abortSignal,
  errorOf,
  genAi: v2,
};

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
      abortSignal,
      errorOf,
      genAi: v1,
    },
    { ...clientV2, versions: '>=7.14.0 <7.21.0', exports: ['V2#chatStream'] },
    { ...clientV2, versions: '>=7.21.0', exports: ['V2Client#chatStream'] },
  ],
};
