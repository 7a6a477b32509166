/** A list of the REST API of GitHub, page by page. */

const issues = (...numbers) => numbers.map((number) => ({ number }));

/** Says how long a refused request took. */
const log = { debug() {}, info() {}, warn() {}, error() {} };

module.exports = {
  log,
  preset: 'octokit',
  group: 'pages',
  packages: ['octokit-9', 'octokit-16'],
  module: '@octokit/plugin-paginate-rest',

  answer(request, response, { exit, secret }) {
    const url = new URL(request.url, `http://${request.headers.host}`);
    const page = Number(url.searchParams.get('page') ?? 1);
    if (exit === 'abort' && page === 3) return;
    response.setHeader('content-type', 'application/json; charset=utf-8');
    if (exit === 'error' && page === 3) {
      response.writeHead(403).end(JSON.stringify({ message: 'not yours' }));
      return;
    }
    url.searchParams.set('page', page + 1);
    if (page < 4) response.setHeader('link', `<${url}>; rel="next"`);
    response.end(JSON.stringify(issues(page, secret)));
  },

  async open({ paginateRest }, { port, signal, secret, load }) {
    const { Octokit } = await load('@octokit/core');
    const Client = Octokit.plugin(paginateRest);
    const octokit = new Client({ baseUrl: `http://127.0.0.1:${port}`, request: { signal }, log });
    return octokit.paginate.iterator('GET /repos/{owner}/{repo}/issues', { owner: secret, repo: secret, per_page: 2 });
  },

  show: ({ data }) => data,

  spans: () => ({ name: 'octokit.paginate GET /repos/{owner}/{repo}/issues' }),
};
