/**
 * OpenAI's responses, streamed as events or whole.
 */
import type { GenAiInput, GenAiMessage, GenAiPart, GenAiReader, GenAiResponse } from '../telemetry/gen-ai/reader';
import type { GeneratorCall } from '../types';
import { at, listAt, textAt, toldError } from './preset';
import { clientOf } from './stainless';

interface Event {
  readonly type?: string;
  readonly delta?: unknown;
  readonly output_index?: number;
  /** Of an event that is an error. */
  readonly code?: string | null;
  readonly message?: string;
  readonly item?: { readonly type?: string; readonly call_id?: string; readonly name?: string };
  readonly response?: Response;
}
interface Response {
  readonly id?: string;
  readonly model?: string;
  readonly status?: string;
  readonly incomplete_details?: { readonly reason?: string } | null;
  readonly service_tier?: string | null;
  readonly error?: { readonly code?: string; readonly message?: string } | null;
  readonly usage?: {
    readonly input_tokens?: number;
    readonly output_tokens?: number;
    readonly input_tokens_details?: { readonly cached_tokens?: number };
    readonly output_tokens_details?: { readonly reasoning_tokens?: number };
  } | null;
}

export function responses(
  provider: (call: GeneratorCall) => string,
  attributes: (call: GeneratorCall, type: string) => Record<string, string>,
): GenAiReader<Event> {
  return {
    request(call) {
      const body = call.args[0];
      const format = textAt(body, 'text', 'format', 'type');
      return {
        operation: 'chat',
        provider: provider(call),
        model: textAt(body, 'model'),
        stream: at(body, 'stream') === true,
        baseUrl: at(clientOf(call), 'baseURL'),
        maxTokens: at(body, 'max_output_tokens'),
        temperature: at(body, 'temperature'),
        topP: at(body, 'top_p'),
        reasoningLevel: at(body, 'reasoning', 'effort'),
        previousResponseId: at(body, 'previous_response_id'),
        conversationId: textAt(body, 'conversation') ?? textAt(body, 'conversation', 'id'),
        outputType: format?.startsWith('json') === true ? 'json' : format,
        attributes: attributes(call, 'responses'),
      };
    },
    chunk: readEvent,
    result(value, response) {
      readResponse(value as Response, response);
      for (const item of listAt(value, 'output')) readItem(item, response);
    },
    input: ({ args: [body] }) => inputOf(body),
  };
}

/** Of a response that was asked for before, in the background: its request is not known here. */
export function retrievedResponses(
  provider: (call: GeneratorCall) => string,
  attributes: (call: GeneratorCall, type: string) => Record<string, string>,
): GenAiReader<Event> {
  return {
    request: (call) => ({
      operation: 'chat',
      provider: provider(call),
      stream: true,
      baseUrl: at(clientOf(call), 'baseURL'),
      attributes: attributes(call, 'responses'),
    }),
    chunk: readEvent,
  };
}

function readEvent(event: Event, response: GenAiResponse): void {
  switch (event.type) {
    case 'response.output_text.delta':
    case 'response.refusal.delta':
      if (typeof event.delta === 'string') response.text(event.delta);
      return;
    case 'response.reasoning_text.delta':
    case 'response.reasoning_summary_text.delta':
      if (typeof event.delta === 'string') response.reasoning(event.delta);
      return;
    case 'response.function_call_arguments.delta':
    case 'response.mcp_call_arguments.delta':
    case 'response.custom_tool_call_input.delta':
      response.toolCall({ ...placeOf(event), arguments: event.delta });
      return;
    case 'response.output_item.added':
      if (event.item?.name !== undefined) response.toolCall({ ...placeOf(event), ...identityOf(event.item) });
      return;
    case 'response.audio.delta':
    case 'response.image_generation_call.partial_image':
      response.content();
      return;
    default:
      if (event.response) readResponse(event.response, response);
  }
}

/** Of an event, or of a whole response. One that is incomplete has a reason for it (a limit of tokens, a filter), and is not a failure. */
export function errorOfResponses(value: unknown): unknown {
  const { type, code, message, response } = Object(value) as Event;
  if (type === 'error') return toldError(code ?? 'error', message);
  const { status, error } = response ?? (Object(value) as Response);
  return status === 'failed' || type === 'response.failed'
    ? toldError(error?.code ?? 'error', error?.message)
    : undefined;
}

const placeOf = ({ output_index: index }: Event) => (index === undefined ? {} : { index });

function identityOf({ call_id: id, name }: NonNullable<Event['item']>): { id?: string; name?: string } {
  return { ...(id && { id }), ...(name && { name }) };
}

/** What is said of the response at its begin, and at its end with the usage. */
function readResponse({ id, model, status, ...more }: Response, response: GenAiResponse): void {
  response.id ??= id;
  response.model ??= model;
  if (more.service_tier) response.attribute('openai.response.service_tier', more.service_tier);
  // A `Response` of `asResponse()` has a number there.
  if (typeof status === 'string' && status !== 'in_progress' && status !== 'queued') {
    response.finished(more.incomplete_details?.reason ?? status);
  }
  const { usage } = more;
  if (!usage) return;
  response.inputTokens = usage.input_tokens;
  response.outputTokens = usage.output_tokens;
  response.cacheReadTokens = usage.input_tokens_details?.cached_tokens;
  response.reasoningTokens = usage.output_tokens_details?.reasoning_tokens;
}

/** An item of a whole response. */
function readItem(item: unknown, response: GenAiResponse): void {
  for (const part of listAt(item, 'content')) {
    const text = textAt(part, 'text') ?? textAt(part, 'refusal');
    if (text !== undefined) response.text(text);
  }
  for (const part of listAt(item, 'summary')) response.reasoning(textAt(part, 'text') ?? '');
  const name = textAt(item, 'name');
  if (name !== undefined) {
    const id = textAt(item, 'call_id');
    response.toolCall({ ...(id && { id }), name, arguments: at(item, 'arguments') ?? at(item, 'input') });
  }
}

function inputOf(body: unknown): GenAiInput {
  const instructions = textAt(body, 'instructions');
  const text = textAt(body, 'input');
  return {
    systemInstructions: instructions === undefined ? [] : [instructions],
    messages:
      text === undefined
        ? listAt(body, 'input').map(messageOf)
        : [{ role: 'user', parts: [{ type: 'text', content: text }] }],
  };
}

function messageOf(item: unknown): GenAiMessage {
  const id = textAt(item, 'call_id');
  const known = id === undefined ? {} : { id };
  const output = at(item, 'output');
  if (output !== undefined) {
    return { role: 'tool', parts: [{ type: 'tool_call_response', ...known, response: output }] };
  }
  const name = textAt(item, 'name');
  if (name !== undefined) {
    const called = { ...known, name, arguments: at(item, 'arguments') ?? at(item, 'input') };
    return { role: 'assistant', parts: [{ type: 'tool_call', ...called }] };
  }
  return { role: textAt(item, 'role') ?? 'assistant', parts: partsOf(at(item, 'content')) };
}

function partsOf(content: unknown): GenAiPart[] {
  if (typeof content === 'string') return [{ type: 'text', content }];
  return listAt(content).flatMap((part): GenAiPart[] => {
    const text = textAt(part, 'text');
    return text === undefined ? [] : [{ type: 'text', content: text }];
  });
}
