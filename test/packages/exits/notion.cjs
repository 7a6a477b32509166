/** The users of a workspace of Notion. */

module.exports = {
  preset: 'notion',
  group: 'pages',
  packages: ['notion-2', 'notion-5'],
  module: '@notionhq/client',

  answer(request, response, { exit, secret }) {
    const cursor = new URL(request.url, 'http://localhost').searchParams.get('start_cursor');
    response.setHeader('content-type', 'application/json');
    if (exit === 'error' && cursor !== null) {
      response
        .writeHead(403)
        .end(JSON.stringify({ object: 'error', code: 'restricted_resource', message: 'not yours' }));
      return;
    }
    const results = [1, 2].map((number) => ({ object: 'user', id: `${cursor ?? 'first'}-${number}`, name: secret }));
    response.end(
      JSON.stringify({ object: 'list', results, has_more: cursor === null, next_cursor: cursor ? null : 'second' }),
    );
  },

  open({ Client, iteratePaginatedAPI, LogLevel }, { port, secret }) {
    const notion = new Client({
      auth: secret,
      baseUrl: `http://127.0.0.1:${port}`,
      logLevel: LogLevel.ERROR,
      retry: false,
    });
    return iteratePaginatedAPI((args) => notion.users.list(args), { page_size: 2 });
  },

  show: ({ id, name }) => [id, name],

  spans: () => ({ name: 'notion.iteratePaginatedAPI' }),

  without: { abort: 'the client has no signal' },
};
