/** A last event of Cohere's server that says that the model has failed. */
const { toldErrorScenario } = require('../support/exits/told-error.cjs');

module.exports = toldErrorScenario(require('./cohere.cjs'), {
  name: 'chat command-a',
  write: (secret) => [
    { type: 'message-start', id: 'message-1', delta: { message: { role: 'assistant' } } },
    { type: 'content-delta', index: 0, delta: { message: { content: { text: `good ${secret}` } } } },
    { type: 'message-end', delta: { finish_reason: 'ERROR', error: 'no more' } },
  ],
  attributes: { 'error.type': 'ERROR', 'gen_ai.response.finish_reasons': ['ERROR'] },
});
