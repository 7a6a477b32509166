import type { GenAiReader, GenAiRequest, GenAiResponse } from '../telemetry/gen-ai/reader';
import type { GeneratorCall } from '../types';
import { inputOfMessages, textOfThinking } from './chat-messages';
import type { PresetTarget } from '../targets/target';
import { at, classOf, listAt, numberAt, textAt, toldError, type OwnPreset } from './preset';

function requestOf({ args: [body], thisArg }: GeneratorCall): Omit<GenAiRequest, 'operation'> {
  return {
    provider: 'mistral_ai',
    model: textAt(body, 'model'),
    stream: true,
    baseUrl: at(thisArg, '_baseURL') ?? at(thisArg, 'baseURL'),
    maxTokens: at(body, 'maxTokens'),
    temperature: at(body, 'temperature'),
    topP: at(body, 'topP'),
    frequencyPenalty: at(body, 'frequencyPenalty'),
    presencePenalty: at(body, 'presencePenalty'),
    seed: at(body, 'randomSeed'),
    stopSequences: at(body, 'stop'),
    choiceCount: at(body, 'n'),
    outputType: OUTPUT_TYPES[textAt(body, 'responseFormat', 'type') ?? ''],
    reasoningLevel: at(body, 'reasoningEffort'),
  };
}

const OUTPUT_TYPES: Readonly<Record<string, string>> = { json_object: 'json', json_schema: 'json', text: 'text' };

/** What is read of an event, any of which may be missing. */
interface StreamEvent {
  readonly data?: {
    readonly id?: string;
    readonly model?: string;
    readonly choices?: readonly Choice[];
    readonly usage?: Usage;
  };
}
interface Choice {
  readonly index?: number;
  readonly delta?: {
    readonly content?: string | readonly object[] | null;
    readonly toolCalls?: readonly object[] | null;
  };
  readonly finishReason?: string | null;
}
interface Usage {
  readonly promptTokens?: number;
  readonly completionTokens?: number;
}

/** More choices, parts or calls are not looked at: nothing long is iterated over for a chunk. */
const MOST = 128;

function readEvent({ data }: StreamEvent, response: GenAiResponse): void {
  if (!data) return;
  const { id, model, choices, usage } = data;
  if (id) response.id = id;
  if (model) response.model = model;
  if (choices) {
    const count = Math.min(choices.length, MOST);
    for (let place = 0; place < count; place++) readChoice(choices[place] as Choice, response);
  }
  if (!usage) return;
  response.inputTokens = usage.promptTokens;
  response.outputTokens = usage.completionTokens;
}

function readChoice({ index = 0, delta, finishReason }: Choice, response: GenAiResponse): void {
  if (delta) {
    const { content, toolCalls } = delta;
    if (typeof content === 'string') {
      if (content !== '') response.text(content, index);
    } else if (content) {
      content.slice(0, MOST).forEach((part) => {
        readPart(part, response, index);
      });
    }
    toolCalls?.slice(0, MOST).forEach((call) => {
      response.toolCall(callOf(call), index);
    });
  }
  if (finishReason) response.finished(finishReason, index);
}

function readPart(part: unknown, response: GenAiResponse, choice: number): void {
  const text = textAt(part, 'text');
  if (text !== undefined) response.text(text, choice);
  else if (at(part, 'type') === 'thinking') response.reasoning(textOfThinking(part), choice);
  else response.content(choice);
}

function callOf(call: unknown): Parameters<GenAiResponse['toolCall']>[0] {
  const index = numberAt(call, 'index');
  const id = textAt(call, 'id');
  const name = textAt(call, 'function', 'name');
  return {
    ...(index !== undefined && { index }),
    // What the client fills in for a piece of a call that has none.
    ...(id !== undefined && id !== 'null' && { id }),
    ...(name !== undefined && { name }),
    arguments: at(call, 'function', 'arguments'),
  };
}

/**
 * From 2.3 on, clients make spans of their own where the program has asked for them; in 2.2.6 they always did. The run is then the parent of such a
 * span, and leaves what it says to it.
 */
function isSaidByClient(client: unknown): boolean {
  const hooks = listAt(client, '_options', 'hooks', 'beforeRequestHooks');
  const hook = hooks.find((each) => classOf(each) === 'TracingHook');
  if (hook === undefined) return false;
  if (at(hook, '_mistralTracingHook') !== true || at(hook, '_telemetryUseGlobalProvider') === true) return true;
  // A provider that the client has made itself exports to Mistral.
  if (at(hook, 'tracerProvider') !== undefined) return at(hook, '_autoTelemetryProvider') === undefined;
  return process.env.MISTRAL_SDK_TELEMETRY?.trim().toLowerCase() === 'global';
}

/** @param describe what the request of one of the client's resources says beside the rest */
const reader = (
  describe: (body: unknown) => Partial<GenAiRequest> & { operation: string },
): GenAiReader<StreamEvent> => ({
  request: (call) => (isSaidByClient(call.thisArg) ? undefined : { ...requestOf(call), ...describe(call.args[0]) }),
  chunk: readEvent,
  input: ({ args: [body] }) => inputOfMessages(body),
});

const chat = reader(() => ({ operation: 'chat' }));

const agent = reader((body) => {
  const id = textAt(body, 'agentId');
  return { operation: 'invoke_agent', ...(id !== undefined && { attributes: { 'gen_ai.agent.id': id } }) };
});

const fim: GenAiReader<StreamEvent> = {
  ...reader(() => ({ operation: 'text_completion' })),
  input({ args: [body] }) {
    const content = textAt(body, 'prompt');
    return content === undefined ? {} : { messages: [{ role: 'user', parts: [{ type: 'text', content }] }] };
  },
};

/** Of the last event: its reason is all that there is of the error. */
function errorOf(event: unknown): unknown {
  return at(event, 'data', 'choices', 0, 'finishReason') === 'error'
    ? toldError('error', 'the model has stopped with an error')
    : undefined;
}

/** The classes of `mistral.chat` and so on are made when the program reads that, so they are patched where they are defined. */
function methodOf(file: string, exported: string, spanName: string, genAi: GenAiReader<StreamEvent>): PresetTarget[] {
  const target = {
    exports: [exported],
    spanName,
    genAi,
    abortSignal: ({ args }: GeneratorCall) => at(args[1], 'fetchOptions', 'signal'),
    closeMembers: ['cancel'],
    errorOf,
  };
  return [
    { ...target, module: `@mistralai/mistralai/sdk/${file}.js`, versions: '>=1.10.0' },
    { ...target, module: `@mistralai/mistralai/esm/sdk/${file}.js`, versions: '>=2.0.0' },
  ];
}

export const mistral: OwnPreset = {
  name: 'mistral',
  traces: 'streams of chats, agents and fill-in-the-middle completions',
  spans: 'mistral.chat.stream',
  targets: [
    ...methodOf('chat', 'Chat#stream', 'mistral.chat.stream', chat),
    ...methodOf('chat', 'Chat#parseStream', 'mistral.chat.parseStream', chat),
    ...methodOf('agents', 'Agents#stream', 'mistral.agents.stream', agent),
    ...methodOf('fim', 'Fim#stream', 'mistral.fim.stream', fim),
  ],
};
