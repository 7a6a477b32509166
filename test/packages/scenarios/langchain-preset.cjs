/** The preset for LangChain: a chain, what runs in it, and a model. */
module.exports = {
  title: '@langchain/core, by its preset',
  specifier: '@langchain/core/runnables',
  presets: ['langchain'],
  cases: {
    'a chain, by the name of its class': {
      async run({ RunnableLambda, RunnableSequence }, { collect }) {
        const steps = [RunnableLambda.from((text) => text.length), RunnableLambda.from((length) => length + 1)];
        return collect(await RunnableSequence.from(steps).stream('four'));
      },
      spans: [{ name: 'RunnableSequence.stream', outcome: 'completed', items: 1 }],
    },
    'a model, whose stream is inherited': {
      async run(_, { collect, load }) {
        const { FakeListChatModel } = await load('@langchain/core/utils/testing');
        const chunks = await collect(await new FakeListChatModel({ responses: ['hey'] }).stream('hello'));
        return chunks.map(({ content }) => content);
      },
      spans: ({ length }) => [{ name: 'chat FakeListChatModel', outcome: 'completed', items: length }],
    },
    'a model that is bound to options, and left: the span is its own': {
      async run(_, { collect, load }) {
        const { FakeListChatModel } = await load('@langchain/core/utils/testing');
        const bound = new FakeListChatModel({ responses: ['hey'] }).withConfig({ runName: 'greeting' });
        return (await collect(await bound.stream('hello'), 1)).length;
      },
      spans: [{ name: 'chat FakeListChatModel', outcome: 'returned', items: 1 }],
    },
    'a map of runnables': {
      async run({ RunnableLambda, RunnableMap }, { collect }) {
        const map = RunnableMap.from({ length: RunnableLambda.from((text) => text.length) });
        return collect(await map.stream('four'));
      },
      spans: [{ name: 'RunnableMap.stream', outcome: 'completed', items: 1 }],
    },
    'a class of the program': {
      async run({ Runnable }, { collect }) {
        class Shout extends Runnable {
          lc_namespace = ['test'];
          async invoke(text) {
            return `${text}!`;
          }
        }
        return collect(await new Shout().stream('hey'));
      },
      spans: [{ name: 'Shout.stream', outcome: 'completed', items: 1 }],
    },
  },
};
