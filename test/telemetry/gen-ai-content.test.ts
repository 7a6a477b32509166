/**
 * Prompts and answers on spans: only where the user says so, as JSON by the conventions, and never more than there is room for.
 */
import { expect } from 'chai';
import type { GenAiMessage, GenAiPart, GenAiReader } from '../../src/telemetry/gen-ai/reader';
import { useTracing } from '../support/tracing';
import { drain, traceWithPlan } from '../trace/helpers';

const CAPTURE = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT';
/** Characters of all texts of a request, and as many of the answer. */
const MOST = 16_384;

interface Prompt {
  readonly messages?: readonly GenAiMessage[];
  readonly systemInstructions?: readonly string[];
}

const genAi: GenAiReader<{ text?: string; call?: object }> = {
  request: () => ({ operation: 'chat', provider: 'acme', model: 'm' }),
  chunk({ text, call }, response) {
    if (text !== undefined) response.text(text);
    if (call !== undefined) response.toolCall(call);
  },
  input: ({ args: [prompt] }) => prompt as Prompt,
};

describe('prompts and answers', () => {
  const tracing = useTracing();
  const ask = traceWithPlan(
    async function* (_prompt: Prompt, chunks: readonly object[]) {
      yield* chunks;
    },
    { genAi: genAi as GenAiReader },
  );
  const before_ = process.env[CAPTURE];
  afterEach(() => {
    if (before_ === undefined) delete process.env[CAPTURE];
    else process.env[CAPTURE] = before_;
  });

  async function recorded(
    prompt: Prompt,
    chunks: readonly object[],
    capture?: string,
  ): Promise<Record<string, string>> {
    if (capture === undefined) delete process.env[CAPTURE];
    else process.env[CAPTURE] = capture;
    await drain(ask(prompt, chunks));
    const told = Object.entries(tracing.onlySpan().attributes).filter(([key]) => /messages|instructions/.test(key));
    return Object.fromEntries(told.map(([key, value]) => [key, String(value)]));
  }
  const message = (...parts: GenAiPart[]): GenAiMessage => ({ role: 'user', parts });
  const text = (content: string): GenAiPart => ({ type: 'text', content });

  for (const capture of [undefined, '', 'false', '1', 'yes']) {
    it(`are not recorded with ${capture === undefined ? 'nothing' : `"${capture}"`} in the environment`, async () => {
      const prompt = { messages: [message(text('secret'))], systemInstructions: ['secret'] };
      expect(await recorded(prompt, [{ text: 'secret' }], capture)).to.deep.equal({});
      expect(JSON.stringify(tracing.onlySpan().attributes)).to.not.include('secret');
    });
  }

  it('are recorded as JSON with "true"', async () => {
    const call = { type: 'tool_call', id: 'c', name: 'time', arguments: '{"at":1}' } as const;
    const answer = { type: 'tool_call_response', id: 'c', response: 'noon' } as const;
    const prompt = { messages: [message(text('hello'), call), message(answer)], systemInstructions: ['be brief'] };
    const chunks = [
      { text: 'good ' },
      { text: 'morning' },
      { call: { index: 0, id: 'd', name: 'bye', arguments: '{"to":' } },
      { call: { index: 0, arguments: '"you"}' } },
    ];
    const told = await recorded(prompt, chunks, 'TRUE');
    expect(JSON.parse(told['gen_ai.system_instructions'] as string)).to.deep.equal([text('be brief')]);
    expect(JSON.parse(told['gen_ai.input.messages'] as string)).to.deep.equal([
      { role: 'user', parts: [text('hello'), { ...call, arguments: { at: 1 } }] },
      { role: 'user', parts: [answer] },
    ]);
    expect(JSON.parse(told['gen_ai.output.messages'] as string)).to.deep.equal([
      {
        role: 'assistant',
        parts: [text('good morning'), { type: 'tool_call', id: 'd', name: 'bye', arguments: { to: 'you' } }],
        finish_reason: 'error',
      },
    ]);
  });

  it('are cut where they are long: the texts of a prompt, and those of an answer', async () => {
    const long = 'x'.repeat(MOST - 4);
    const told = await recorded(
      { messages: [message(text(long)), message(text('12345678'))] },
      [{ text: long }, { text: '12345678' }],
      'true',
    );
    const [first, second] = JSON.parse(told['gen_ai.input.messages'] as string) as [GenAiMessage, GenAiMessage];
    expect([first.parts, second.parts]).to.deep.equal([[text(long)], [text('1234')]]);
    const [{ parts }] = JSON.parse(told['gen_ai.output.messages'] as string) as [GenAiMessage];
    expect(parts).to.deep.equal([text(`${long}1234`)]);
  });

  it('are bounded however many messages, parts and tool calls there are', async () => {
    const many = Array.from({ length: 5_000 }, (_, index) => index);
    const prompt = { messages: many.map(() => message(...Array.from({ length: 5 }, () => text('')))) };
    const chunks = many.map((index) => ({ call: { index, name: 'x', arguments: '{"long":"' + 'y'.repeat(50) } }));
    const told = await recorded(prompt, chunks, 'true');
    for (const [key, value] of Object.entries(told)) expect(value.length, key).to.be.below(3 * MOST);
  });

  it('are left out where they cannot be read, and the stream goes on', async () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    const prompt = { messages: [message({ type: 'tool_call', name: 'x', arguments: circle })] };
    const told = await recorded(prompt, [{ call: { name: 'y', arguments: circle } }], 'true');
    expect(JSON.parse(told['gen_ai.input.messages'] as string)).to.have.lengthOf(1);
    expect(tracing.onlySpan().attributes['async_generator.outcome']).to.equal('completed');
  });

  it('have each tool call by itself where a server gives all of them the same index', async () => {
    const chunks = [
      { call: { index: 0, id: 'call_1', name: 'time', arguments: '{"at":' } },
      { call: { index: 0, arguments: '1}' } },
      { call: { index: 0, id: 'call_2', name: 'time', arguments: '{}' } },
    ];
    const told = await recorded({}, chunks, 'true');
    const [{ parts }] = JSON.parse(told['gen_ai.output.messages'] as string) as [{ parts: unknown }];
    expect(parts).to.deep.equal([
      { type: 'tool_call', id: 'call_1', name: 'time', arguments: { at: 1 } },
      { type: 'tool_call', id: 'call_2', name: 'time', arguments: {} },
    ]);
  });
});
