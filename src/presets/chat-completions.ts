/**
 * Chat completions as OpenAI has them, which many providers and their clients have, too.
 */
import type { GenAiReader, GenAiRequest, GenAiResponse } from '../telemetry/gen-ai/reader';
import type { GeneratorCall } from '../types';
import { inputOfMessages } from './chat-messages';
import { at, textAt } from './preset';
import { clientOf } from './stainless';

/** A chunk, or a whole answer, as far as it is read. What a server sends may lack any of it. */
interface Completion {
  readonly id?: string;
  readonly model?: string;
  readonly choices?: readonly Choice[] | null;
  readonly usage?: Usage | null;
  readonly service_tier?: string | null;
  readonly system_fingerprint?: string | null;
  /** Groq's. */
  readonly x_groq?: { readonly id?: string; readonly usage?: Usage };
}
interface Choice {
  readonly index?: number;
  readonly delta?: Message;
  readonly message?: Message;
  /** Of completions that are no chats. */
  readonly text?: string;
  readonly finish_reason?: string | null;
  /** Moonshot's. */
  readonly usage?: Usage;
}
interface Message {
  readonly content?: string | null;
  readonly refusal?: string | null;
  /** DeepSeek's and others', and Groq's and Cerebras's. */
  readonly reasoning_content?: string | null;
  readonly reasoning?: string | null;
  readonly tool_calls?: readonly ToolCall[] | null;
  readonly audio?: unknown;
}
interface ToolCall {
  readonly index?: number;
  readonly id?: string;
  readonly function?: { readonly name?: string; readonly arguments?: string };
}
interface Usage {
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number } | null;
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number } | null;
  /** DeepSeek's. */
  readonly prompt_cache_hit_tokens?: number;
}

/** More choices or tool calls are not looked at: nothing long is iterated over for a chunk. */
const MOST = 128;

/** @param provider by the conventions, or how to tell it from a call */
export function chatCompletions(provider: (call: GeneratorCall) => string): GenAiReader<Completion> {
  return {
    request: (call) => ({
      ...commonRequest(call, 'chat', provider(call)),
      maxTokens: at(call.args[0], 'max_completion_tokens') ?? at(call.args[0], 'max_tokens'),
      reasoningLevel: at(call.args[0], 'reasoning_effort'),
      outputType: outputType(call.args[0]),
    }),
    chunk: readCompletion,
    result: (value, response) => {
      readCompletion(value as Completion, response);
    },
    input: ({ args: [body] }) => inputOfMessages(body),
  };
}

/** The older API, of text that is to be continued. */
export function textCompletions(provider: (call: GeneratorCall) => string): GenAiReader<Completion> {
  return {
    request: (call) => ({
      ...commonRequest(call, 'text_completion', provider(call)),
      maxTokens: at(call.args[0], 'max_tokens'),
    }),
    chunk: readCompletion,
    result: (value, response) => {
      readCompletion(value as Completion, response);
    },
    input({ args: [body] }) {
      const content = textAt(body, 'prompt');
      return { messages: content === undefined ? [] : [{ role: 'user', parts: [{ type: 'text', content }] }] };
    },
  };
}

function commonRequest(call: GeneratorCall, operation: string, provider: string): GenAiRequest {
  const body = call.args[0];
  const client = clientOf(call);
  return {
    operation,
    provider,
    model: textAt(body, 'model') ?? textAt(client, 'deploymentName'),
    stream: at(body, 'stream') === true,
    baseUrl: at(client, 'baseURL'),
    temperature: at(body, 'temperature'),
    topP: at(body, 'top_p'),
    topK: at(body, 'top_k'),
    frequencyPenalty: at(body, 'frequency_penalty'),
    presencePenalty: at(body, 'presence_penalty'),
    seed: at(body, 'seed'),
    stopSequences: at(body, 'stop'),
    choiceCount: at(body, 'n'),
  };
}

export function outputType(body: unknown): string | undefined {
  const format = textAt(body, 'response_format', 'type');
  if (format === undefined) return at(body, 'audio') === undefined ? undefined : 'speech';
  return format.startsWith('json') ? 'json' : format;
}

/** Of chunks it runs for each: constant properties, read once. */
function readCompletion(completion: Completion, response: GenAiResponse): void {
  response.id ??= completion.id;
  response.model ??= completion.model;
  const { choices, service_tier: tier, system_fingerprint: fingerprint, usage, x_groq: groq } = completion;
  if (tier) response.attribute('openai.response.service_tier', tier);
  if (fingerprint) response.attribute('openai.response.system_fingerprint', fingerprint);
  if (usage) readUsage(usage, response);
  else if (groq?.usage) readUsage(groq.usage, response);
  if (!choices) return;
  const count = Math.min(choices.length, MOST);
  for (let place = 0; place < count; place++) readChoice(choices[place] as Choice, response);
}

function readChoice(choice: Choice, response: GenAiResponse): void {
  const { index, text, finish_reason: reason, usage } = choice;
  const message = choice.delta ?? choice.message;
  if (message) readMessage(message, response, index);
  else if (text) response.text(text, index);
  if (reason) response.finished(reason, index);
  if (usage) readUsage(usage, response);
}

function readMessage(message: Message, response: GenAiResponse, index: number | undefined): void {
  const { content, tool_calls: calls } = message;
  const thought = message.reasoning_content ?? message.reasoning;
  if (thought) response.reasoning(thought, index);
  if (content) response.text(content, index);
  if (message.refusal) response.text(message.refusal, index);
  if (message.audio) response.content(index);
  if (!calls) return;
  const count = Math.min(calls.length, MOST);
  for (let place = 0; place < count; place++) {
    const call = calls[place] as ToolCall;
    response.toolCall({ index: call.index ?? place, ...identityOf(call), arguments: call.function?.arguments }, index);
  }
}

/** Only the first piece of a tool call has an id and a name. */
function identityOf({ id, function: called }: ToolCall): { id?: string; name?: string } {
  return { ...(id && { id }), ...(called?.name && { name: called.name }) };
}

function readUsage(usage: Usage, response: GenAiResponse): void {
  response.inputTokens = usage.prompt_tokens ?? response.inputTokens;
  response.outputTokens = usage.completion_tokens ?? response.outputTokens;
  response.cacheReadTokens =
    usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens ?? response.cacheReadTokens;
  response.reasoningTokens = usage.completion_tokens_details?.reasoning_tokens ?? response.reasoningTokens;
}
