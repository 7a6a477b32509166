/** Rows that `pg-query-stream` reads, one at a time. */
const { addAbortSignal } = require('node:stream');

module.exports = {
  preset: 'pg',
  group: 'data',
  packages: ['pg-query-stream-3', 'pg-query-stream-4'],
  module: 'pg-query-stream',
  service: { name: 'PostgreSQL', port: 5432 },

  async open(api, { exit, signal, secret, onEnd, load }) {
    const QueryStream = api.default ?? api;
    const pg = await load('pg');
    const { Client } = pg.default ?? pg;
    const client = new Client({ host: '127.0.0.1', database: 'test', user: 'postgres' });
    await client.connect();
    onEnd(() => client.end());
    const column = exit === 'error' ? '1 / (3 - n)' : 'n';
    const text = `SELECT ${column} AS n, $1::text AS secret FROM generate_series(1, 5) AS n`;
    const rows = client.query(new QueryStream(text, [secret], { batchSize: 1, highWaterMark: 1 }));
    return exit === 'abort' ? addAbortSignal(signal, rows) : rows;
  },

  spans: () => ({ name: 'pg.QueryStream' }),
  beside: { workspace: 'pg-query-stream-4', name: '@opentelemetry/instrumentation-pg', children: [] },
};
