/**
 * Prompts and answers. They are recorded only where the user says so, since they are the most private thing that a program handles.
 */
import type { Attributes } from '@opentelemetry/api';
import type { GenAiInput, GenAiMessage, GenAiPart } from './reader';

/** The name that OpenTelemetry's instrumentations of model clients have for this switch. */
const SWITCH = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT';

/** Characters of all texts of a request, and as many of the answer: an attribute is no place for a book. */
const MOST_CHARACTERS = 16_384;
/** Messages and parts of them: each costs some characters beside its text. */
const MOST_PARTS = 256;

export function isCapturingContent(): boolean {
  return process.env[SWITCH]?.toLowerCase() === 'true';
}

/** The attributes of a request, as JSON: span attributes have no structure. */
export function inputAttributes({ messages, systemInstructions }: GenAiInput): Attributes {
  const budget = new Budget();
  const attributes: Attributes = {};
  if (systemInstructions !== undefined && systemInstructions.length > 0) {
    const parts = systemInstructions.map((content): GenAiPart => ({ type: 'text', content }));
    attributes['gen_ai.system_instructions'] = JSON.stringify(budget.parts(parts));
  }
  if (messages !== undefined && messages.length > 0) {
    attributes['gen_ai.input.messages'] = JSON.stringify(budget.messages(messages));
  }
  return attributes;
}

/** A tool call, whose arguments come in pieces. */
interface CapturedCall {
  readonly type: 'tool_call';
  id?: string;
  name?: string;
  arguments: string;
}

/** The answer of one run, as far as it has come. */
export class CapturedOutput {
  private readonly budget = new Budget();
  private readonly choices: GenAiPart[][] = [];
  private readonly toolCalls = new Map<string, CapturedCall>();

  text(type: 'text' | 'reasoning', content: string, choice: number): void {
    const parts = this.partsOf(choice);
    const last = parts.at(-1);
    const cut = this.budget.take(content);
    if (last?.type === type) (last as { content: string }).content += cut;
    else if (this.budget.takePart()) parts.push({ type, content: cut });
  }

  toolCall(call: { index?: number; id?: string; name?: string; arguments?: unknown }, choice: number): void {
    const parts = this.partsOf(choice);
    const key = `${choice}/${call.index ?? call.id ?? parts.length}`;
    let known = this.toolCalls.get(key);
    // Some servers give each of several calls the index 0, and a step of an assistant begins to count again: then the id tells them apart.
    if (known === undefined || (call.id !== undefined && known.id !== undefined && call.id !== known.id)) {
      if (!this.budget.takePart()) return;
      known = { type: 'tool_call', arguments: '' };
      this.toolCalls.set(key, known);
      parts.push(known);
    }
    if (call.id !== undefined) known.id = call.id;
    if (call.name !== undefined) known.name = this.budget.take(call.name);
    if (call.arguments !== undefined) known.arguments += this.budget.take(textOf(call.arguments));
  }

  attributes(finishReasons: readonly string[]): Attributes {
    if (this.choices.length === 0) return {};
    const messages = Array.from(this.choices, (parts: readonly GenAiPart[] | undefined, choice) => ({
      role: 'assistant',
      parts: (parts ?? []).map((part) =>
        part.type === 'tool_call' ? { ...part, arguments: parsed(part.arguments) } : part,
      ),
      finish_reason: finishReasons[choice] ?? 'error',
    }));
    return { 'gen_ai.output.messages': JSON.stringify(messages) };
  }

  private partsOf(choice: number): GenAiPart[] {
    const known = this.choices[choice];
    if (known !== undefined) return known;
    // Written over a gap, an array would have as many holes as the index says.
    if (choice >= MOST_PARTS) return [];
    const parts: GenAiPart[] = [];
    this.choices[choice] = parts;
    return parts;
  }
}

/** How much of the texts may still be recorded. */
class Budget {
  private characters = MOST_CHARACTERS;
  private partsLeft = MOST_PARTS;

  take(text: string): string {
    const cut = text.length > this.characters ? text.slice(0, this.characters) : text;
    this.characters -= cut.length;
    return cut;
  }

  takePart(): boolean {
    return this.partsLeft-- > 0;
  }

  messages(messages: readonly GenAiMessage[]): GenAiMessage[] {
    return messages.filter(() => this.takePart()).map(({ role, parts }) => ({ role, parts: this.parts(parts) }));
  }

  parts(parts: readonly GenAiPart[]): GenAiPart[] {
    return parts.filter(() => this.takePart()).map((part) => this.cut(part));
  }

  private cut(part: GenAiPart): GenAiPart {
    switch (part.type) {
      case 'tool_call':
        return { ...part, arguments: parsed(this.take(textOf(part.arguments ?? {}))) };
      case 'tool_call_response':
        return { ...part, response: parsed(this.take(textOf(part.response))) };
      default:
        return { ...part, content: this.take(part.content) };
    }
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    // A circle, or a getter of the program's that throws.
    return '';
  }
}

/** Arguments of tools come as text, and are an object in the conventions; what was cut stays text. */
function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
