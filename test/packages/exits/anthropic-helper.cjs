/** The helper for streams of Anthropic's client. */
const { helperScenario } = require('../support/exits/helpers.cjs');

module.exports = helperScenario(require('./anthropic.cjs'), {
  packages: ['anthropic-0.14', 'anthropic-1'],
  name: 'chat claude-0',
  open({ Anthropic }, { port, signal, secret }) {
    const baseURL = `http://127.0.0.1:${port}`;
    const client = new Anthropic({ apiKey: 'key', baseURL, maxRetries: 0, openTelemetry: { traces: false } });
    return client.messages.stream(
      { model: 'claude-0', max_tokens: 100, messages: [{ role: 'user', content: `hello ${secret}?` }] },
      { signal },
    );
  },
});
