/** The preset for LangChain, on a graph: its `stream` reads the one that it inherits by a reader. */
module.exports = {
  title: '@langchain/langgraph, by the preset for LangChain',
  specifier: '@langchain/langgraph',
  presets: ['langchain'],
  cases: {
    'a graph, with a stream in a node': {
      async run(langgraph, { collect, load }) {
        const { RunnableLambda } = await load('@langchain/core/runnables');
        const length = RunnableLambda.from((text) => text.length);
        const graph = makeGraph(langgraph, async ({ text }) => ({
          text: String(await collect(await length.stream(text))),
        }));
        return collect(await graph.stream({ text: 'four' }));
      },
      spans: [
        { name: 'CompiledStateGraph.stream', outcome: 'completed', items: 1 },
        { name: 'RunnableLambda.stream', outcome: 'completed', items: 1, parent: 'CompiledStateGraph.stream' },
      ],
    },
    'a graph that is left': {
      async run(langgraph, { collect }) {
        const graph = makeGraph(langgraph, ({ text }) => ({ text: `${text}!` }));
        return collect(await graph.stream({ text: 'hey' }, { streamMode: 'values' }), 1);
      },
      spans: [{ name: 'CompiledStateGraph.stream', outcome: 'returned', items: 1 }],
    },
  },
};

function makeGraph({ Annotation, END, START, StateGraph }, node) {
  return new StateGraph(Annotation.Root({ text: Annotation() }))
    .addNode('node', node)
    .addEdge(START, 'node')
    .addEdge('node', END)
    .compile();
}
