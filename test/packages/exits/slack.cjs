/** A list of Slack's Web API, page by page. */
const { URLSearchParams } = require('node:url');

module.exports = {
  preset: 'slack',
  group: 'pages',
  packages: ['slack-6', 'slack-8'],
  module: '@slack/web-api',

  async answer(request, response, { exit, secret }) {
    const body = [];
    for await (const chunk of request) body.push(chunk);
    const cursor = Number(new URLSearchParams(Buffer.concat(body).toString()).get('cursor') ?? 0);
    response.setHeader('content-type', 'application/json');
    const answer =
      exit === 'error' && cursor === 2
        ? { ok: false, error: 'missing_scope' }
        : {
            ok: true,
            channels: [{ id: `C${cursor}`, name: secret }],
            response_metadata: { next_cursor: cursor < 3 ? String(cursor + 1) : '' },
          };
    response.end(JSON.stringify(answer));
  },

  open({ WebClient }, { port, secret }) {
    const client = new WebClient(secret, { slackApiUrl: `http://127.0.0.1:${port}/api/`, retryConfig: { retries: 0 } });
    return client.paginate('conversations.list', { limit: 1 });
  },

  show: ({ channels }) => channels,

  spans: () => ({ name: 'slack.conversations.list' }),

  without: { abort: 'the client has no signal' },
};
