/** Streams in properties of what a call returns, behind getters that tee at every read. */
const part = (delta) => ({ type: 'text-delta', id: '1', delta });
const CHUNKS = [
  { type: 'stream-start', warnings: [] },
  { type: 'text-start', id: '1' },
  part('good '),
  part('morning'),
  { type: 'text-end', id: '1' },
  {
    type: 'finish',
    finishReason: { unified: 'stop', raw: 'stop' },
    usage: { inputTokens: { total: 1 }, outputTokens: { total: 2 } },
  },
];

/** A model that answers with the chunks, and then ends, fails, or waits for its abort. */
async function answer(ai, { load }, { chunks = CHUNKS, end = (controller) => controller.close(), ...options } = {}) {
  const { MockLanguageModelV3 } = await load('ai/test');
  const doStream = async ({ abortSignal }) => ({
    stream: new ReadableStream({
      index: 0,
      pull(controller) {
        if (this.index < chunks.length) controller.enqueue(chunks[this.index++]);
        else return end(controller, abortSignal);
      },
    }),
  });
  const model = new MockLanguageModelV3({ doStream });
  return ai.streamText({ model, prompt: 'hello', onError() {}, ...options });
}

const BEGUN = CHUNKS.slice(0, 3);
const span = (outcome, items, name = 'streamText.textStream') => ({ name, outcome, items });

module.exports = {
  title: 'ai, streams of a result',
  specifier: 'ai',
  targets: ['ai[streamText().textStream,streamText().fullStream]'],
  cases: {
    'the text, to its end': {
      async run(ai, tools) {
        const result = await answer(ai, tools);
        return [await tools.collect(result.textStream), await result.text, await result.finishReason];
      },
      spans: [span('completed', 2)],
    },
    'all parts, to their end': {
      run: async (ai, tools) => (await tools.collect((await answer(ai, tools)).fullStream)).map(({ type }) => type),
      spans: [span('completed', 8, 'streamText.fullStream')],
    },
    'both, one after the other': {
      async run(ai, tools) {
        const result = await answer(ai, tools);
        const text = await tools.collect(result.textStream);
        return [text, (await tools.collect(result.fullStream)).length];
      },
      spans: [span('completed', 2), span('completed', 8, 'streamText.fullStream')],
    },
    'both at the same time, one of them left': {
      async run(ai, tools) {
        const result = await answer(ai, tools);
        const { fullStream, textStream } = result;
        return [await tools.collect(textStream, 1), (await tools.collect(fullStream)).length];
      },
      spans: [span('returned', 1), span('completed', 8, 'streamText.fullStream')],
    },
    'the text, twice': {
      async run(ai, tools) {
        const result = await answer(ai, tools);
        return [await tools.collect(result.textStream), await tools.collect(result.textStream)];
      },
      spans: [span('completed', 2), span('completed', 2)],
    },
    'the text, left with break': {
      run: async (ai, tools) => tools.collect((await answer(ai, tools)).textStream, 1),
      spans: [span('returned', 1)],
    },
    'the text, whose consumer throws': {
      run: async (ai, tools) =>
        tools.rejection(async () => {
          for await (const text of (await answer(ai, tools)).textStream) throw new RangeError(text);
        }),
      spans: [span('returned', 1)],
    },
    'the text, aborted': {
      async run(ai, tools) {
        const controller = new AbortController();
        const options = {
          chunks: BEGUN,
          abortSignal: controller.signal,
          end: (stream, signal) =>
            new Promise((resolve) => {
              signal.addEventListener('abort', () => resolve(stream.error(signal.reason)));
            }),
        };
        const texts = [];
        for await (const text of (await answer(ai, tools, options)).textStream) {
          texts.push(text);
          controller.abort();
        }
        return texts;
      },
      // The client ends its streams without an error then.
      spans: [span('completed', 1)],
    },
    'the text, with an error part in mid-stream': {
      async run(ai, tools) {
        const chunks = [...BEGUN, { type: 'error', error: new Error('overloaded') }];
        return tools.collect((await answer(ai, tools, { chunks })).textStream);
      },
      // The client gives the error to its `onError`, and ends the text.
      spans: [span('completed', 1)],
    },
    'all parts, with a failure in mid-stream': {
      async run(ai, tools) {
        const options = { chunks: BEGUN, end: (stream) => stream.error(new Error('overloaded')) };
        return tools.rejection(tools.collect((await answer(ai, tools, options)).fullStream));
      },
      spans: [{ ...span('failed', 4, 'streamText.fullStream'), error: 'Error', failed: true }],
    },
    'a result of which no stream is iterated': {
      async run(ai, tools) {
        const result = await answer(ai, tools);
        const response = (await answer(ai, tools)).toTextStreamResponse();
        return [await result.text, await response.text(), Object.keys(result).length, result.textStream.locked];
      },
      spans: [],
    },
    'what the result looks like': {
      async run(ai, tools) {
        const result = await answer(ai, tools);
        const { textStream } = result;
        return [
          tools.shapeOfFunction(ai.streamText),
          tools.shapeOfIterable(textStream),
          result.textStream === textStream,
          Object.getPrototypeOf(result).constructor.name,
        ];
      },
      spans: [],
    },
  },
};
