import type { GenAiInput, GenAiMessage, GenAiPart, GenAiReader, GenAiResponse } from '../telemetry/gen-ai/reader';
import { at, listAt, textAt, type OwnPreset } from './preset';
import { clientOf, helpersOf, stainless } from './stainless';

interface Usage {
  readonly input_tokens?: number | null;
  readonly output_tokens?: number | null;
  readonly cache_read_input_tokens?: number | null;
  readonly cache_creation_input_tokens?: number | null;
}
interface Message {
  readonly id?: string;
  readonly model?: string;
  readonly stop_reason?: string | null;
  readonly usage?: Usage;
}
interface Event {
  readonly type?: string;
  readonly index?: number;
  readonly message?: Message;
  readonly content_block?: { readonly type?: string; readonly id?: string; readonly name?: string };
  readonly delta?: {
    readonly type?: string;
    readonly text?: string;
    readonly thinking?: string;
    readonly partial_json?: string;
    readonly stop_reason?: string | null;
  };
  readonly usage?: Usage;
}

const reader: GenAiReader<Event> = {
  request(call) {
    const body = call.args[0];
    const client = clientOf(call);
    // From 0.134 on the client makes a span for each request itself, unless it is told not to.
    if (at(client, 'openTelemetry', 'traces', 'enabled') === true) return undefined;
    return {
      operation: 'chat',
      provider: 'anthropic',
      model: textAt(body, 'model'),
      stream: at(body, 'stream') === true,
      baseUrl: at(client, 'baseURL'),
      maxTokens: at(body, 'max_tokens'),
      temperature: at(body, 'temperature'),
      topP: at(body, 'top_p'),
      topK: at(body, 'top_k'),
      stopSequences: at(body, 'stop_sequences'),
      reasoningLevel: at(body, 'output_config', 'effort'),
      outputType: at(body, 'output_config', 'format') === undefined ? undefined : 'json',
    };
  },
  chunk: readEvent,
  result(value, response) {
    readMessage(value as Message, response);
    for (const block of listAt(value, 'content')) readBlock(block, response);
  },
  input({ args: [body] }): GenAiInput {
    const system = at(body, 'system');
    return {
      systemInstructions:
        typeof system === 'string' ? [system] : listAt(system).map((each) => textAt(each, 'text') ?? ''),
      messages: listAt(body, 'messages').map(messageOf),
    };
  },
};

function readEvent(event: Event, response: GenAiResponse): void {
  const { content_block: block, delta, index = 0 } = event;
  switch (event.type) {
    case 'message_start':
      if (event.message) readMessage(event.message, response);
      return;
    case 'content_block_start':
      // Of a tool call, a server's too.
      if (block?.name) response.toolCall({ index, ...(block.id && { id: block.id }), name: block.name });
      return;
    case 'content_block_delta':
      if (delta?.text) response.text(delta.text);
      else if (delta?.thinking) response.reasoning(delta.thinking);
      else if (delta?.partial_json !== undefined) response.toolCall({ index, arguments: delta.partial_json });
      return;
    case 'message_delta':
      if (delta?.stop_reason) response.finished(delta.stop_reason);
      if (event.usage) readUsage(event.usage, response);
  }
}

function readMessage({ id, model, stop_reason: reason, usage }: Message, response: GenAiResponse): void {
  response.id = id;
  response.model = model;
  if (reason) response.finished(reason);
  if (usage) readUsage(usage, response);
}

/** Totals: those at the end of a stream replace those at its begin. The API counts the tokens of caches apart. */
function readUsage(usage: Usage, response: GenAiResponse): void {
  response.cacheReadTokens = usage.cache_read_input_tokens ?? response.cacheReadTokens;
  response.cacheWriteTokens = usage.cache_creation_input_tokens ?? response.cacheWriteTokens;
  if (typeof usage.input_tokens === 'number') {
    response.inputTokens = usage.input_tokens + (response.cacheReadTokens ?? 0) + (response.cacheWriteTokens ?? 0);
  }
  response.outputTokens = usage.output_tokens ?? response.outputTokens;
}

/** A block of a whole answer. */
function readBlock(block: unknown, response: GenAiResponse): void {
  const text = textAt(block, 'text');
  if (text !== undefined) response.text(text);
  const thinking = textAt(block, 'thinking');
  if (thinking !== undefined) response.reasoning(thinking);
  const name = textAt(block, 'name');
  if (name === undefined) return;
  const id = textAt(block, 'id');
  response.toolCall({ ...(id && { id }), name, arguments: at(block, 'input') });
}

function messageOf(message: unknown): GenAiMessage {
  const content = at(message, 'content');
  const parts: GenAiPart[] =
    typeof content === 'string' ? [{ type: 'text', content }] : listAt(content).flatMap((block) => partsOf(block));
  return { role: textAt(message, 'role') ?? 'user', parts };
}

function partsOf(block: unknown): GenAiPart[] {
  const text = textAt(block, 'text');
  if (text !== undefined) return [{ type: 'text', content: text }];
  const thinking = textAt(block, 'thinking');
  if (thinking !== undefined) return [{ type: 'reasoning', content: thinking }];
  const name = textAt(block, 'name');
  const id = textAt(block, 'id');
  if (name !== undefined) return [{ type: 'tool_call', ...(id && { id }), name, arguments: at(block, 'input') }];
  const answered = textAt(block, 'tool_use_id');
  return answered === undefined ? [] : [{ type: 'tool_call_response', id: answered, response: at(block, 'content') }];
}

const target = { module: '@anthropic-ai/sdk', ...stainless, genAi: reader as GenAiReader };

export const anthropic: OwnPreset = {
  name: 'anthropic',
  traces: 'requests for messages, streamed or whole',
  spans: 'anthropic.messages.create',
  targets: [
    {
      ...target,
      versions: '>=0.14.0',
      exports: ['Anthropic.Messages#create'],
      spanName: 'anthropic.messages.create',
    },
    {
      ...target,
      versions: '>=0.29.0',
      exports: ['Anthropic.Beta.Messages#create'],
      spanName: 'anthropic.beta.messages.create',
    },
    ...helpersOf({
      '@anthropic-ai/sdk/lib/MessageStream': 'MessageStream',
      '@anthropic-ai/sdk/lib/BetaMessageStream': 'BetaMessageStream',
    }),
  ],
};
