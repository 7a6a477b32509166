/** A chunk of Groq's server that says why it has stopped. */
const { toldErrorScenario } = require('../support/exits/told-error.cjs');

const chunk = (delta, more) => ({
  id: 'chat-1',
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta }],
  ...more,
});

module.exports = toldErrorScenario(require('./groq.cjs'), {
  name: 'chat llama-3',
  write: (secret) => [
    chunk({ content: `good ${secret}` }),
    chunk({}, { x_groq: { id: 'req_1', error: 'over capacity' } }),
  ],
  attributes: { 'error.type': 'error', 'gen_ai.response.finish_reasons': ['error'] },
});
