import { SpanKind } from '@opentelemetry/api';
import { OwnWeakMap } from '../base/intrinsics';
import type { GenAiReader, GenAiResponse } from '../telemetry/gen-ai/reader';
import { at, listAt, numberAt, sum, textAt, toldError, type OwnPreset } from './preset';

const agent: GenAiReader = {
  request({ args: [query] }) {
    const options = at(query, 'options');
    const name = textAt(options, 'agent');
    return {
      operation: 'invoke_agent',
      provider: 'anthropic',
      // The agent is a process of its own, but on this machine, and started by the call.
      spanKind: SpanKind.INTERNAL,
      subject: name,
      model: textAt(options, 'model'),
      stream: true,
      conversationId: at(options, 'resume'),
      attributes: name === undefined ? {} : { 'gen_ai.agent.name': name },
    };
  },
  chunk(message, response) {
    const type = at(message, 'type');
    if (type === 'assistant') readAnswer(message, response);
    else if (type === 'result') readResult(message, response);
    // Pieces of an answer, which comes as a whole, too.
    else if (type === 'stream_event' && at(message, 'event', 'type') === 'content_block_delta') response.content();
  },
  input({ args: [query] }) {
    const prompt = textAt(query, 'prompt');
    const system = textAt(query, 'options', 'systemPrompt');
    return {
      messages: prompt === undefined ? [] : [{ role: 'user', parts: [{ type: 'text', content: prompt }] }],
      systemInstructions: system === undefined ? [] : [system],
    };
  },
};

function readAnswer(answer: unknown, response: GenAiResponse): void {
  const message = at(answer, 'message');
  const id = textAt(message, 'id');
  // Several answers may be parts of one message of the model, which all have its usage.
  if (id !== response.id || id === undefined) addUsage(at(message, 'usage'), response);
  response.id = id;
  // That of an agent that this one has asked is no answer.
  if (textAt(answer, 'parent_tool_use_id') !== undefined) return;
  response.model = textAt(message, 'model') ?? response.model;
  for (const part of listAt(message, 'content')) {
    const type = at(part, 'type');
    if (type === 'text') response.text(textAt(part, 'text') ?? '');
    else if (type === 'thinking') response.reasoning(textAt(part, 'thinking') ?? '');
    else if (type === 'tool_use')
      response.toolCall({
        id: textAt(part, 'id') ?? '',
        name: textAt(part, 'name') ?? '',
        arguments: at(part, 'input'),
      });
  }
}

/** A turn that fails ends with a result like any other. With the subtype `success`, it is a request to the model that has failed. */
function errorOf(message: unknown): unknown {
  if (at(message, 'type') !== 'result') return undefined;
  const subtype = textAt(message, 'subtype') ?? 'success';
  if (subtype === 'success' && at(message, 'is_error') !== true) return undefined;
  if (textAt(message, 'terminal_reason')?.startsWith('aborted') === true) return toldError('AbortError', undefined);
  const errors = listAt(message, 'errors').filter((each) => typeof each === 'string');
  return toldError(
    subtype === 'success' ? 'api_error' : subtype,
    errors.length === 0 ? at(message, 'result') : errors.join('\n'),
  );
}

/** It has the usage of all messages of its turn. */
function readResult(result: unknown, response: GenAiResponse): void {
  response.finished(at(result, 'subtype') === 'success' && at(result, 'is_error') !== true ? 'stop' : 'error');
  const usage = at(result, 'usage');
  if (usage === undefined) return;
  Object.assign(response, usageOf(turns.get(response)));
  addUsage(usage, response);
  turns.set(response, usageOf(response));
}

type Usage = Pick<GenAiResponse, 'inputTokens' | 'outputTokens' | 'cacheReadTokens' | 'cacheWriteTokens'>;

/** The usage of the turns that have ended: a prompt may be a stream of several. */
const turns = new OwnWeakMap<GenAiResponse, Usage>();

const usageOf = (response: Usage | undefined): Usage => ({
  inputTokens: response?.inputTokens,
  outputTokens: response?.outputTokens,
  cacheReadTokens: response?.cacheReadTokens,
  cacheWriteTokens: response?.cacheWriteTokens,
});

/** Tokens of caches are reported apart. */
function addUsage(usage: unknown, response: GenAiResponse): void {
  const read = numberAt(usage, 'cache_read_input_tokens');
  const written = numberAt(usage, 'cache_creation_input_tokens');
  const input = numberAt(usage, 'input_tokens');
  response.inputTokens = sum(
    response.inputTokens,
    input === undefined ? undefined : input + (read ?? 0) + (written ?? 0),
  );
  response.outputTokens = sum(response.outputTokens, numberAt(usage, 'output_tokens'));
  response.cacheReadTokens = sum(response.cacheReadTokens, read);
  response.cacheWriteTokens = sum(response.cacheWriteTokens, written);
}

export const claudeAgentSdk: OwnPreset = {
  name: 'claude-agent-sdk',
  traces: 'queries of agents',
  spans: 'claude-agent-sdk.query',
  targets: [
    {
      module: '@anthropic-ai/claude-agent-sdk',
      versions: '>=0.3.142',
      exports: ['query'],
      spanName: 'claude-agent-sdk.query',
      closeMembers: ['close'],
      abortSignal: ({ args: [query] }) => at(query, 'options', 'abortController', 'signal'),
      errorOf,
      genAi: agent,
    },
  ],
};
