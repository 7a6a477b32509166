/**
 * Runs of OpenAI's assistants, streamed as events. The client asks for them by a thread, or makes the thread with the run.
 */
import type { GenAiInput, GenAiReader, GenAiResponse } from '../telemetry/gen-ai/reader';
import type { GeneratorCall } from '../types';
import { inputOfMessages } from './chat-messages';
import { outputType } from './chat-completions';
import { at, listAt, sum, textAt, toldError } from './preset';
import { clientOf } from './stainless';

/** What is read of an event, any of which may be missing. */
interface Event {
  readonly event?: string | null;
  readonly data?: Data | null;
}
/** Of a run, of a step of it, or of a piece of a message or a step. */
interface Data {
  readonly id?: string;
  readonly model?: string;
  readonly status?: string;
  readonly assistant_id?: string;
  readonly thread_id?: string;
  readonly incomplete_details?: { readonly reason?: string } | null;
  readonly last_error?: { readonly code?: string; readonly message?: string } | null;
  readonly usage?: Usage | null;
  readonly delta?: {
    readonly content?: readonly Content[] | null;
    readonly step_details?: { readonly tool_calls?: readonly ToolCall[] | null } | null;
  } | null;
  /** Of an event that is an error. */
  readonly code?: string | null;
  readonly message?: string;
}
interface Usage {
  readonly prompt_tokens?: number;
  readonly completion_tokens?: number;
  readonly prompt_token_details?: { readonly cached_tokens?: number } | null;
}
interface Content {
  readonly type?: string;
  readonly text?: { readonly value?: string } | null;
  readonly refusal?: string;
}
interface ToolCall {
  readonly index?: number;
  readonly id?: string;
  readonly type?: string;
  readonly function?: { readonly name?: string; readonly arguments?: string } | null;
  readonly code_interpreter?: { readonly input?: string } | null;
}

/** More pieces are not looked at: nothing long is iterated over for a chunk. */
const MOST = 128;

/** Where a run has stopped: for good, or until the program gives what its tools say. */
const STOPPED = new Set(['completed', 'incomplete', 'requires_action', 'failed', 'expired', 'cancelled']);

/** The methods have the identifiers of their paths before it, which differ between versions of the client. */
const bodyIndex = ({ args }: GeneratorCall): number => args.findIndex((each) => typeof each === 'object');
const bodyOf = (call: GeneratorCall): unknown => call.args[bodyIndex(call)];

/** A request without a stream gives a run that has only begun: what becomes of it is asked for later. */
export const isStreamed = (call: GeneratorCall): boolean => at(bodyOf(call), 'stream') === true;

export const signalOfRun = (call: GeneratorCall): unknown => at(call.args[bodyIndex(call) + 1], 'signal');

export function runs(provider: (call: GeneratorCall) => string): GenAiReader<Event> {
  return {
    request(call) {
      const body = bodyOf(call);
      const agent = textAt(body, 'assistant_id');
      return {
        operation: 'invoke_agent',
        provider: provider(call),
        model: textAt(body, 'model'),
        stream: true,
        baseUrl: at(clientOf(call), 'baseURL'),
        maxTokens: at(body, 'max_completion_tokens'),
        temperature: at(body, 'temperature'),
        topP: at(body, 'top_p'),
        reasoningLevel: at(body, 'reasoning_effort'),
        outputType: outputType(body),
        conversationId: textAt(body, 'thread_id') ?? call.args[0],
        attributes: agent === undefined ? {} : { [AGENT]: agent },
      };
    },
    chunk: readEvent,
    input: (call) => inputOf(bodyOf(call)),
  };
}

const AGENT = 'gen_ai.agent.id';

function readEvent({ event, data }: Event, response: GenAiResponse): void {
  if (!data || typeof event !== 'string') return;
  switch (event) {
    case 'thread.message.delta':
      forEachOf(data.delta?.content, (content) => {
        readContent(content, response);
      });
      return;
    case 'thread.run.step.delta':
      forEachOf(data.delta?.step_details?.tool_calls, (call) => {
        readToolCall(call, response);
      });
      return;
    default:
      if (event.startsWith('thread.run.step.')) readStep(data, response);
      else if (event.startsWith('thread.run.')) readRun(data, response);
  }
}

function forEachOf<T>(list: readonly T[] | null | undefined, read: (each: T) => void): void {
  if (!list) return;
  const count = Math.min(list.length, MOST);
  for (let place = 0; place < count; place++) read(list[place] as T);
}

function readContent({ type, text, refusal }: Content, response: GenAiResponse): void {
  if (text?.value) response.text(text.value);
  else if (refusal) response.text(refusal);
  else if (type === 'image_file' || type === 'image_url') response.content();
}

/** Only the first piece has an id. Tools of OpenAI's own have no name but their type. */
function readToolCall(call: ToolCall, response: GenAiResponse): void {
  const { index, id, type, function: called, code_interpreter: code } = call;
  response.toolCall({
    ...(index !== undefined && { index }),
    ...(id && { id, name: called?.name ?? type ?? '' }),
    arguments: called?.arguments ?? code?.input,
  });
}

/** A step has its usage when it has ended. That of the run, at its end, is of all steps. */
function readStep({ usage }: Data, response: GenAiResponse): void {
  if (!usage) return;
  response.inputTokens = sum(response.inputTokens, usage.prompt_tokens);
  response.outputTokens = sum(response.outputTokens, usage.completion_tokens);
  response.cacheReadTokens = sum(response.cacheReadTokens, usage.prompt_token_details?.cached_tokens);
}

function readRun(run: Data, response: GenAiResponse): void {
  const { id, model, status, usage, assistant_id: agent, thread_id: thread } = run;
  response.id = id ?? response.id;
  response.model = model ?? response.model;
  // A request for a new thread does not know it, nor does one with the outputs of tools know the assistant.
  if (agent) response.attribute(AGENT, agent);
  if (thread) response.attribute('gen_ai.conversation.id', thread);
  if (status !== undefined && STOPPED.has(status)) response.finished(run.incomplete_details?.reason ?? status);
  if (!usage) return;
  response.inputTokens = usage.prompt_tokens ?? response.inputTokens;
  response.outputTokens = usage.completion_tokens ?? response.outputTokens;
  response.cacheReadTokens = usage.prompt_token_details?.cached_tokens ?? response.cacheReadTokens;
}

/** A run that is cancelled was so by another request of the program. One that is incomplete has a reason for it, and has not failed. */
export function errorOfRuns(item: unknown): unknown {
  const { event, data } = Object(item) as Event;
  switch (event) {
    case 'error':
      return toldError(data?.code ?? 'error', data?.message);
    case 'thread.run.failed':
      return toldError(data?.last_error?.code ?? 'failed', data?.last_error?.message);
    case 'thread.run.expired':
      return toldError('expired', undefined);
    case 'thread.run.cancelled':
      return toldError('AbortError', 'the run was cancelled');
    case undefined:
      // Version 5 of the client gives the data alone.
      return textAt(item, 'message') === undefined
        ? undefined
        : toldError(textAt(item, 'code') ?? 'error', textAt(item, 'message'));
    default:
      return undefined;
  }
}

function inputOf(body: unknown): GenAiInput {
  const { messages = [] } = inputOfMessages({
    messages: [...listAt(body, 'thread', 'messages'), ...listAt(body, 'additional_messages')],
  });
  const outputs = listAt(body, 'tool_outputs').map((output) => {
    const id = textAt(output, 'tool_call_id');
    const part = {
      type: 'tool_call_response',
      ...(id !== undefined && { id }),
      response: at(output, 'output'),
    } as const;
    return { role: 'tool', parts: [part] };
  });
  const instructions = [textAt(body, 'instructions'), textAt(body, 'additional_instructions')];
  return { messages: [...messages, ...outputs], systemInstructions: instructions.filter((each) => each !== undefined) };
}
