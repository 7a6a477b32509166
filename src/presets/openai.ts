import type { GenAiReader } from '../telemetry/gen-ai/reader';
import type { GeneratorCall } from '../types';
import { chatCompletions, textCompletions } from './chat-completions';
import { errorOfResponses, responses, retrievedResponses } from './openai-responses';
import { errorOfRuns, isStreamed, runs, signalOfRun } from './openai-runs';
import { at, classOf, textAt, type OwnPreset } from './preset';
import { clientOf, helpersOf, stainless } from './stainless';

/** Providers whose API is one of OpenAI's, by the ends of their hosts: names of the conventions. */
const PROVIDERS: readonly (readonly [host: string, provider: string])[] = [
  ['openai.azure.com', 'azure.ai.openai'],
  ['services.ai.azure.com', 'azure.ai.openai'],
  ['cognitiveservices.azure.com', 'azure.ai.openai'],
  ['amazonaws.com', 'aws.bedrock'],
  ['anthropic.com', 'anthropic'],
  ['cohere.ai', 'cohere'],
  ['deepseek.com', 'deepseek'],
  ['generativelanguage.googleapis.com', 'gcp.gemini'],
  ['aiplatform.googleapis.com', 'gcp.vertex_ai'],
  ['groq.com', 'groq'],
  ['mistral.ai', 'mistral_ai'],
  ['moonshot.ai', 'moonshot_ai'],
  ['moonshot.cn', 'moonshot_ai'],
  ['perplexity.ai', 'perplexity'],
  ['x.ai', 'x_ai'],
];

const CLIENTS: Readonly<Record<string, string>> = { AzureOpenAI: 'azure.ai.openai', BedrockOpenAI: 'aws.bedrock' };

export function providerOf(call: GeneratorCall): string {
  const client = clientOf(call);
  return CLIENTS[classOf(client) ?? ''] ?? providerAt(textAt(client, 'baseURL')) ?? 'openai';
}

function providerAt(baseUrl: string | undefined): string | undefined {
  const host = baseUrl === undefined ? undefined : /^https?:\/\/([^/:?#]+)/i.exec(baseUrl)?.[1]?.toLowerCase();
  if (host === undefined) return undefined;
  return PROVIDERS.find(([end]) => host === end || host.endsWith(`.${end}`))?.[1];
}

/** What the conventions for OpenAI add to a request. */
function ofOpenai({ args: [body] }: GeneratorCall, type: string): Record<string, string> {
  const tier = textAt(body, 'service_tier');
  return {
    'openai.api.type': type,
    ...(tier !== undefined && tier !== 'auto' && { 'openai.request.service_tier': tier }),
  };
}

const completions = chatCompletions(providerOf);
const chat: GenAiReader = {
  ...completions,
  request(call) {
    const request = completions.request(call);
    return request && { ...request, attributes: ofOpenai(call, 'chat_completions') };
  },
} as GenAiReader;

const target = { module: 'openai', ...stainless };

const run = {
  ...target,
  // The first that streams runs.
  versions: '>=4.29.0',
  shouldTrace: isStreamed,
  abortSignal: signalOfRun,
  errorOf: errorOfRuns,
  genAi: runs(providerOf) as GenAiReader,
};

export const openai: OwnPreset = {
  name: 'openai',
  traces: 'requests for chat completions, responses and completions, streamed or whole; streamed runs of assistants',
  spans: 'openai.chat.completions.create',
  targets: [
    {
      ...target,
      versions: '>=4.0.0',
      exports: ['OpenAI.Chat.Completions#create'],
      spanName: 'openai.chat.completions.create',
      genAi: chat,
    },
    {
      ...target,
      versions: '>=4.87.0',
      exports: ['OpenAI.Responses#create'],
      spanName: 'openai.responses.create',
      errorOf: errorOfResponses,
      genAi: responses(providerOf, ofOpenai) as GenAiReader,
    },
    {
      ...target,
      // The first that streams a response of the background.
      versions: '>=4.103.0',
      exports: ['OpenAI.Responses#retrieve'],
      spanName: 'openai.responses.retrieve',
      shouldTrace: ({ args: [, query] }) => at(query, 'stream') === true,
      abortSignal: ({ args: [, query, options] }) => at(options, 'signal') ?? at(query, 'signal'),
      errorOf: errorOfResponses,
      genAi: retrievedResponses(providerOf, ofOpenai) as GenAiReader,
    },
    {
      ...target,
      versions: '>=4.0.0',
      exports: ['OpenAI.Completions#create'],
      spanName: 'openai.completions.create',
      genAi: textCompletions(providerOf) as GenAiReader,
    },
    { ...run, exports: ['OpenAI.Beta.Threads.Runs#create'], spanName: 'openai.beta.threads.runs.create' },
    {
      ...run,
      exports: ['OpenAI.Beta.Threads.Runs#submitToolOutputs'],
      spanName: 'openai.beta.threads.runs.submitToolOutputs',
    },
    { ...run, exports: ['OpenAI.Beta.Threads#createAndRun'], spanName: 'openai.beta.threads.createAndRun' },
    ...helpersOf({
      'openai/lib/AssistantStream': 'AssistantStream',
      'openai/lib/ChatCompletionStream': 'ChatCompletionStream',
      'openai/lib/responses/ResponseStream': 'ResponseStream',
    }),
  ],
};
