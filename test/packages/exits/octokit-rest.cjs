/** The same by the plugin that @octokit/rest brings, and one of its methods. */
const octokit = require('./octokit.cjs');

module.exports = {
  ...octokit,
  packages: ['octokit-rest'],
  module: '@octokit/rest',
  // An ES module that imports the plugin. Asynchronous hooks (Node 20) are not told of that where the module is required.
  formats: ['esm'],

  open({ Octokit }, { port, signal, secret }) {
    const client = new Octokit({ baseUrl: `http://127.0.0.1:${port}`, request: { signal }, log: octokit.log });
    return client.paginate.iterator(client.rest.issues.listForRepo, { owner: secret, repo: secret, per_page: 2 });
  },
};
