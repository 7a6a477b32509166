/** A sub-path with a CommonJS and an ES module of its own; methods, one of them inherited; streams that are iterators. */
/** Its input comes as one text, of which it makes a stream of letters. */
const shout = (RunnableLambda) =>
  RunnableLambda.from(async function* (letters) {
    for await (const letter of letters) yield `${letter}!`;
  });

const failing = (RunnableLambda) =>
  RunnableLambda.from(() => {
    throw new RangeError('lost for words');
  });

async function* two() {
  yield 'good';
  yield 'morning';
}

module.exports = {
  specifier: '@langchain/core/runnables',
  targets: '@langchain/core/runnables[Runnable#stream,RunnableLambda#stream,RunnableLambda#transform]',
  cases: {
    'a stream that is read to its end': {
      run: async ({ RunnableLambda }, { collect }) =>
        collect(await RunnableLambda.from((text) => text.length).stream('four')),
      spans: [
        { name: 'RunnableLambda.stream', outcome: 'completed', items: 1 },
        { name: 'RunnableLambda.transform', outcome: 'completed', items: 1, parent: 'RunnableLambda.stream' },
      ],
    },
    'a stream that is left': {
      async run({ RunnableLambda }, { collect }) {
        let made = 0;
        const counting = RunnableLambda.from(async function* (letters) {
          for await (const letter of letters) {
            made++;
            yield letter;
          }
        });
        return { items: await collect(await counting.stream('hey'), 1), made };
      },
      // The stream reads ahead of its consumer, by how much depends on the version of Node.
      spans: ({ made }) => [
        { name: 'RunnableLambda.stream', outcome: 'returned', items: 1 },
        { name: 'RunnableLambda.transform', outcome: 'returned', items: made, parent: 'RunnableLambda.stream' },
      ],
    },
    'a stream that fails': {
      run: ({ RunnableLambda }, { collect, rejection }) =>
        rejection(async () => collect(await failing(RunnableLambda).stream('hey'))),
      spans: [
        { name: 'RunnableLambda.stream', outcome: 'failed', items: 0, error: 'RangeError', failed: true },
        {
          name: 'RunnableLambda.transform',
          outcome: 'failed',
          items: 0,
          error: 'RangeError',
          failed: true,
          parent: 'RunnableLambda.stream',
        },
      ],
    },
    'a transformation of a generator': {
      run: ({ RunnableLambda }, { collect }) => collect(shout(RunnableLambda).transform(two(), {})),
      spans: [{ name: 'RunnableLambda.transform', outcome: 'completed', items: 11 }],
    },
    'a sequence, whose stream is inherited': {
      run: async ({ RunnableLambda, RunnableSequence }, { collect }) =>
        collect(
          await RunnableSequence.from([shout(RunnableLambda), RunnableLambda.from((text) => `${text}?`)]).stream('hey'),
        ),
      spans: [
        { name: 'Runnable.stream', outcome: 'completed', items: 1 },
        { name: 'RunnableLambda.transform', outcome: 'completed', items: 3, parent: 'Runnable.stream' },
        { name: 'RunnableLambda.transform', outcome: 'completed', items: 1, parent: 'Runnable.stream' },
      ],
    },
    'the functions and what they return': {
      async run({ Runnable, RunnableLambda }, { collect, shapeOfFunction, shapeOfIterable }) {
        const promise = RunnableLambda.from((text) => text).stream('text');
        const stream = await promise;
        const generator = RunnableLambda.prototype.transform.call(shout(RunnableLambda), two(), {});
        const shapes = [
          shapeOfFunction(Runnable.prototype.stream),
          shapeOfFunction(RunnableLambda.prototype.stream),
          shapeOfFunction(RunnableLambda.prototype.transform),
          shapeOfIterable(promise),
          shapeOfIterable(stream),
          shapeOfIterable(generator),
        ];
        return [shapes, await collect(stream), await collect(generator)];
      },
      spans: [
        { name: 'RunnableLambda.stream', outcome: 'completed', items: 1 },
        { name: 'RunnableLambda.transform', outcome: 'completed', items: 1, parent: 'RunnableLambda.stream' },
        { name: 'RunnableLambda.transform', outcome: 'completed', items: 11 },
      ],
    },
  },
};
