import { SpanKind } from '@opentelemetry/api';
import type { GenAiReader, GenAiResponse } from '../telemetry/gen-ai/reader';
import { inputOfMessages } from './chat-messages';
import { at, listAt, numberAt, sum, textAt, type OwnPreset } from './preset';

/** A run of an agent is one of several turns: each asks a model once. */
const agent: GenAiReader = {
  request({ args: [asked, , options], thisArg }) {
    const name = textAt(asked, 'name');
    const settings = at(asked, 'modelSettings');
    // An agent may also have a model that is an object, which says no name.
    const model = at(asked, 'model');
    return {
      operation: 'invoke_agent',
      provider: 'openai',
      spanKind: SpanKind.INTERNAL,
      subject: name,
      model:
        textAt(asked, 'model') ??
        (model === undefined || model === '' ? textAt(thisArg, 'config', 'model') : undefined),
      stream: at(options, 'stream') === true,
      maxTokens: at(settings, 'maxTokens'),
      temperature: at(settings, 'temperature'),
      topP: at(settings, 'topP'),
      frequencyPenalty: at(settings, 'frequencyPenalty'),
      presencePenalty: at(settings, 'presencePenalty'),
      previousResponseId: at(options, 'previousResponseId'),
      conversationId: at(options, 'conversationId'),
      attributes: name === undefined ? {} : { 'gen_ai.agent.name': name },
    };
  },
  chunk(event, response) {
    const type = at(event, 'type');
    if (type === 'raw_model_stream_event') readModelEvent(at(event, 'data'), response);
    else if (type === 'run_item_stream_event' && at(event, 'name') === 'tool_called') {
      const call = at(event, 'item', 'rawItem');
      response.toolCall({
        id: textAt(call, 'callId') ?? '',
        name: textAt(call, 'name') ?? '',
        arguments: at(call, 'arguments'),
      });
    }
  },
  result(result, response) {
    const state = at(result, 'state');
    addUsage(at(state, '_context', 'usage'), response);
    response.id = textAt(listAt(state, '_modelResponses').at(-1), 'responseId');
    // Getters of the result that say the same would work it out again.
    const output = textAt(state, '_currentStep', 'output');
    if (output !== undefined) response.text(output);
    response.finished('stop');
  },
  input({ args: [asked, input] }) {
    const instructions = textAt(asked, 'instructions');
    return {
      ...inputOfMessages({ messages: typeof input === 'string' ? [{ role: 'user', content: input }] : input }),
      systemInstructions: instructions === undefined ? [] : [instructions],
    };
  },
};

function readModelEvent(event: unknown, response: GenAiResponse): void {
  const type = at(event, 'type');
  if (type === 'output_text_delta') {
    const text = textAt(event, 'delta');
    if (text !== undefined) response.text(text);
  } else if (type === 'response_done') {
    const done = at(event, 'response');
    response.id = textAt(done, 'id') ?? response.id;
    addUsage(at(done, 'usage'), response);
    response.finished('stop');
  } else if (type === 'response_started') {
    // Of a turn that has not ended yet.
    response.finished('error');
  }
}

/** Of a turn to that of the turns before it. */
function addUsage(usage: unknown, response: GenAiResponse): void {
  response.inputTokens = sum(response.inputTokens, numberAt(usage, 'inputTokens'));
  response.outputTokens = sum(response.outputTokens, numberAt(usage, 'outputTokens'));
  for (const details of detailsAt(usage, 'inputTokensDetails'))
    response.cacheReadTokens = sum(response.cacheReadTokens, numberAt(details, 'cached_tokens'));
  for (const details of detailsAt(usage, 'outputTokensDetails'))
    response.reasoningTokens = sum(response.reasoningTokens, numberAt(details, 'reasoning_tokens'));
}

/** Those of one request, or a list with those of each request. */
function detailsAt(usage: unknown, key: string): readonly unknown[] {
  const details = at(usage, key);
  return Array.isArray(details) ? details : [details];
}

/**
 * `run()` of the package calls the method, too. What is read by way of another stream (`toTextStream()`) is not read from the result, whose run is
 * over then.
 */
export const openaiAgents: OwnPreset = {
  name: 'openai-agents',
  traces: 'runs of agents, streamed or whole',
  spans: 'openai-agents.run',
  targets: [
    {
      module: '@openai/agents-core',
      versions: '>=0.1.0',
      exports: ['Runner#run'],
      spanName: 'openai-agents.run',
      closeMembers: ['toTextStream', 'toStream'],
      abortSignal: ({ args: [, , options] }) => at(options, 'signal'),
      genAi: agent,
    },
  ],
  users: { modules: /^@openai\/agents$/, versions: '>=0.1.0' },
};
