/** The text of an agent's answer alone: it is another stream than that of the run, which is over then. */
const { open, ...scenario } = require('./openai-agents.cjs');

module.exports = {
  ...scenario,
  packages: ['openai-agents-0.20'],
  items: 1,

  open: async (...args) => (await open(...args)).toTextStream(),
  show: (text) => text,

  spans: () => ({
    name: 'invoke_agent Host',
    outcome: 'returned',
    items: 0,
    attributes: { 'gen_ai.usage.input_tokens': undefined },
  }),
};
