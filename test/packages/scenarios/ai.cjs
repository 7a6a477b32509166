/** Exports behind getters that cannot be redefined; functions that return web streams; a class that makes what is traced. */
const CHUNKS = [
  { type: 'stream-start', warnings: [] },
  { type: 'text-start', id: '1' },
  { type: 'text-delta', id: '1', delta: 'good ' },
  { type: 'text-delta', id: '1', delta: 'morning' },
  { type: 'text-end', id: '1' },
  {
    type: 'finish',
    finishReason: { unified: 'stop', raw: 'stop' },
    usage: { inputTokens: { total: 1 }, outputTokens: { total: 2 } },
  },
];

const write = (ai) =>
  ai.createUIMessageStream({
    execute({ writer }) {
      writer.write({ type: 'start', messageId: 'message-1' });
      writer.write({ type: 'text-start', id: '1' });
      writer.write({ type: 'text-delta', id: '1', delta: 'good' });
      writer.write({ type: 'text-end', id: '1' });
      writer.write({ type: 'finish' });
    },
  });

async function mockModel({ load }) {
  const { convertArrayToReadableStream, MockLanguageModelV3 } = await load('ai/test');
  return new MockLanguageModelV3({ doStream: async () => ({ stream: convertArrayToReadableStream(CHUNKS) }) });
}

const simulate = (ai) =>
  ai.simulateReadableStream({ chunks: ['a', 'b', 'c'], initialDelayInMs: null, chunkDelayInMs: null });

module.exports = {
  specifier: 'ai',
  targets: [
    'ai[simulateReadableStream,createUIMessageStream,readUIMessageStream,streamText]',
    'ai/test[new MockLanguageModelV3().doStream]',
  ],
  cases: {
    'a stream that is iterated to its end': {
      run: (ai, { collect }) => collect(simulate(ai)),
      spans: [{ name: 'simulateReadableStream', outcome: 'completed', items: 3 }],
    },
    'a stream that is left': {
      run: async (ai, { collect }) => {
        const stream = simulate(ai);
        return [await collect(stream, 1), stream.locked];
      },
      spans: [{ name: 'simulateReadableStream', outcome: 'returned', items: 1 }],
    },
    'a stream that is read by a reader': {
      run: async (ai) => (await simulate(ai).getReader().read()).value,
      spans: [],
    },
    'a stream made of another': {
      run: (ai, { collect }) => collect(ai.readUIMessageStream({ stream: write(ai) })),
      spans: [{ name: 'readUIMessageStream', outcome: 'completed', items: 4 }],
    },
    'the text of a model': {
      async run(ai, tools) {
        const result = ai.streamText({ model: await mockModel(tools), prompt: 'hello' });
        return [await tools.collect(result.textStream), await result.finishReason];
      },
      // Neither returns a stream itself: each span ends when the value is there.
      spans: [
        { name: 'streamText', outcome: 'completed', items: 0 },
        { name: 'MockLanguageModelV3.doStream', outcome: 'completed', items: 0, parent: 'streamText' },
      ],
    },
    'the functions and what they return': {
      async run(ai, tools) {
        const { MockLanguageModelV3 } = await tools.load('ai/test');
        const model = await mockModel(tools);
        const stream = simulate(ai);
        class Model extends MockLanguageModelV3 {}
        return [
          tools.shapeOfFunction(ai.simulateReadableStream),
          tools.shapeOfFunction(MockLanguageModelV3),
          tools.shapeOfIterable(stream),
          Object.keys(ai),
          Object.keys(model),
          [model instanceof MockLanguageModelV3, new Model() instanceof Model, new Model().constructor === Model],
        ];
      },
      spans: [],
    },
  },
};
