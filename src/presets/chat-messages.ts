/**
 * Prompts as most clients have them: a list of `{ role, content }`, where the content is a text or a list of parts. Some write the names of
 * fields with underscores, others in camel case.
 */
import type { GenAiInput, GenAiMessage, GenAiPart } from '../telemetry/gen-ai/reader';
import { at, listAt, textAt } from './preset';

/** The prompt of a request that has its messages in `messages`. */
export function inputOfMessages(request: unknown): GenAiInput {
  return { messages: listAt(request, 'messages').map(messageOf) };
}

function messageOf(message: unknown): GenAiMessage {
  const role = textAt(message, 'role') ?? 'user';
  const parts = role === 'tool' ? [responseOf(message)] : [...partsOf(at(message, 'content')), ...callsOf(message)];
  return { role, parts };
}

/** Of a part that is neither text nor reasoning (an image, say), nothing is recorded. */
function partsOf(content: unknown): GenAiPart[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', content }];
  return listAt(content).flatMap((part): GenAiPart[] => {
    const text = textAt(part, 'text');
    if (text !== undefined) return [{ type: 'text', content: text }];
    const thinking = textOfThinking(part);
    return thinking === '' ? [] : [{ type: 'reasoning', content: thinking }];
  });
}

/** What a part of a message thinks: a text, or a list of parts with texts. */
export function textOfThinking(part: unknown): string {
  const thinking = at(part, 'thinking');
  if (typeof thinking === 'string') return thinking;
  return listAt(thinking)
    .map((each) => textAt(each, 'text') ?? '')
    .join('');
}

function callsOf(message: unknown): GenAiPart[] {
  const calls = at(message, 'tool_calls') ?? at(message, 'toolCalls');
  return listAt(calls).map((call) => ({
    type: 'tool_call',
    ...identified(textAt(call, 'id')),
    name: textAt(call, 'function', 'name') ?? '',
    arguments: at(call, 'function', 'arguments'),
  }));
}

function responseOf(message: unknown): GenAiPart {
  const id = textAt(message, 'tool_call_id') ?? textAt(message, 'toolCallId');
  return { type: 'tool_call_response', ...identified(id), response: at(message, 'content') };
}

const identified = (id: string | undefined): { id?: string } => (id === undefined ? {} : { id });
