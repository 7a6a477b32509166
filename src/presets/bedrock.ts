import type {
  GenAiInput,
  GenAiMessage,
  GenAiPart,
  GenAiReader,
  GenAiRequest,
  GenAiResponse,
} from '../telemetry/gen-ai/reader';
import type { PresetTarget } from '../targets/target';
import type { GeneratorCall } from '../types';
import { at, classOf, listAt, numberAt, textAt, type OwnPreset } from './preset';

/** The server is known only later: a client's endpoint is a function that returns a promise. */
function requestOf({ args: [command] }: GeneratorCall, operation: string): GenAiRequest | undefined {
  if (isSaidByOther(command)) return undefined;
  const config = at(command, 'input', 'inferenceConfig');
  return {
    operation,
    provider: 'aws.bedrock',
    model: textAt(command, 'input', 'modelId'),
    stream: true,
    maxTokens: at(config, 'maxTokens'),
    temperature: at(config, 'temperature'),
    topP: at(config, 'topP'),
    stopSequences: at(config, 'stopSequences'),
  };
}

/**
 * OpenTelemetry's instrumentation of the SDK marks the commands that it sees. Its span, which says the same of the request, is made only
 * inside of the call
 * (https://github.com/open-telemetry/opentelemetry-js-contrib/blob/main/packages/instrumentation-aws-sdk/src/aws-sdk.ts).
 */
const MARK = 'opentelemetry.instrumentation.aws-sdk.client.config';

function isSaidByOther(command: unknown): boolean {
  return Object.getOwnPropertySymbols(Object(command)).some(({ description }) => description === MARK);
}

/** One of its properties is set. */
interface ConverseChunk {
  readonly contentBlockDelta?: Block;
  readonly contentBlockStart?: Block;
  readonly messageStop?: { readonly stopReason?: string };
  readonly metadata?: { readonly usage?: unknown };
}

interface Block {
  readonly contentBlockIndex?: number;
  readonly start?: { readonly toolUse?: unknown };
  readonly delta?: {
    readonly text?: string;
    readonly reasoningContent?: { readonly text?: string };
    readonly toolUse?: { readonly input?: string };
  };
}

const converse: GenAiReader<ConverseChunk> = {
  request: (call) => requestOf(call, 'chat'),
  chunk({ contentBlockDelta, contentBlockStart, messageStop, metadata }, response) {
    if (contentBlockDelta) readDelta(contentBlockDelta, response);
    else if (contentBlockStart) readStart(contentBlockStart, response);
    else if (messageStop?.stopReason) response.finished(messageStop.stopReason);
    else if (metadata?.usage) readUsage(metadata.usage, response, 'Tokens');
  },
  input: ({ args: [command] }) => inputOf(at(command, 'input')),
};

function readDelta({ delta, contentBlockIndex: index }: Block, response: GenAiResponse): void {
  if (!delta) return;
  const { reasoningContent, text, toolUse } = delta;
  if (text) response.text(text);
  else if (reasoningContent?.text) response.reasoning(reasoningContent.text);
  else if (toolUse) response.toolCall({ ...(index !== undefined && { index }), arguments: toolUse.input });
}

function readStart({ start, contentBlockIndex: index }: Block, response: GenAiResponse): void {
  const tool = start?.toolUse;
  if (tool) response.toolCall({ ...(index !== undefined && { index }), ...calledBy(tool) });
}

/** What is read from caches, and written to them, is counted apart from the rest of the input. */
function readUsage(usage: unknown, response: GenAiResponse, unit: 'Tokens' | 'TokenCount'): void {
  const input = numberAt(usage, `input${unit}`);
  const read = numberAt(usage, `cacheReadInput${unit}`);
  const written = numberAt(usage, `cacheWriteInput${unit}`);
  response.inputTokens = input === undefined ? undefined : input + (read ?? 0) + (written ?? 0);
  response.outputTokens = numberAt(usage, `output${unit}`);
  response.cacheReadTokens = read;
  response.cacheWriteTokens = written;
}

function inputOf(input: unknown): GenAiInput {
  return {
    messages: listAt(input, 'messages').map((message): GenAiMessage => ({
      role: textAt(message, 'role') ?? 'user',
      parts: listAt(message, 'content').flatMap(partsOf),
    })),
    systemInstructions: listAt(input, 'system').flatMap((part) => textAt(part, 'text') ?? []),
  };
}

function partsOf(part: unknown): GenAiPart[] {
  const text = textAt(part, 'text');
  if (text !== undefined) return [{ type: 'text', content: text }];
  const thinking = textAt(part, 'reasoningContent', 'reasoningText', 'text');
  if (thinking !== undefined) return [{ type: 'reasoning', content: thinking }];
  const tool = at(part, 'toolUse');
  if (tool !== undefined) return [{ type: 'tool_call', ...calledBy(tool), arguments: at(tool, 'input') }];
  const result = at(part, 'toolResult');
  if (result === undefined) return [];
  const { id } = calledBy(result);
  return [{ type: 'tool_call_response', ...(id !== undefined && { id }), response: at(result, 'content') }];
}

function calledBy(tool: unknown): { id?: string; name?: string } {
  const id = textAt(tool, 'toolUseId');
  const name = textAt(tool, 'name');
  return { ...(id !== undefined && { id }), ...(name !== undefined && { name }) };
}

/** Models whose own requests are messages. Those of all others are a prompt. */
const TAKE_MESSAGES = /\b(?:anthropic|nova|openai|qwen|jamba|command-r)\b/;

/** What Bedrock adds to the last chunk, whatever the model is. */
const METRICS = 'amazon-bedrock-invocationMetrics';

/** Requests and chunks are in the form of each model, as bytes: only what Bedrock itself says is read. */
const invoke: GenAiReader<{ readonly chunk?: { readonly bytes?: unknown } }> = {
  request: (call) =>
    requestOf(call, TAKE_MESSAGES.test(textAt(call.args[0], 'input', 'modelId') ?? '') ? 'chat' : 'text_completion'),
  chunk({ chunk }, response) {
    const bytes = chunk?.bytes;
    if (!(bytes instanceof Uint8Array) || !endsWithNumber(bytes)) return;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (!text.includes(METRICS)) return;
    readUsage(at(JSON.parse(text.toString()), METRICS), response, 'TokenCount');
  },
};

/** Whether the text ends as an object of numbers does that is the last in another one. To search each chunk would cost more than all the rest. */
function endsWithNumber(text: Uint8Array): boolean {
  const { length } = text;
  const digit = text[length - 3] ?? 0;
  return text[length - 1] === BRACE && text[length - 2] === BRACE && digit >= ZERO && digit <= NINE;
}

const BRACE = 0x7d;
const ZERO = 0x30;
const NINE = 0x39;

/** All clients of the AWS SDK have the same `send`. */
function commandWithStream(command: string, property: string, name: string, genAi: GenAiReader): PresetTarget {
  return {
    module: '@aws-sdk/client-bedrock-runtime',
    exports: [`BedrockRuntimeClient#send().${property}`],
    spanName: `bedrock.${name}`,
    startOn: 'call',
    isMadeBy: ([request]) => classOf(request) === command,
    abortSignal: ({ args }) => at(args[1], 'abortSignal'),
    genAi,
  };
}

export const bedrock: OwnPreset = {
  name: 'bedrock',
  traces: 'streams of models by Amazon Bedrock: ConverseStream and InvokeModelWithResponseStream',
  spans: 'bedrock.converseStream',
  targets: [
    commandWithStream('ConverseStreamCommand', 'stream', 'converseStream', converse),
    commandWithStream('InvokeModelWithResponseStreamCommand', 'body', 'invokeModelWithResponseStream', invoke),
  ],
};
