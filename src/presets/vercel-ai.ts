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
import { at, listAt, numberAt, textAt, toldError, type OwnPreset } from './preset';

/** Providers whose names here and in the conventions are different. The first one that a name begins with counts. */
const PROVIDERS: readonly (readonly [RegExp, string])[] = [
  [/^azure\b/, 'azure.ai.openai'],
  [/^(amazon-)?bedrock\b/, 'aws.bedrock'],
  [/^(google[.-])?vertex\b/, 'gcp.vertex_ai'],
  [/^google\b/, 'gcp.gemini'],
  [/^mistral\b/, 'mistral_ai'],
  [/^xai\b/, 'x_ai'],
  [/^moonshotai\b/, 'moonshot_ai'],
];

/** Of a model's provider (`openai.chat`), or of the model itself where it is one of a gateway (`openai/gpt-4o`). */
function providerOf(model: unknown): string {
  const id = typeof model === 'string' ? model : (textAt(model, 'modelId') ?? '');
  const own = textAt(model, 'provider') ?? 'gateway';
  const name = own === 'gateway' && id.includes('/') ? id : own;
  return PROVIDERS.find(([pattern]) => pattern.test(name))?.[1] ?? (name.split(/[./]/, 1)[0] as string);
}

function requestOf({ args: [options], moduleVersion }: GeneratorCall): GenAiRequest | undefined {
  if (isSaidBySdk(options, moduleVersion)) return undefined;
  const model = at(options, 'model');
  return {
    operation: 'chat',
    provider: providerOf(model),
    model: typeof model === 'string' ? model : textAt(model, 'modelId'),
    stream: true,
    maxTokens: at(options, 'maxOutputTokens'),
    temperature: at(options, 'temperature'),
    topP: at(options, 'topP'),
    topK: at(options, 'topK'),
    frequencyPenalty: at(options, 'frequencyPenalty'),
    presencePenalty: at(options, 'presencePenalty'),
    seed: at(options, 'seed'),
    stopSequences: at(options, 'stopSequences'),
  };
}

/** Where AI SDK 7 keeps what `registerTelemetry()` was given. */
const INTEGRATIONS = 'AI_SDK_TELEMETRY_INTEGRATIONS';

/** Whether the SDK makes spans of its own, inside of the call. From version 7 on it does so for all calls, if `@ai-sdk/otel` or another such is registered. */
function isSaidBySdk(options: unknown, version: string | undefined): boolean {
  const telemetry = at(options, 'telemetry') ?? at(options, 'experimental_telemetry');
  const isEnabled = at(telemetry, 'isEnabled');
  if (version === undefined || Number.parseInt(version, 10) < 7) return isEnabled === true;
  const integrations = at(telemetry, 'integrations') ?? at(globalThis, INTEGRATIONS);
  return (
    isEnabled !== false && integrations !== undefined && !(Array.isArray(integrations) && integrations.length === 0)
  );
}

function inputOf({ args: [options] }: GeneratorCall): GenAiInput {
  const prompt = at(options, 'prompt');
  const system = textAt(options, 'instructions') ?? textAt(options, 'system');
  const messages = [...listAt(prompt), ...listAt(options, 'messages')];
  return {
    messages:
      typeof prompt === 'string'
        ? [{ role: 'user', parts: [{ type: 'text', content: prompt }] }]
        : messages.map((message): GenAiMessage => ({
            role: textAt(message, 'role') ?? 'user',
            parts: partsOf(message),
          })),
    systemInstructions: system === undefined ? [] : [system],
  };
}

function partsOf(message: unknown): GenAiPart[] {
  const content = at(message, 'content');
  if (typeof content === 'string') return [{ type: 'text', content }];
  return listAt(content).flatMap((part): GenAiPart[] => {
    const id = textAt(part, 'toolCallId');
    const identified = id === undefined ? {} : { id };
    switch (at(part, 'type')) {
      case 'text':
      case 'reasoning':
        return [{ type: at(part, 'type') as 'text' | 'reasoning', content: textAt(part, 'text') ?? '' }];
      case 'tool-call':
        return [
          { type: 'tool_call', ...identified, name: textAt(part, 'toolName') ?? '', arguments: at(part, 'input') },
        ];
      case 'tool-result':
        return [{ type: 'tool_call_response', ...identified, response: at(part, 'output') }];
      default:
        return [];
    }
  });
}

/** Of what a stream says of itself: the end of a step, and of all, are read as anything. */
interface Part {
  readonly type: string;
  readonly text?: string;
  readonly textDelta?: string;
}

/** The parts of a `fullStream` of `streamText`, which may be of several steps: each asks the model once. */
const full: GenAiReader<Part> = {
  request: requestOf,
  chunk(part, response) {
    switch (part.type) {
      case 'text-delta':
        if (part.text) response.text(part.text);
        break;
      case 'reasoning-delta':
        if (part.text) response.reasoning(part.text);
        break;
      case 'tool-input-delta':
        response.content();
        break;
      case 'tool-call':
        readToolCall(part, response);
        break;
      case 'finish-step':
        readStep(part, response);
        break;
      case 'finish':
        readUsage(at(part, 'totalUsage'), response);
    }
  },
  input: inputOf,
};

function readToolCall(part: unknown, response: GenAiResponse): void {
  const id = textAt(part, 'toolCallId');
  response.toolCall({
    ...(id !== undefined && { id }),
    name: textAt(part, 'toolName') ?? '',
    arguments: at(part, 'input'),
  });
}

function readStep(part: unknown, response: GenAiResponse): void {
  readAnswer(part, response);
  const { inputTokens, outputTokens } = response;
  readUsage(at(part, 'usage'), response);
  // What has been used by the steps before, until the end says what all have used.
  if (inputTokens !== undefined) response.inputTokens = inputTokens + (response.inputTokens ?? 0);
  if (outputTokens !== undefined) response.outputTokens = outputTokens + (response.outputTokens ?? 0);
}

function readAnswer(part: unknown, response: GenAiResponse): void {
  const reason = textAt(part, 'finishReason');
  if (reason !== undefined) response.finished(reason);
  response.id = textAt(part, 'response', 'id') ?? response.id;
  response.model = textAt(part, 'response', 'modelId') ?? response.model;
}

/** Version 5 has the details beside the sums. */
function readUsage(usage: unknown, response: GenAiResponse): void {
  response.inputTokens = numberAt(usage, 'inputTokens');
  response.outputTokens = numberAt(usage, 'outputTokens');
  response.cacheReadTokens =
    numberAt(usage, 'inputTokenDetails', 'cacheReadTokens') ?? numberAt(usage, 'cachedInputTokens');
  response.cacheWriteTokens = numberAt(usage, 'inputTokenDetails', 'cacheWriteTokens');
  response.reasoningTokens =
    numberAt(usage, 'outputTokenDetails', 'reasoningTokens') ?? numberAt(usage, 'reasoningTokens');
}

/** The parts of a `fullStream` of `streamObject`: pieces of text, what they make up so far, and the end. */
const fullObject: GenAiReader<Part> = {
  request: (call) => json(requestOf(call)),
  chunk(part, response) {
    const { type, textDelta } = part;
    if (type === 'text-delta') {
      if (textDelta) response.text(textDelta);
    } else if (type === 'object') response.content();
    else if (type === 'finish') {
      readAnswer(part, response);
      readUsage(at(part, 'usage'), response);
    }
  },
  input: inputOf,
};

/** An abort by a timeout is told as one from version 7 on. */
const TIMEOUT = 'TimeoutError';

/** Of the parts of a `fullStream`, which throws only what breaks the connection. */
function errorOf(part: unknown): unknown {
  switch (at(part, 'type')) {
    case 'error':
      return at(part, 'error') ?? toldError('error', undefined);
    case 'abort': {
      const reason = textAt(part, 'reason');
      return toldError(reason?.startsWith(TIMEOUT) === true ? TIMEOUT : 'AbortError', reason);
    }
    case 'finish':
      return at(part, 'finishReason') === 'error'
        ? toldError('error', 'the model has stopped with an error')
        : undefined;
    default:
      return undefined;
  }
}

const json = (request: GenAiRequest | undefined) => request && { ...request, outputType: 'json' };

/** Other streams give text, or what it makes up, and do not say how the answer has ended. */
const partial: GenAiReader = {
  request: requestOf,
  chunk: (_item, response) => {
    response.content();
  },
  isWithoutReason: true,
  input: inputOf,
};
const partialObject: GenAiReader = { ...partial, request: (call) => json(requestOf(call)) };

const targets = (versions: string, fn: string, genAi: GenAiReader, properties: readonly string[]): PresetTarget[] =>
  properties.map((property) => ({
    module: 'ai',
    versions,
    exports: [`${fn}().${property}`],
    spanName: `ai.${fn}.${property}`,
    abortSignal: ({ args: [options] }) => at(options, 'abortSignal'),
    ...((genAi === full || genAi === fullObject) && { errorOf }),
    genAi,
  }));

export const vercelAi: OwnPreset = {
  name: 'vercel-ai',
  traces: "the streams of the AI SDK's streamText and streamObject that a program iterates over",
  spans: 'ai.streamText.textStream',
  targets: [
    ...targets('>=5.0.0', 'streamText', full, ['fullStream']),
    ...targets('>=7.0.0', 'streamText', full, ['stream']),
    ...targets('>=5.0.0', 'streamText', partial, ['textStream', 'experimental_partialOutputStream']),
    ...targets('>=6.0.0', 'streamText', partial, ['partialOutputStream']),
    ...targets('>=5.0.0', 'streamObject', fullObject, ['fullStream']),
    ...targets('>=5.0.0', 'streamObject', partialObject, ['partialObjectStream', 'elementStream', 'textStream']),
  ],
};
