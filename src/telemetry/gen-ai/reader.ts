/**
 * What a preset says of a client for models: how its requests and chunks are read. Names, units and what is recorded when are in `run.ts`,
 * `content.ts` and `metrics.ts`.
 */
import type { Attributes, SpanKind } from '@opentelemetry/api';
import type { GeneratorCall } from '../../types';

/**
 * How the requests and chunks of a client are read. Neither method may keep what it is given, nor change it. What they throw is
 * reported once, and the stream goes on.
 *
 * @example
 * const reader: GenAiReader<{ text?: string; usage?: { output: number } }> = {
 *   request: ({ args: [body] }) => ({ operation: 'chat', provider: 'acme', model: (body as { model?: string }).model }),
 *   chunk({ text, usage }, response) {
 *     if (text !== undefined) response.text(text);
 *     response.outputTokens = usage?.output ?? response.outputTokens;
 *   },
 * };
 */
export interface GenAiReader<Chunk = unknown> {
  /** @returns undefined for a call that asks no model, which then gets no `gen_ai` attributes */
  request(call: GeneratorCall): GenAiRequest | undefined;
  /** Called for every item as it passes. */
  chunk(chunk: Chunk, response: GenAiResponse): void;
  /** `true` if no chunk says why the generation has ended: then nothing is said of it. */
  readonly isWithoutReason?: boolean;
  /** The same as `chunk` for the value of a call that returned no stream: the whole answer. */
  result?(value: unknown, response: GenAiResponse): void;
  /** Prompts and tools. Called only with `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true`. */
  input?(call: GeneratorCall): GenAiInput;
}

/** What a request to a model says. All but the first two are left out where the request does not say them. */
export interface GenAiRequest {
  /** `gen_ai.operation.name`: `chat`, `generate_content`, `text_completion`, `invoke_agent` and so on. */
  readonly operation: string;
  /** `gen_ai.provider.name`: `openai`, `anthropic`, `aws.bedrock`, `gcp.gemini`, `mistral_ai`, `groq`, `cohere` and so on. */
  readonly provider: string;
  readonly model?: string | undefined;
  /** What the name of the span has after the operation. Default: the model; for `invoke_agent`, none. */
  readonly subject?: string | undefined;
  /** Default: CLIENT; INTERNAL for what runs in this process. */
  readonly spanKind?: SpanKind | undefined;
  /** Whether the answer was asked for as a stream. */
  readonly stream?: boolean | undefined;
  /** The address of the server, as a URL: `https://api.openai.com/v1`. */
  readonly baseUrl?: unknown;
  readonly maxTokens?: unknown;
  readonly temperature?: unknown;
  readonly topP?: unknown;
  readonly topK?: unknown;
  readonly frequencyPenalty?: unknown;
  readonly presencePenalty?: unknown;
  readonly seed?: unknown;
  readonly stopSequences?: unknown;
  readonly choiceCount?: unknown;
  /** `text`, `json`, `image` or `speech`. */
  readonly outputType?: string | undefined;
  readonly reasoningLevel?: unknown;
  readonly previousResponseId?: unknown;
  readonly conversationId?: unknown;
  /** What the conventions for one provider or for agents add: `openai.api.type`, `gen_ai.agent.name`. */
  readonly attributes?: Attributes | undefined;
}

/** What is known of a model's response. A reader assigns what a chunk says, and leaves the rest. */
export interface GenAiResponse {
  id: string | undefined;
  /** The model that answered. */
  model: string | undefined;
  /** All input tokens, those of caches included. */
  inputTokens: number | undefined;
  /** All output tokens, those of reasoning included. */
  outputTokens: number | undefined;
  cacheReadTokens: number | undefined;
  cacheWriteTokens: number | undefined;
  reasoningTokens: number | undefined;
  /** What the conventions for one provider add: `openai.response.service_tier`. The last value counts. */
  attribute(name: string, value: string): void;
  /** Why the generation of a choice has ended, as the provider calls it. */
  finished(reason: string, choice?: number): void;
  /** A piece of the answer. The first one ends the time to the first chunk. */
  text(text: string, choice?: number): void;
  /** A piece of what the model thinks. */
  reasoning(text: string, choice?: number): void;
  /** A tool call, or a piece of its arguments. Pieces of one call have the same `index`. */
  toolCall(call: { index?: number; id?: string; name?: string; arguments?: unknown }, choice?: number): void;
  /** Content of another kind: audio, images. */
  content(choice?: number): void;
}

/** A message, or a part of one, by the JSON schemas of the conventions (`gen_ai.input.messages`). */
export interface GenAiInput {
  /** Each `{ role, parts: [{ type: 'text', content }] }`. */
  readonly messages?: readonly GenAiMessage[] | undefined;
  /** Texts that the provider takes beside the messages. */
  readonly systemInstructions?: readonly string[] | undefined;
}

/** A message that is sent to a model. */
export interface GenAiMessage {
  /** Whose it is: `user`, `assistant`, `tool` or `system`. */
  readonly role: string;
  readonly parts: readonly GenAiPart[];
}

/** A part of a message: text, what a model thinks, a call of a tool, or what the tool gave. */
export type GenAiPart =
  | { readonly type: 'text' | 'reasoning'; readonly content: string }
  | { readonly type: 'tool_call'; readonly id?: string; readonly name?: string; readonly arguments?: unknown }
  | { readonly type: 'tool_call_response'; readonly id?: string; readonly response: unknown };
