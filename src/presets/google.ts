import type { GenAiInput, GenAiMessage, GenAiPart, GenAiReader, GenAiResponse } from '../telemetry/gen-ai/reader';
import { at, listAt, textAt, type OwnPreset } from './preset';

/** What is read of a chunk, any of which may be missing. */
interface Chunk {
  readonly responseId?: string;
  readonly modelVersion?: string;
  readonly candidates?: readonly Candidate[];
  readonly usageMetadata?: Usage | null;
}
interface Candidate {
  readonly index?: number;
  readonly content?: { readonly parts?: readonly Part[] };
  readonly finishReason?: string;
}
interface Part {
  readonly text?: string;
  readonly thought?: boolean;
  readonly functionCall?: object;
  readonly inlineData?: object;
}
interface Usage {
  readonly promptTokenCount?: number;
  readonly toolUsePromptTokenCount?: number;
  readonly candidatesTokenCount?: number;
  readonly thoughtsTokenCount?: number;
  readonly cachedContentTokenCount?: number;
}

/** More candidates or parts are not looked at: nothing long is iterated over for a chunk. */
const MOST = 128;

const generateContentReader: GenAiReader<Chunk> = {
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
  chunk({ responseId, modelVersion, candidates, usageMetadata }, response) {
    if (responseId) response.id = responseId;
    if (modelVersion) response.model = modelVersion;
    if (candidates) {
      const count = Math.min(candidates.length, MOST);
      for (let index = 0; index < count; index++) readCandidate(candidates[index] as Candidate, response);
    }
    if (usageMetadata) readUsage(usageMetadata, response);
  },
  input: ({ args: [params] }) => ({
    messages: messagesOf(at(params, 'contents')),
    ...systemOf(at(params, 'config', 'systemInstruction')),
  }),
};

function readCandidate({ index = 0, content, finishReason }: Candidate, response: GenAiResponse): void {
  const parts = content?.parts;
  if (parts) {
    const count = Math.min(parts.length, MOST);
    for (let place = 0; place < count; place++) readPart(parts[place] as Part, response, index);
  }
  if (finishReason) response.finished(finishReason, index);
}

function readPart({ text, thought, functionCall, inlineData }: Part, response: GenAiResponse, choice: number): void {
  if (text) {
    if (thought === true) response.reasoning(text, choice);
    else response.text(text, choice);
  } else if (functionCall) response.toolCall(callOf(functionCall), choice);
  else if (inlineData) response.content(choice);
}

/** Each chunk has the usage up to itself. What is thought, and what tools of Google have answered, is counted apart from the rest. */
function readUsage(usage: Usage, response: GenAiResponse): void {
  response.inputTokens = sum(usage.promptTokenCount, usage.toolUsePromptTokenCount);
  response.outputTokens = sum(usage.candidatesTokenCount, usage.thoughtsTokenCount);
  response.reasoningTokens = usage.thoughtsTokenCount;
  response.cacheReadTokens = usage.cachedContentTokenCount;
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
      abortSignal: ({ args: [params] }) => at(params, 'config', 'abortSignal'),
      genAi: generateContentReader,
    },
  ],
};
