/** The helper for streams of OpenAI's client, which was a beta in version 4. */
const { helperScenario } = require('../support/exits/helpers.cjs');

module.exports = helperScenario(require('./openai.cjs'), {
  packages: ['openai-4', 'openai-5', 'openai-7'],
  name: 'chat gpt-4o',
  open({ OpenAI }, { port, signal, secret, workspace }) {
    const client = new OpenAI({ apiKey: 'key', baseURL: `http://127.0.0.1:${port}/v1`, maxRetries: 0 });
    const { chat } = workspace === 'openai-4' ? client.beta : client;
    return chat.completions.stream(
      { model: 'gpt-4o', messages: [{ role: 'user', content: `hello ${secret}?` }] },
      { signal },
    );
  },
});
