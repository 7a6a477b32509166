import { expect } from 'chai';
import { openai, providerOf } from '../../src/presets/openai';
import type { GeneratorCall } from '../../src/types';
import { useTracing } from '../support/tracing';
import { readerOf, readWith } from './support/reading';

const clientAt = (baseURL: string) => ({ _client: { baseURL } });
const client = clientAt('https://api.openai.com/v1');
const messages = [{ role: 'user', content: 'hello?' }];

describe('what the openai preset says', () => {
  const tracing = useTracing();
  const read = (api: string, body: unknown, more: { chunks?: unknown[]; value?: unknown; thisArg?: unknown }) =>
    readWith(readerOf(openai, `openai.${api}.create`), { args: [body], thisArg: client, ...more }, tracing);

  const chunk = (index: number, delta: object, reason: string | null = null) => ({
    id: 'chat-1',
    model: 'gpt-4o-2024-08-06',
    choices: [{ index, delta, finish_reason: reason }],
  });

  it('is each choice of a chat, by its index', async () => {
    const chunks = [
      chunk(1, { content: 'b' }),
      chunk(0, { content: 'a' }),
      chunk(1, {}, 'length'),
      chunk(0, { refusal: '!' }, 'content_filter'),
    ];
    const { attributes } = await read(
      'chat.completions',
      { model: 'gpt-4o', messages, n: 2, stream: true },
      { chunks },
    );
    expect(attributes).to.deep.include({
      'gen_ai.request.choice.count': 2,
      'gen_ai.response.finish_reasons': ['content_filter', 'length'],
    });
    expect(attributes['gen_ai.output.messages'].map(({ parts }) => parts)).to.deep.equal([
      [{ type: 'text', content: 'a!' }],
      [{ type: 'text', content: 'b' }],
    ]);
  });

  it('is reasoning, and tool calls put together from their pieces', async () => {
    const call = (index: number, more: object) => ({ tool_calls: [{ index, ...more }] });
    const chunks = [
      chunk(0, { reasoning_content: 'hm' }),
      chunk(0, call(0, { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } })),
      chunk(0, call(1, { id: 'call_2', type: 'function', function: { name: 'time', arguments: '{}' } })),
      chunk(0, call(0, { function: { arguments: '{"city":' } })),
      chunk(0, call(0, { function: { arguments: '"Rome"}' } }), 'tool_calls'),
    ];
    const { attributes } = await read('chat.completions', { model: 'gpt-4o', messages, stream: true }, { chunks });
    expect(attributes['gen_ai.output.messages']).to.deep.equal([
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', content: 'hm' },
          { type: 'tool_call', id: 'call_1', name: 'weather', arguments: { city: 'Rome' } },
          { type: 'tool_call', id: 'call_2', name: 'time', arguments: {} },
        ],
        finish_reason: 'tool_calls',
      },
    ]);
  });

  it('is the whole answer where there is no stream', async () => {
    const value = {
      id: 'chat-1',
      model: 'gpt-4o-2024-08-06',
      choices: [{ index: 0, message: { role: 'assistant', content: 'good morning' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 2 },
    };
    const format = { type: 'json_schema', json_schema: {} };
    const { name, attributes } = await read(
      'chat.completions',
      {
        model: 'gpt-4o',
        messages,
        response_format: format,
        max_tokens: 7,
        service_tier: 'auto',
        reasoning_effort: 'low',
      },
      { value },
    );
    expect(name).to.equal('chat gpt-4o');
    expect(attributes).to.deep.include({
      'gen_ai.output.type': 'json',
      'gen_ai.request.max_tokens': 7,
      'gen_ai.request.reasoning.level': 'low',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 3,
      'gen_ai.usage.output_tokens': 2,
      'server.address': 'api.openai.com',
      'server.port': 443,
    });
    expect(attributes).to.not.have.any.keys('gen_ai.request.stream', 'openai.request.service_tier');
  });

  it('is nothing of what a server leaves out', async () => {
    const chunks = [{}, { choices: null }, { choices: [{}] }, { choices: [{ delta: null }] }, { usage: null }];
    const { attributes } = await read('chat.completions', { stream: true }, { chunks });
    expect(attributes).to.not.have.any.keys('gen_ai.response.id', 'gen_ai.usage.input_tokens');
    expect(tracing.onlySpan().attributes['async_generator.item.count']).to.equal(5);
  });

  it('is a completion', async () => {
    const chunks = [
      { id: 'c-1', model: 'old', choices: [{ index: 0, text: 'good', finish_reason: null }] },
      { id: 'c-1', model: 'old', choices: [{ index: 0, text: ' morning', finish_reason: 'stop' }] },
    ];
    const { name, attributes } = await read('completions', { model: 'old', prompt: 'say', stream: true }, { chunks });
    expect(name).to.equal('text_completion old');
    expect(attributes).to.deep.include({
      'gen_ai.operation.name': 'text_completion',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'say' }] }],
      'gen_ai.output.messages': [
        { role: 'assistant', parts: [{ type: 'text', content: 'good morning' }], finish_reason: 'stop' },
      ],
    });
  });

  describe('of responses', () => {
    const response = (more?: object) => ({ id: 'resp-1', model: 'gpt-5-mini', status: 'in_progress', ...more });
    const usage = {
      input_tokens: 30,
      output_tokens: 12,
      input_tokens_details: { cached_tokens: 10 },
      output_tokens_details: { reasoning_tokens: 4 },
    };
    const body = {
      model: 'gpt-5-mini',
      instructions: 'be brief',
      input: 'weather?',
      stream: true,
      max_output_tokens: 9,
      reasoning: { effort: 'low' },
      previous_response_id: 'resp-0',
      conversation: { id: 'conv-1' },
      text: { format: { type: 'text' } },
    };

    it('is the request, and the events', async () => {
      const chunks = [
        { type: 'response.created', response: response({ service_tier: 'auto' }) },
        { type: 'response.reasoning_summary_text.delta', output_index: 0, delta: 'hm' },
        { type: 'response.output_item.added', output_index: 1, item: { type: 'message' } },
        { type: 'response.output_text.delta', output_index: 1, delta: 'sun' },
        { type: 'response.output_text.delta', output_index: 1, delta: 'ny' },
        { type: 'response.output_item.added', output_index: 2, item: { call_id: 'call_1', name: 'time' } },
        { type: 'response.function_call_arguments.delta', output_index: 2, delta: '{"at":' },
        { type: 'response.function_call_arguments.delta', output_index: 2, delta: '1}' },
        { type: 'response.completed', response: response({ status: 'completed', service_tier: 'default', usage }) },
      ];
      const { name, attributes } = await read('responses', body, { chunks });
      expect(name).to.equal('chat gpt-5-mini');
      expect(attributes).to.deep.equal({
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-5-mini',
        'gen_ai.request.stream': true,
        'gen_ai.request.max_tokens': 9,
        'gen_ai.request.reasoning.level': 'low',
        'gen_ai.request.previous_response.id': 'resp-0',
        'gen_ai.conversation.id': 'conv-1',
        'gen_ai.output.type': 'text',
        'server.address': 'api.openai.com',
        'server.port': 443,
        'gen_ai.response.id': 'resp-1',
        'gen_ai.response.model': 'gpt-5-mini',
        'gen_ai.response.finish_reasons': ['completed'],
        'gen_ai.usage.input_tokens': 30,
        'gen_ai.usage.output_tokens': 12,
        'gen_ai.usage.cache_read.input_tokens': 10,
        'gen_ai.usage.reasoning.output_tokens': 4,
        'gen_ai.system_instructions': [{ type: 'text', content: 'be brief' }],
        'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'weather?' }] }],
        'gen_ai.output.messages': [
          {
            role: 'assistant',
            parts: [
              { type: 'reasoning', content: 'hm' },
              { type: 'text', content: 'sunny' },
              { type: 'tool_call', id: 'call_1', name: 'time', arguments: { at: 1 } },
            ],
            finish_reason: 'completed',
          },
        ],
      });
      expect(tracing.onlySpan().attributes).to.include({
        'openai.api.type': 'responses',
        'openai.response.service_tier': 'default',
      });
    });

    for (const [status, details, reason] of [
      ['incomplete', { reason: 'max_output_tokens' }, 'max_output_tokens'],
      ['failed', null, 'failed'],
    ] as const) {
      it(`is why one is ${status}`, async () => {
        const last = response({ status, incomplete_details: details, usage });
        const chunks = [
          { type: 'response.output_text.delta', delta: 'a' },
          { type: `response.${status}`, response: last },
        ];
        const { attributes } = await read('responses', body, { chunks });
        expect(attributes['gen_ai.response.finish_reasons']).to.deep.equal([reason]);
      });
    }

    it('is a whole one, with the items of its input', async () => {
      const input = [
        { role: 'user', content: [{ type: 'input_text', text: 'time?' }] },
        { type: 'function_call', call_id: 'call_1', name: 'time', arguments: '{}' },
        { type: 'function_call_output', call_id: 'call_1', output: 'noon' },
      ];
      const output = [
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }] },
        { type: 'message', content: [{ type: 'output_text', text: 'noon' }] },
        { type: 'function_call', call_id: 'call_2', name: 'time', arguments: '{}' },
      ];
      const value = response({ status: 'completed', output, usage });
      const { attributes } = await read('responses', { model: 'gpt-5-mini', input }, { value });
      expect(attributes['gen_ai.input.messages']).to.deep.equal([
        { role: 'user', parts: [{ type: 'text', content: 'time?' }] },
        { role: 'assistant', parts: [{ type: 'tool_call', id: 'call_1', name: 'time', arguments: {} }] },
        { role: 'tool', parts: [{ type: 'tool_call_response', id: 'call_1', response: 'noon' }] },
      ]);
      expect(attributes['gen_ai.output.messages'][0]?.parts).to.deep.equal([
        { type: 'reasoning', content: 'hm' },
        { type: 'text', content: 'noon' },
        { type: 'tool_call', id: 'call_2', name: 'time', arguments: {} },
      ]);
    });

    it('is nothing of a response that is read as bytes', async () => {
      const { attributes } = await read('responses', body, { value: new Response('{}') });
      expect(attributes).to.not.have.property('gen_ai.response.finish_reasons');
    });
  });

  describe('of runs of assistants', () => {
    const event = (name: string, data: object) => ({ event: `thread.${name}`, data });
    const run = (status: string, more?: object) =>
      event(`run.${status}`, {
        id: 'run-1',
        model: 'gpt-4o',
        assistant_id: 'asst-1',
        thread_id: 'thread-1',
        status,
        ...more,
      });
    const step = (...calls: object[]) =>
      event('run.step.delta', { delta: { step_details: { type: 'tool_calls', tool_calls: calls } } });
    const text = (value: string) => event('message.delta', { delta: { content: [{ type: 'text', text: { value } }] } });
    const usage = (input: number, output: number) => ({ usage: { prompt_tokens: input, completion_tokens: output } });
    const readRun = (api: string, args: unknown[], chunks: unknown[]) =>
      readWith(readerOf(openai, `openai.beta.threads.${api}`), { args, thisArg: client, chunks }, tracing);

    it('is the request, and the events', async () => {
      const body = {
        assistant_id: 'asst-1',
        stream: true,
        instructions: 'be brief',
        additional_instructions: 'be kind',
        additional_messages: messages,
        max_completion_tokens: 9,
        response_format: { type: 'json_object' },
      };
      const { name, attributes } = await readRun(
        'runs.create',
        ['thread-1', body],
        [
          run('queued'),
          step({ index: 0, id: 'call_1', type: 'function', function: { name: 'time', arguments: '{"at":' } }),
          step({ index: 0, function: { arguments: '1}' } }),
          event('run.step.completed', usage(10, 4)),
          step({ index: 0, id: 'call_2', type: 'code_interpreter', code_interpreter: { input: '1 +' } }),
          step({ index: 0, type: 'code_interpreter', code_interpreter: { input: ' x' } }),
          event('run.step.completed', usage(11, 5)),
          text('sun'),
          text('ny'),
          run('completed', usage(40, 12)),
        ],
      );
      expect(name).to.equal('invoke_agent');
      expect(attributes).to.deep.equal({
        'gen_ai.operation.name': 'invoke_agent',
        'gen_ai.provider.name': 'openai',
        'gen_ai.agent.id': 'asst-1',
        'gen_ai.conversation.id': 'thread-1',
        'gen_ai.request.stream': true,
        'gen_ai.request.max_tokens': 9,
        'gen_ai.output.type': 'json',
        'server.address': 'api.openai.com',
        'server.port': 443,
        'gen_ai.response.id': 'run-1',
        'gen_ai.response.model': 'gpt-4o',
        'gen_ai.response.finish_reasons': ['completed'],
        'gen_ai.usage.input_tokens': 40,
        'gen_ai.usage.output_tokens': 12,
        'gen_ai.system_instructions': [
          { type: 'text', content: 'be brief' },
          { type: 'text', content: 'be kind' },
        ],
        'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'hello?' }] }],
        'gen_ai.output.messages': [
          {
            role: 'assistant',
            parts: [
              { type: 'tool_call', id: 'call_1', name: 'time', arguments: { at: 1 } },
              { type: 'tool_call', id: 'call_2', name: 'code_interpreter', arguments: '1 + x' },
              { type: 'text', content: 'sunny' },
            ],
            finish_reason: 'completed',
          },
        ],
      });
    });

    it('is the usage of the steps that have ended where the stream ends early', async () => {
      const chunks = [
        event('run.step.completed', usage(10, 4)),
        event('run.step.completed', usage(11, 5)),
        text('sun'),
      ];
      const { attributes } = await readRun('runs.create', ['thread-1', { stream: true }], chunks);
      expect(attributes).to.deep.include({
        'gen_ai.usage.input_tokens': 21,
        'gen_ai.usage.output_tokens': 9,
        'gen_ai.response.finish_reasons': ['error'],
      });
    });

    it('is the assistant and the thread that only the events name', async () => {
      const { attributes } = await readRun(
        'createAndRun',
        [{ assistant_id: 'asst-1', stream: true, thread: { messages } }],
        [run('created'), run('requires_action')],
      );
      expect(attributes).to.deep.include({
        'gen_ai.agent.id': 'asst-1',
        'gen_ai.conversation.id': 'thread-1',
        'gen_ai.response.finish_reasons': ['requires_action'],
        'gen_ai.input.messages': [{ role: 'user', parts: [{ type: 'text', content: 'hello?' }] }],
      });
    });

    const outputs = { stream: true, tool_outputs: [{ tool_call_id: 'call_1', output: 'noon' }] };
    for (const [what, args] of [
      ['since version 5', ['run-1', { ...outputs, thread_id: 'thread-1' }]],
      ['in version 4', ['thread-1', 'run-1', outputs]],
    ] as const) {
      it(`is what tools gave, and the thread that it is for, ${what}`, async () => {
        const { attributes } = await readRun('runs.submitToolOutputs', [...args], [text('noon')]);
        expect(attributes).to.deep.include({
          'gen_ai.conversation.id': 'thread-1',
          'gen_ai.input.messages': [
            { role: 'tool', parts: [{ type: 'tool_call_response', id: 'call_1', response: 'noon' }] },
          ],
        });
      });
    }

    it('is nothing of requests that are not streamed, which have no span', () => {
      const target = openai.targets.find(({ spanName }) => spanName === 'openai.beta.threads.runs.create');
      const isTraced = (...args: unknown[]) => target?.shouldTrace?.({ args } as unknown as GeneratorCall);
      expect(isTraced('thread-1', { assistant_id: 'asst-1', stream: true })).to.equal(true);
      expect([isTraced('thread-1', { assistant_id: 'asst-1' }), isTraced()]).to.deep.equal([false, false]);
    });
  });
});

describe('the provider that the openai preset names', () => {
  const at = (thisArg: unknown) => providerOf({ thisArg, args: [] } as unknown as Parameters<typeof providerOf>[0]);

  for (const [baseURL, provider] of Object.entries({
    'https://api.openai.com/v1': 'openai',
    'https://mine.openai.azure.com/openai': 'azure.ai.openai',
    'https://api.deepseek.com': 'deepseek',
    'https://API.GROQ.com/openai/v1': 'groq',
    'https://api.x.ai/v1': 'x_ai',
    'https://api.perplexity.ai': 'perplexity',
    'https://api.moonshot.cn/v1': 'moonshot_ai',
    'https://not-x.ai/v1': 'openai',
    'http://127.0.0.1:8000/api.x.ai': 'openai',
    'no address': 'openai',
  })) {
    it(`is ${provider} at ${baseURL}`, () => {
      expect(at(clientAt(baseURL))).to.equal(provider);
    });
  }

  it('is that of the client, wherever that sends its requests', () => {
    class AzureOpenAI {
      readonly baseURL = 'https://gateway.test/openai';
    }
    expect(at({ _client: new AzureOpenAI() })).to.equal('azure.ai.openai');
  });

  it('is OpenAI where there is no client to read', () => {
    for (const thisArg of [undefined, null, {}, { _client: 'odd' }]) expect(at(thisArg)).to.equal('openai');
  });
});
