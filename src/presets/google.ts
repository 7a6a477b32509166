import type { GenAiInput, GenAiMessage, GenAiPart, GenAiReader, GenAiResponse } from '../telemetry/gen-ai/reader';
import type { ErrorClassifier } from '../types';
import { at, listAt, numberAt, textAt, type OwnPreset } from './preset';

const generateContentReader: GenAiReader = {
  request({ args: [params], thisArg }) {
    const config = at(params, 'config');
    const client = at(thisArg, 'apiClient', 'clientOptions');
    return {
      operation: 'generate_content',
      provider: at(client, 'vertexai') === true ? 'gcp.vertex_ai' : 'gcp.gemini',
      model: textAt(params, 'model'),
      stream: true,
      baseUrl: textAt(config, 'httpOptions', 'baseUrl') ?? textAt(client, 'httpOptions', 'baseUrl'),
      maxTokens: at(config, 'maxOutputTokens'),
      temperature: at(config, 'temperature'),
      topP: at(config, 'topP'),
      topK: at(config, 'topK'),
      frequencyPenalty: at(config, 'frequencyPenalty'),
      presencePenalty: at(config, 'presencePenalty'),
      seed: at(config, 'seed'),
      stopSequences: at(config, 'stopSequences'),
      choiceCount: at(config, 'candidateCount'),
      outputType: textAt(config, 'responseMimeType') === 'application/json' ? 'json' : undefined,
      reasoningLevel: textAt(config, 'thinkingConfig', 'thinkingLevel'),
    };
  },
  chunk(chunk, response) {
    response.id = textAt(chunk, 'responseId') ?? response.id;
    response.model = textAt(chunk, 'modelVersion') ?? response.model;
    const candidates = listAt(chunk, 'candidates');
    for (let index = 0; index < candidates.length; index++) readCandidate(candidates[index], response);
    const usage = at(chunk, 'usageMetadata');
    if (usage !== undefined) readUsage(usage, response);
  },
  input: ({ args: [params] }) => ({
    messages: messagesOf(at(params, 'contents')),
    ...systemOf(at(params, 'config', 'systemInstruction')),
  }),
};

function readCandidate(candidate: unknown, response: GenAiResponse): void {
  const choice = numberAt(candidate, 'index') ?? 0;
  const parts = listAt(candidate, 'content', 'parts');
  for (let index = 0; index < parts.length; index++) readPart(parts[index], response, choice);
  const reason = textAt(candidate, 'finishReason');
  if (reason !== undefined) response.finished(reason, choice);
}

function readPart(part: unknown, response: GenAiResponse, choice: number): void {
  const text = textAt(part, 'text');
  if (text !== undefined) {
    if (at(part, 'thought') === true) response.reasoning(text, choice);
    else response.text(text, choice);
    return;
  }
  const call = at(part, 'functionCall');
  if (call !== undefined) response.toolCall(callOf(call), choice);
  else if (at(part, 'inlineData') !== undefined) response.content(choice);
}

/** Each chunk has the usage up to itself. What is thought, and what tools of Google have answered, is counted apart from the rest. */
function readUsage(usage: unknown, response: GenAiResponse): void {
  const thoughts = numberAt(usage, 'thoughtsTokenCount');
  response.inputTokens = sum(numberAt(usage, 'promptTokenCount'), numberAt(usage, 'toolUsePromptTokenCount'));
  response.outputTokens = sum(numberAt(usage, 'candidatesTokenCount'), thoughts);
  response.reasoningTokens = thoughts;
  response.cacheReadTokens = numberAt(usage, 'cachedContentTokenCount');
}

const sum = (a: number | undefined, b: number | undefined) => (a === undefined ? b : a + (b ?? 0));

function callOf(call: unknown): { id?: string; name?: string; arguments?: unknown } {
  const id = textAt(call, 'id');
  return { ...(id !== undefined && { id }), name: textAt(call, 'name') ?? '', arguments: at(call, 'args') };
}

/** Contents may be a text, a part, a list of these, a content, or a list of contents. */
function messagesOf(contents: unknown): GenAiMessage[] {
  const list = Array.isArray(contents) ? contents : [contents];
  if (!list.some((each) => Array.isArray(at(each, 'parts')))) return [{ role: 'user', parts: list.flatMap(partsOf) }];
  return list.map((each) => ({
    role: textAt(each, 'role') ?? 'user',
    parts: listAt(each, 'parts').flatMap(partsOf),
  }));
}

function partsOf(part: unknown): GenAiPart[] {
  if (typeof part === 'string') return [{ type: 'text', content: part }];
  const content = textAt(part, 'text');
  if (content !== undefined) return [{ type: at(part, 'thought') === true ? 'reasoning' : 'text', content }];
  const call = at(part, 'functionCall');
  if (call !== undefined) return [{ type: 'tool_call', ...callOf(call) }];
  const answer = at(part, 'functionResponse');
  return answer === undefined ? [] : [{ type: 'tool_call_response', response: at(answer, 'response') }];
}

function systemOf(instruction: unknown): Pick<GenAiInput, 'systemInstructions'> {
  const texts = messagesOf(instruction)
    .flatMap(({ parts }) => parts)
    .flatMap((part) => (part.type === 'text' ? [part.content] : []));
  return { systemInstructions: texts };
}

/** An abort before the response is there comes as an error of the client's, which says no more than this text. */
const ABORTED_REQUEST = /^exception AbortError\b/;

const classifyRequestError: ErrorClassifier = (error) =>
  ABORTED_REQUEST.test(textAt(error, 'message') ?? '') ? 'aborted' : undefined;

/** The streams of models, and with them those of chats. Each client's constructor makes the method. */
export const googleGenai: OwnPreset = {
  name: 'google-genai',
  traces: 'generateContentStream, and with it the streams of chats',
  spans: 'google-genai.models.generateContentStream',
  targets: [
    {
      module: '@google/genai',
      exports: ['new GoogleGenAI().models.generateContentStream'],
      spanName: 'google-genai.models.generateContentStream',
      classifyError: classifyRequestError,
      genAi: generateContentReader,
    },
  ],
};
