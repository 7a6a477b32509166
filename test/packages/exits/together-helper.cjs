/** The helper for streams of Together's client. */
const { helperScenario } = require('../support/exits/helpers.cjs');

const helper = helperScenario(require('./together.cjs'), {
  packages: ['together-0.52'],
  name: 'chat llama-3',
  open(api, { port, signal, secret }) {
    const Client = api.Together ?? api.default;
    const client = new Client({ apiKey: 'key', baseURL: `http://127.0.0.1:${port}`, maxRetries: 0 });
    return client.chat.completions.stream(
      { model: 'llama-3', messages: [{ role: 'user', content: `hello ${secret}?` }] },
      { signal },
    );
  },
});

// All that the server sends of a stream that is left.
module.exports = { ...helper, items: 4 };
