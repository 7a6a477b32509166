/** The same with the preset of OpenAI beside it: the run of the client is beneath that of the model, and does not say the same again. */
const langchain = require('./langchain.cjs');

module.exports = {
  ...langchain,
  preset: 'langchain,openai',

  spans: (exit) => [
    langchain.spans(exit),
    {
      name: 'openai.chat.completions.create',
      items: (count) => count >= 1,
      attributes: { 'gen_ai.operation.name': undefined },
    },
  ],

  without: (workspace) =>
    workspace === 'langchain-0.3'
      ? { abort: 'the stream of the client is dropped there, and its run is abandoned at some later time' }
      : undefined,
};
