/**
 * Requests and chunks of which any field is missing, or null: servers speak a provider's protocol as far as they do, and programs write requests as
 * they like. Each preset that reads a model's answers has a sample of all that it reads, and each field of it is left out once.
 */
import { expect } from 'chai';
import { PRESET_NAMES, PRESETS } from '../../src/presets';
import type { GenAiInput, GenAiReader, GenAiResponse } from '../../src/telemetry/gen-ai/reader';
import type { GeneratorCall } from '../../src/types';

type Call = Pick<GeneratorCall, 'args'> & Partial<GeneratorCall>;
type Told = 'text' | 'reasoning' | 'toolCall' | 'content' | 'finished' | 'attribute';

interface Sample {
  /** Names of the spans of the targets whose reader it is for. */
  readonly spans: RegExp;
  readonly calls: readonly Call[];
  readonly chunks: readonly object[];
  /** Values of calls that return no stream. */
  readonly values?: readonly object[];
  /** All that the chunks say, whole. */
  readonly says: readonly Told[];
}

const bytes = (value: unknown) => ({ chunk: { bytes: new TextEncoder().encode(JSON.stringify(value)) } });

const TOOL_CALL = { index: 1, id: 'call-1', function: { name: 'weather', arguments: '{"city":"Oslo"}' } };
const MESSAGES = [
  { role: 'system', content: 'Be brief.' },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: {} },
    ],
  },
  { role: 'assistant', content: '', tool_calls: [TOOL_CALL] },
  {
    role: 'assistant',
    content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] }],
    toolCalls: [TOOL_CALL],
  },
  { role: 'assistant', content: [{ type: 'thinking', thinking: 'Hm.' }] },
  { role: 'tool', tool_call_id: 'call-1', content: 'rain' },
  { role: 'tool', toolCallId: 'call-1', content: 'rain' },
];

const COMPLETION_USAGE = {
  prompt_tokens: 3,
  completion_tokens: 2,
  prompt_tokens_details: { cached_tokens: 1 },
  completion_tokens_details: { reasoning_tokens: 1 },
  prompt_cache_hit_tokens: 1,
};
const MESSAGE = {
  content: 'hello',
  refusal: 'no',
  reasoning_content: 'hm',
  reasoning: 'hm',
  tool_calls: [TOOL_CALL],
  audio: { data: 'AAAA' },
};
const COMPLETION = {
  id: 'chat-1',
  model: 'model-1',
  service_tier: 'default',
  system_fingerprint: 'fp-1',
  choices: [
    { index: 0, delta: MESSAGE, message: MESSAGE, text: 'hello', finish_reason: 'stop', usage: COMPLETION_USAGE },
  ],
  usage: COMPLETION_USAGE,
  x_groq: { id: 'chat-1', usage: COMPLETION_USAGE },
};
const CHAT_REQUEST = {
  model: 'model-1',
  stream: true,
  messages: MESSAGES,
  max_completion_tokens: 9,
  max_tokens: 9,
  reasoning_effort: 'low',
  response_format: { type: 'json_schema' },
  audio: { voice: 'alloy' },
  stop: ['.'],
};
const STAINLESS = {
  _client: { baseURL: 'https://api.example.com/v1' },
  client: { baseURL: 'https://api.example.com/v1' },
};
const COMPLETIONS: Omit<Sample, 'spans'> = {
  calls: [
    { args: [CHAT_REQUEST], thisArg: STAINLESS },
    { args: [{ ...CHAT_REQUEST, response_format: { type: 'text' } }], thisArg: STAINLESS },
    { args: [{ model: 'model-1', prompt: 'Once upon a time' }], thisArg: { _client: { deploymentName: 'model-1' } } },
  ],
  chunks: [COMPLETION],
  values: [COMPLETION],
  says: ['attribute', 'reasoning', 'text', 'content', 'toolCall', 'finished'],
};

const RESPONSE = {
  id: 'resp-1',
  model: 'model-1',
  status: 'incomplete',
  incomplete_details: { reason: 'max_output_tokens' },
  service_tier: 'default',
  usage: {
    input_tokens: 3,
    output_tokens: 2,
    input_tokens_details: { cached_tokens: 1 },
    output_tokens_details: { reasoning_tokens: 1 },
  },
  output: [
    {
      type: 'message',
      content: [
        { type: 'output_text', text: 'hello' },
        { type: 'refusal', refusal: 'no' },
      ],
    },
    { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }] },
    { type: 'function_call', call_id: 'call-1', name: 'weather', arguments: '{}', input: '{}' },
  ],
};
const ASSISTANT_RUN = {
  id: 'run-1',
  model: 'model-1',
  status: 'incomplete',
  assistant_id: 'asst-1',
  thread_id: 'thread-1',
  incomplete_details: { reason: 'max_completion_tokens' },
  usage: { prompt_tokens: 3, completion_tokens: 2, prompt_token_details: { cached_tokens: 1 } },
};
const RUNS: Omit<Sample, 'spans'> = {
  calls: [
    {
      args: [
        'thread-1',
        {
          model: 'model-1',
          stream: true,
          assistant_id: 'asst-1',
          instructions: 'Be brief.',
          additional_instructions: 'Be kind.',
          additional_messages: MESSAGES,
          response_format: { type: 'json_schema' },
        },
      ],
      thisArg: STAINLESS,
    },
    { args: [{ assistant_id: 'asst-1', thread: { messages: MESSAGES } }], thisArg: STAINLESS },
    { args: ['run-1', { thread_id: 'thread-1', tool_outputs: [{ tool_call_id: 'call-1', output: 'rain' }] }] },
  ],
  chunks: [
    { event: 'thread.run.created', data: { ...ASSISTANT_RUN, status: 'queued' } },
    {
      event: 'thread.run.step.delta',
      data: {
        delta: {
          step_details: {
            tool_calls: [
              { ...TOOL_CALL, type: 'function' },
              { index: 0, id: 'call-2', type: 'code_interpreter', code_interpreter: { input: '1 + 1' } },
            ],
          },
        },
      },
    },
    { event: 'thread.run.step.completed', data: { id: 'step-1', usage: ASSISTANT_RUN.usage } },
    {
      event: 'thread.message.delta',
      data: {
        delta: {
          content: [
            { index: 0, type: 'text', text: { value: 'hello' } },
            { index: 1, type: 'refusal', refusal: 'no' },
            { index: 2, type: 'image_file', image_file: { file_id: 'file-1' } },
          ],
        },
      },
    },
    { event: 'thread.run.incomplete', data: ASSISTANT_RUN },
  ],
  says: ['text', 'toolCall', 'content', 'attribute', 'finished'],
};
const RESPONSES: Omit<Sample, 'spans'> = {
  calls: [
    {
      args: [
        {
          model: 'model-1',
          stream: true,
          instructions: 'Be brief.',
          text: { format: { type: 'json_schema' } },
          reasoning: { effort: 'low' },
          conversation: { id: 'conversation-1' },
          input: [
            { role: 'user', content: [{ type: 'input_text', text: 'hello?' }, { type: 'input_image' }] },
            { role: 'user', content: 'hello?' },
            { type: 'function_call', call_id: 'call-1', name: 'weather', arguments: '{}', input: '{}' },
            { type: 'function_call_output', call_id: 'call-1', output: 'rain' },
          ],
        },
      ],
      thisArg: STAINLESS,
    },
    { args: [{ input: 'hello?', conversation: 'conversation-1' }] },
  ],
  chunks: [
    { type: 'response.created', response: { id: 'resp-1', model: 'model-1', status: 'in_progress' } },
    {
      type: 'response.output_item.added',
      output_index: 0,
      item: { type: 'function_call', call_id: 'call-1', name: 'weather' },
    },
    { type: 'response.output_text.delta', delta: 'hello' },
    { type: 'response.refusal.delta', delta: 'no' },
    { type: 'response.reasoning_text.delta', delta: 'hm' },
    { type: 'response.reasoning_summary_text.delta', delta: 'hm' },
    { type: 'response.function_call_arguments.delta', output_index: 0, delta: '{}' },
    { type: 'response.mcp_call_arguments.delta', output_index: 0, delta: '{}' },
    { type: 'response.custom_tool_call_input.delta', output_index: 0, delta: '{}' },
    { type: 'response.audio.delta', delta: 'AAAA' },
    { type: 'response.image_generation_call.partial_image', partial_image_b64: 'AAAA' },
    { type: 'response.completed', response: RESPONSE },
  ],
  values: [RESPONSE],
  says: ['text', 'reasoning', 'toolCall', 'content', 'attribute', 'finished'],
};

const ANTHROPIC_USAGE = {
  input_tokens: 3,
  output_tokens: 2,
  cache_read_input_tokens: 1,
  cache_creation_input_tokens: 1,
};
const BLOCKS = [
  { type: 'text', text: 'hello' },
  { type: 'thinking', thinking: 'hm' },
  { type: 'tool_use', id: 'tool-1', name: 'weather', input: {} },
  { type: 'tool_result', tool_use_id: 'tool-1', content: 'rain' },
];

const AI_USAGE = {
  inputTokens: 3,
  outputTokens: 2,
  cachedInputTokens: 1,
  reasoningTokens: 1,
  inputTokenDetails: { cacheReadTokens: 1, cacheWriteTokens: 1 },
  outputTokenDetails: { reasoningTokens: 1 },
};
const AI_PROMPT = [
  { role: 'user', content: 'hello?' },
  {
    role: 'assistant',
    content: [
      { type: 'text', text: 'hm' },
      { type: 'reasoning', text: 'hm' },
      { type: 'tool-call', toolCallId: 'call-1', toolName: 'weather', input: {} },
      { type: 'tool-result', toolCallId: 'call-1', output: 'rain' },
      { type: 'image' },
    ],
  },
];
const aiCalls = (moduleVersion: string): Call[] =>
  [
    { provider: 'openai.chat', modelId: 'model-1' },
    { provider: 'gateway', modelId: 'azure/model-1' },
    'openai/model-1',
    'model-1',
  ].flatMap((model) => [
    {
      args: [{ model, prompt: AI_PROMPT, messages: AI_PROMPT, system: 'Be brief.', instructions: 'Be brief.' }],
      moduleVersion,
    },
    { args: [{ model, prompt: 'hello?', telemetry: { isEnabled: true, integrations: [] } }], moduleVersion },
  ]);

const AGENT_USAGE = {
  inputTokens: 3,
  outputTokens: 2,
  inputTokensDetails: [{ cached_tokens: 1 }],
  outputTokensDetails: [{ reasoning_tokens: 1 }],
};

const V1_CALL = { name: 'weather', parameters: {} };
const CLIENT = { _options: { environment: 'https://api.example.com', baseUrl: 'https://api.example.com' } };

const SAMPLES: Record<string, readonly Sample[]> = {
  openai: [
    { spans: /completions|helpers|stream/, ...COMPLETIONS },
    { spans: /responses/, ...RESPONSES },
    { spans: /threads/, ...RUNS },
  ],
  groq: [{ spans: /./, ...COMPLETIONS }],
  together: [{ spans: /./, ...COMPLETIONS }],
  cerebras: [{ spans: /./, ...COMPLETIONS }],
  anthropic: [
    {
      spans: /./,
      calls: [
        {
          args: [
            {
              model: 'model-1',
              stream: true,
              system: [{ type: 'text', text: 'Be brief.' }],
              output_config: { effort: 'low', format: { type: 'json_schema' } },
              messages: [
                { role: 'user', content: 'hello?' },
                { role: 'assistant', content: BLOCKS },
              ],
            },
          ],
          thisArg: { _client: { baseURL: 'https://api.example.com', openTelemetry: { traces: { enabled: false } } } },
        },
        { args: [{ system: 'Be brief.' }] },
      ],
      chunks: [
        {
          type: 'message_start',
          message: { id: 'msg-1', model: 'model-1', stop_reason: 'end_turn', usage: ANTHROPIC_USAGE },
        },
        { type: 'content_block_start', index: 1, content_block: { type: 'tool_use', id: 'tool-1', name: 'weather' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hello' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'hm' } },
        { type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: '{}' } },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: ANTHROPIC_USAGE },
      ],
      values: [{ id: 'msg-1', model: 'model-1', stop_reason: 'end_turn', usage: ANTHROPIC_USAGE, content: BLOCKS }],
      says: ['toolCall', 'text', 'reasoning', 'finished'],
    },
  ],
  'google-genai': [
    {
      spans: /./,
      calls: [
        {
          args: [
            {
              model: 'model-1',
              contents: [
                { role: 'user', parts: [{ text: 'hello?' }, { text: 'hm', thought: true }, 'hello?'] },
                { role: 'model', parts: [{ functionCall: { id: 'call-1', name: 'weather', args: {} } }] },
                { role: 'user', parts: [{ functionResponse: { response: { weather: 'rain' } } }, { inlineData: {} }] },
              ],
              config: {
                systemInstruction: { parts: [{ text: 'Be brief.' }] },
                responseMimeType: 'application/json',
                thinkingConfig: { thinkingLevel: 'LOW' },
                httpOptions: { baseUrl: 'https://api.example.com' },
              },
            },
          ],
          thisArg: {
            apiClient: { clientOptions: { vertexai: true, httpOptions: { baseUrl: 'https://api.example.com' } } },
          },
        },
        { args: [{ contents: 'hello?', config: { systemInstruction: 'Be brief.' } }] },
      ],
      chunks: [
        {
          responseId: 'response-1',
          modelVersion: 'model-1',
          candidates: [
            {
              index: 0,
              content: {
                parts: [
                  { text: 'hello' },
                  { text: 'hm', thought: true },
                  { functionCall: { id: 'call-1', name: 'weather', args: {} } },
                  { inlineData: { data: 'AAAA' } },
                ],
              },
              finishReason: 'STOP',
            },
          ],
          usageMetadata: {
            promptTokenCount: 3,
            toolUsePromptTokenCount: 1,
            candidatesTokenCount: 2,
            thoughtsTokenCount: 1,
            cachedContentTokenCount: 1,
          },
        },
      ],
      says: ['text', 'reasoning', 'toolCall', 'content', 'finished'],
    },
  ],
  mistral: [
    {
      spans: /./,
      calls: [
        {
          args: [
            {
              model: 'model-1',
              agentId: 'agent-1',
              prompt: 'Once upon a time',
              messages: MESSAGES,
              responseFormat: { type: 'json_object' },
            },
          ],
          thisArg: {
            _baseURL: 'https://api.example.com',
            baseURL: 'https://api.example.com',
            _options: { hooks: { beforeRequestHooks: [{}] } },
          },
        },
      ],
      chunks: [
        {
          data: {
            id: 'chat-1',
            model: 'model-1',
            choices: [
              { index: 0, delta: { content: 'hello', toolCalls: [TOOL_CALL] }, finishReason: 'stop' },
              {
                index: 1,
                delta: {
                  content: [
                    { type: 'text', text: 'hello' },
                    { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
                    { type: 'image_url' },
                  ],
                },
              },
            ],
            usage: { promptTokens: 3, completionTokens: 2 },
          },
        },
      ],
      says: ['text', 'toolCall', 'finished', 'reasoning', 'content'],
    },
  ],
  ollama: [
    {
      spans: /./,
      calls: [
        {
          args: [
            {
              model: 'model-1',
              stream: true,
              messages: MESSAGES,
              prompt: 'hello?',
              system: 'Be brief.',
              format: 'json',
              think: 'low',
              options: { seed: 1, stop: ['.'] },
            },
          ],
          thisArg: { config: { host: 'http://127.0.0.1:11434' } },
        },
      ],
      chunks: [
        {
          model: 'model-1',
          message: { content: 'hello', thinking: 'hm', tool_calls: [{ function: { name: 'weather', arguments: {} } }] },
          response: 'hello',
          thinking: 'hm',
          done: true,
          done_reason: 'stop',
          prompt_eval_count: 3,
          eval_count: 2,
        },
      ],
      values: [{ model: 'model-1', message: { content: 'hello' }, done: true }],
      says: ['reasoning', 'text', 'toolCall', 'finished'],
    },
  ],
  cohere: [
    {
      spans: /^cohere\.chatStream$/,
      calls: [
        {
          args: [
            {
              model: 'model-1',
              preamble: 'Be brief.',
              message: 'hello?',
              conversationId: 'conversation-1',
              chatHistory: [
                { role: 'CHATBOT', message: 'hm' },
                { role: 'USER', message: 'hello?' },
              ],
            },
          ],
          thisArg: CLIENT,
        },
      ],
      chunks: [
        { eventType: 'stream-start', generationId: 'generation-1' },
        { eventType: 'text-generation', text: 'hello' },
        { eventType: 'tool-calls-generation', toolCalls: [V1_CALL] },
        {
          eventType: 'stream-end',
          finishReason: 'COMPLETE',
          response: { meta: { billedUnits: { inputTokens: 3 }, tokens: { inputTokens: 3, outputTokens: 2 } } },
        },
      ],
      says: ['text', 'toolCall', 'finished'],
    },
    {
      spans: /v2/,
      calls: [
        { args: [{ model: 'model-1', messages: MESSAGES, responseFormat: { type: 'json_object' } }], thisArg: CLIENT },
      ],
      chunks: [
        { type: 'message-start', id: 'message-1' },
        { type: 'content-start', index: 0, delta: { message: { content: { text: 'hello', thinking: 'hm' } } } },
        { type: 'tool-plan-delta', delta: { message: { toolPlan: 'hm' } } },
        { type: 'tool-call-start', index: 0, delta: { message: { toolCalls: TOOL_CALL } } },
        {
          type: 'message-end',
          delta: {
            finishReason: 'COMPLETE',
            usage: { billedUnits: { inputTokens: 3, outputTokens: 2 }, tokens: { inputTokens: 3 }, cachedTokens: 1 },
          },
        },
      ],
      says: ['text', 'reasoning', 'toolCall', 'finished'],
    },
  ],
  huggingface: [
    { spans: /chat/, ...COMPLETIONS },
    {
      spans: /text/,
      calls: [
        {
          args: [
            { model: 'model-1', inputs: 'hello?', endpointUrl: 'https://api.example.com', parameters: { seed: 1 } },
          ],
        },
      ],
      chunks: [
        { token: { text: 'hello', special: false }, details: null },
        {
          token: { text: '</s>', special: true },
          details: { finish_reason: 'length', generated_tokens: 2, input_length: 3 },
        },
      ],
      says: ['text', 'finished'],
    },
  ],
  elevenlabs: [
    {
      spans: /./,
      calls: [{ args: ['voice', { modelId: 'model-1', text: 'hello', seed: 1 }], thisArg: CLIENT }],
      chunks: [new Uint8Array(2)],
      says: ['content'],
    },
  ],
  bedrock: [
    {
      spans: /converse/,
      calls: [
        {
          args: [
            {
              input: {
                modelId: 'model-1',
                inferenceConfig: { maxTokens: 9 },
                system: [{ text: 'Be brief.' }],
                messages: [
                  {
                    role: 'assistant',
                    content: [
                      { text: 'hello' },
                      { reasoningContent: { reasoningText: { text: 'hm' } } },
                      { toolUse: { toolUseId: 'tool-1', name: 'weather', input: {} } },
                      { toolResult: { toolUseId: 'tool-1', content: [{ text: 'rain' }] } },
                    ],
                  },
                ],
              },
            },
          ],
        },
      ],
      chunks: [
        { contentBlockStart: { contentBlockIndex: 1, start: { toolUse: { toolUseId: 'tool-1', name: 'weather' } } } },
        { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'hello' } } },
        { contentBlockDelta: { contentBlockIndex: 0, delta: { reasoningContent: { text: 'hm' } } } },
        { contentBlockDelta: { contentBlockIndex: 1, delta: { toolUse: { input: '{}' } } } },
        { messageStop: { stopReason: 'end_turn' } },
        { metadata: { usage: { inputTokens: 3, outputTokens: 2, cacheReadInputTokens: 1, cacheWriteInputTokens: 1 } } },
      ],
      says: ['toolCall', 'text', 'reasoning', 'finished'],
    },
    {
      spans: /invoke/,
      calls: [{ args: [{ input: { modelId: 'anthropic.model-1' } }] }, { args: [{ input: { modelId: 'model-1' } }] }],
      chunks: [
        bytes({ completion: 'hello' }),
        bytes({ completion: 'hello', counts: { a: 1 } }),
        bytes({ 'amazon-bedrock-invocationMetrics': { inputTokenCount: 3, outputTokenCount: 2 } }),
      ],
      says: [],
    },
  ],
  'vercel-ai': [
    {
      spans: /streamText\.(full)?[sS]tream$/,
      calls: [...aiCalls('6.0.0'), ...aiCalls('7.0.0'), ...aiCalls('')],
      chunks: [
        { type: 'text-delta', text: 'hello' },
        { type: 'reasoning-delta', text: 'hm' },
        { type: 'tool-input-delta', delta: '{}' },
        { type: 'tool-call', toolCallId: 'call-1', toolName: 'weather', input: {} },
        {
          type: 'finish-step',
          finishReason: 'stop',
          response: { id: 'response-1', modelId: 'model-1' },
          usage: AI_USAGE,
        },
        {
          type: 'finish-step',
          finishReason: 'stop',
          response: { id: 'response-1', modelId: 'model-1' },
          usage: AI_USAGE,
        },
        { type: 'finish', totalUsage: AI_USAGE },
      ],
      says: ['text', 'reasoning', 'content', 'toolCall', 'finished'],
    },
    {
      spans: /streamObject\.fullStream$/,
      calls: aiCalls('6.0.0'),
      chunks: [
        { type: 'text-delta', textDelta: 'hello' },
        { type: 'object', object: {} },
        { type: 'finish', finishReason: 'stop', response: { id: 'response-1', modelId: 'model-1' }, usage: AI_USAGE },
      ],
      says: ['text', 'content', 'finished'],
    },
    {
      spans: /text[sS]tream|[oO]utputStream|ObjectStream|elementStream/,
      calls: aiCalls('6.0.0'),
      chunks: [{}],
      says: ['content'],
    },
  ],
  langchain: [
    {
      spans: /./,
      calls: [
        {
          args: [MESSAGES, { stop: ['.'] }],
          thisArg: {
            model: 'model-1',
            clientConfig: { baseURL: 'https://model.test' },
            getLsParams: () => ({ ls_provider: 'openai', ls_model_name: 'model-1', ls_model_type: 'chat' }),
          },
        },
      ],
      chunks: [
        { id: 'response-1', content: 'hello', additional_kwargs: { reasoning_content: 'hm' } },
        {
          content: [{ type: 'text', text: 'hello' }],
          tool_call_chunks: [{ id: 'call-1', name: 'tool-1', args: '{}' }],
        },
        {
          content: '',
          response_metadata: { finish_reason: 'stop', model_name: 'model-1' },
          usage_metadata: { input_tokens: 3, output_tokens: 2, input_token_details: { cache_read: 1 } },
        },
      ],
      says: ['text', 'reasoning', 'toolCall', 'finished'],
    },
  ],
  'openai-agents': [
    {
      spans: /./,
      calls: [
        {
          args: [
            { name: 'agent-1', model: 'model-1', instructions: 'Be brief.', modelSettings: { maxTokens: 9 } },
            MESSAGES,
            { stream: true, previousResponseId: 'response-1', conversationId: 'conversation-1' },
          ],
          thisArg: { config: { model: 'model-1' } },
        },
        { args: [{ name: 'agent-1', model: '' }, 'hello?'], thisArg: { config: { model: 'model-1' } } },
      ],
      chunks: [
        { type: 'raw_model_stream_event', data: { type: 'response_started' } },
        { type: 'raw_model_stream_event', data: { type: 'output_text_delta', delta: 'hello' } },
        {
          type: 'raw_model_stream_event',
          data: { type: 'response_done', response: { id: 'response-1', usage: AGENT_USAGE } },
        },
        {
          type: 'run_item_stream_event',
          name: 'tool_called',
          item: { rawItem: { callId: 'call-1', name: 'weather', arguments: '{}' } },
        },
      ],
      values: [
        {
          state: {
            _context: { usage: AGENT_USAGE },
            _modelResponses: [{ responseId: 'response-1' }],
            _currentStep: { output: 'hello' },
          },
        },
      ],
      says: ['finished', 'text', 'toolCall'],
    },
  ],
  'claude-agent-sdk': [
    {
      spans: /./,
      calls: [
        {
          args: [
            {
              prompt: 'hello?',
              options: { agent: 'agent-1', model: 'model-1', systemPrompt: 'Be brief.', resume: 'session-1' },
            },
          ],
        },
      ],
      chunks: [
        { type: 'stream_event', event: { type: 'content_block_delta' } },
        {
          type: 'assistant',
          message: { id: 'msg-1', model: 'model-1', usage: ANTHROPIC_USAGE, content: BLOCKS.slice(0, 3) },
        },
        {
          type: 'assistant',
          parent_tool_use_id: 'tool-1',
          message: { id: 'msg-2', model: 'model-1', content: BLOCKS },
        },
        { type: 'result', subtype: 'success', is_error: false, usage: ANTHROPIC_USAGE },
      ],
      says: ['content', 'text', 'reasoning', 'toolCall', 'finished'],
    },
  ],
};

/** Every object that is like `value`, but for one field, at any depth, that is missing, or null, or empty. */
function* withoutOne(value: unknown): Generator<unknown> {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  if (Array.isArray(value)) {
    yield [];
    for (const [index, each] of value.entries()) for (const less of withoutOne(each)) yield value.with(index, less);
    return;
  }
  for (const [key, each] of Object.entries(value)) {
    const { [key]: _left, ...rest } = value as Record<string, unknown>;
    yield rest;
    yield { ...value, [key]: null };
    if (typeof each === 'string' && key !== 'type') yield { ...value, [key]: '' };
    for (const less of withoutOne(each)) yield { ...value, [key]: less };
  }
}

/** Keeps what it is told, and refuses what the conventions have no place for. */
class Response implements GenAiResponse {
  id: string | undefined;
  model: string | undefined;
  inputTokens: number | undefined;
  outputTokens: number | undefined;
  cacheReadTokens: number | undefined;
  cacheWriteTokens: number | undefined;
  reasoningTokens: number | undefined;
  readonly told = new Set<Told>();

  attribute(name: string, value: string): void {
    this.telling('attribute', name, value);
  }
  finished(reason: string): void {
    this.telling('finished', reason);
  }
  text(text: string): void {
    this.telling('text', text);
  }
  reasoning(text: string): void {
    this.telling('reasoning', text);
  }
  toolCall({ id = '', name = '' }: { id?: string; name?: string }): void {
    this.telling('toolCall', id, name);
  }
  content(): void {
    this.telling('content');
  }

  private telling(what: Told, ...texts: unknown[]): void {
    for (const each of texts) expect(each, what).to.be.a('string');
    this.told.add(what);
  }
}

function readersOf(preset: string, { spans }: Sample): GenAiReader[] {
  const { targets } = PRESETS[preset as keyof typeof PRESETS];
  return targets.flatMap(({ spanName, genAi }) => (genAi !== undefined && spans.test(String(spanName)) ? genAi : []));
}

const callOf = (call: Call): GeneratorCall => ({
  moduleName: 'module',
  moduleVersion: undefined,
  exportPath: 'export',
  thisArg: undefined,
  factoryArgs: undefined,
  ...call,
});

function checkInput(input: GenAiInput | undefined): void {
  for (const each of input?.systemInstructions ?? []) expect(each).to.be.a('string');
  for (const { role, parts } of input?.messages ?? []) {
    expect(role).to.be.a('string');
    for (const part of parts) {
      if (part.type === 'text' || part.type === 'reasoning') expect(part.content).to.be.a('string');
    }
  }
}

describe('a model’s client whose preset reads it', () => {
  for (const preset of PRESET_NAMES) {
    const targets = PRESETS[preset].targets.filter(({ genAi }) => genAi !== undefined);
    if (targets.length === 0) continue;

    it(`${preset}: has a sample for each of its readers`, () => {
      const sampled = new Set((SAMPLES[preset] ?? []).flatMap((sample) => readersOf(preset, sample)));
      const others = targets.filter(({ genAi }) => !sampled.has(genAi as GenAiReader));
      expect(others.map(({ spanName }) => spanName)).to.deep.equal([]);
    });

    for (const sample of SAMPLES[preset] ?? []) {
      const readers = new Set(readersOf(preset, sample));
      const title = `${preset} (${String(sample.spans)})`;

      it(`${title}: says all that there is in a sample`, () => {
        for (const reader of readers) {
          const response = new Response();
          for (const chunk of sample.chunks) reader.chunk(chunk, response);
          expect([...response.told]).to.have.members([...sample.says]);
        }
      });

      it(`${title}: may ask without any of what a request may have`, () => {
        for (const reader of readers) {
          for (const call of sample.calls) {
            for (const less of [call, ...withoutOne(call)] as Call[]) {
              const whole = callOf({ ...less, args: Array.isArray(less.args) ? less.args : [] });
              expect(reader.request(whole)?.operation ?? 'none').to.be.a('string').that.is.not.empty;
              checkInput(reader.input?.(whole));
            }
          }
        }
      });

      it(`${title}: may answer without any of what a chunk may have`, () => {
        for (const reader of readers) {
          for (const chunk of sample.chunks) {
            for (const less of [{}, ...withoutOne(chunk)]) {
              const response = new Response();
              reader.chunk(less, response);
              reader.chunk(less, response);
            }
          }
          for (const value of sample.values ?? []) {
            for (const less of [value, ...withoutOne(value)]) reader.result?.(less, new Response());
          }
        }
      });
    }
  }
});
