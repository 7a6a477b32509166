/** A last event of Mistral's server that says that the model has failed. */
const { toldErrorScenario } = require('../support/exits/told-error.cjs');

const chunk = (choice) => ({
  id: 'cmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'mistral-small-2501',
  choices: [{ index: 0, finish_reason: null, ...choice }],
});

module.exports = toldErrorScenario(require('./mistral.cjs'), {
  name: 'chat mistral-small',
  write: (secret) => [
    chunk({ delta: { content: `good ${secret}` } }),
    chunk({ delta: { content: '' }, finish_reason: 'error' }),
  ],
  attributes: { 'error.type': 'error', 'gen_ai.response.finish_reasons': ['error'] },
});
