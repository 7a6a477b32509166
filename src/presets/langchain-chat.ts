/**
 * What the chat models of LangChain say: `stream()` of a model itself. In a chain, a model is asked by other methods, and the run is that of the chain.
 */
import type { GenAiInput, GenAiReader, GenAiResponse } from '../telemetry/gen-ai/reader';
import { inputOfMessages } from './chat-messages';
import { at, classOf, listAt, numberAt, sum, textAt } from './preset';

/** Providers whose names here and in the conventions are different. */
const PROVIDERS: Readonly<Record<string, string>> = {
  azure: 'azure.ai.openai',
  azureopenai: 'azure.ai.openai',
  amazon_bedrock: 'aws.bedrock',
  bedrock: 'aws.bedrock',
  google_genai: 'gcp.gemini',
  google_vertexai: 'gcp.vertex_ai',
  mistral: 'mistral_ai',
  mistralai: 'mistral_ai',
  xai: 'x_ai',
};

/** What a model tells LangSmith of itself; others than models of chats have no such method, or are of another type. */
function paramsOf(model: unknown, options: unknown): unknown {
  const getParams = at(model, 'getLsParams');
  if (typeof getParams !== 'function') return undefined;
  const params: unknown = Reflect.apply(getParams, model, [Object(options)]);
  return at(params, 'ls_model_type') === 'chat' ? params : undefined;
}

export const chatModel: GenAiReader = {
  request({ thisArg, args: [, options] }) {
    const params = paramsOf(thisArg, options);
    if (params === undefined) return undefined;
    const model = textAt(params, 'ls_model_name') ?? textAt(thisArg, 'model');
    const provider = (textAt(params, 'ls_provider') ?? 'langchain').toLowerCase();
    return {
      operation: 'chat',
      provider: PROVIDERS[provider] ?? provider,
      model,
      subject: model ?? classOf(thisArg),
      stream: true,
      baseUrl: at(thisArg, 'clientConfig', 'baseURL'),
      maxTokens: at(params, 'ls_max_tokens'),
      temperature: at(params, 'ls_temperature'),
      topP: at(thisArg, 'topP'),
      topK: at(thisArg, 'topK'),
      frequencyPenalty: at(thisArg, 'frequencyPenalty'),
      presencePenalty: at(thisArg, 'presencePenalty'),
      stopSequences: at(params, 'ls_stop'),
    };
  },
  chunk(chunk, response) {
    const content = at(chunk, 'content');
    if (typeof content === 'string') {
      if (content !== '') response.text(content);
    } else for (const part of listAt(content)) readPart(part, response);
    const thought = textAt(chunk, 'additional_kwargs', 'reasoning_content');
    if (thought !== undefined) response.reasoning(thought);
    for (const call of listAt(chunk, 'tool_call_chunks')) readCall(call, response);
    readEnd(chunk, response);
  },
  input: ({ args: [input] }) => inputOf(input),
};

function readPart(part: unknown, response: GenAiResponse): void {
  const text = textAt(part, 'text');
  const thought = textAt(part, 'thinking') ?? textAt(part, 'reasoning');
  if (text !== undefined) response.text(text);
  if (thought !== undefined) response.reasoning(thought);
}

function readCall(call: unknown, response: GenAiResponse): void {
  const [id, name] = [textAt(call, 'id'), textAt(call, 'name')];
  response.toolCall({
    index: numberAt(call, 'index') ?? 0,
    ...(id !== undefined && { id }),
    ...(name !== undefined && { name }),
    arguments: textAt(call, 'args') ?? '',
  });
}

/** Usage may come in parts, which LangChain adds up, too. An ID that LangChain has made is not the provider's. */
function readEnd(chunk: unknown, response: GenAiResponse): void {
  const id = textAt(chunk, 'id');
  if (id !== undefined && !id.startsWith('run-')) response.id = id;
  const metadata = at(chunk, 'response_metadata');
  response.model = textAt(metadata, 'model_name') ?? textAt(metadata, 'model') ?? response.model;
  const reason = ['finish_reason', 'stop_reason', 'finishReason', 'done_reason'].map((key) => textAt(metadata, key));
  const said = reason.find((each) => each !== undefined);
  if (said !== undefined) response.finished(said);
  const usage = at(chunk, 'usage_metadata');
  if (usage === undefined) return;
  response.inputTokens = sum(response.inputTokens, numberAt(usage, 'input_tokens'));
  response.outputTokens = sum(response.outputTokens, numberAt(usage, 'output_tokens'));
  response.cacheReadTokens = sum(response.cacheReadTokens, numberAt(usage, 'input_token_details', 'cache_read'));
  response.cacheWriteTokens = sum(response.cacheWriteTokens, numberAt(usage, 'input_token_details', 'cache_creation'));
  response.reasoningTokens = sum(response.reasoningTokens, numberAt(usage, 'output_token_details', 'reasoning'));
}

const ROLES: Readonly<Record<string, string>> = { human: 'user', ai: 'assistant', system: 'system', tool: 'tool' };

/** A text, a prompt that was made of a template, or a list of messages. */
function inputOf(input: unknown): GenAiInput {
  const text = typeof input === 'string' ? input : textAt(input, 'value');
  if (text !== undefined) return inputOfMessages({ messages: [{ role: 'user', content: text }] });
  const list = Array.isArray(input) ? input : listAt(input, 'messages');
  return inputOfMessages({ messages: list.map(messageOf) });
}

/** A message is an object of a class that says its role, `{ role, content }`, a pair of these, or a text. */
function messageOf(message: unknown): unknown {
  if (typeof message === 'string') return { role: 'user', content: message };
  if (Array.isArray(message)) return { role: roleOf(message[0]), content: message[1] as unknown };
  const made = /^(Human|AI|System|Tool)Message/.exec(classOf(message) ?? '')?.[1];
  return {
    role: roleOf(made?.toLowerCase() ?? at(message, 'role')),
    content: at(message, 'content'),
    tool_call_id: at(message, 'tool_call_id'),
    tool_calls: listAt(message, 'tool_calls').map((call) => ({
      id: at(call, 'id'),
      function: { name: at(call, 'name'), arguments: at(call, 'args') },
    })),
  };
}

const roleOf = (role: unknown) => (typeof role === 'string' ? (ROLES[role] ?? role) : 'user');
