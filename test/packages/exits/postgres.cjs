/** Cursors of Postgres.js, which a query gives. */
module.exports = {
  preset: 'postgres',
  group: 'data',
  packages: ['postgres-3.0', 'postgres-3'],
  module: 'postgres',
  service: { name: 'PostgreSQL', port: 5432 },

  open(api, { exit, secret, onEnd }) {
    const sql = (api.default ?? api)({ host: '127.0.0.1', database: 'test', user: 'postgres' });
    onEnd(() => sql.end({ timeout: 0 }));
    // The server waits within the third row, until it is cancelled.
    const column = { error: '1 / (3 - n)', abort: 'CASE WHEN n = 3 THEN pg_sleep(60) END' }[exit] ?? 'n';
    // Other processes ask for the same at the same time.
    const text = `SELECT ${column} AS n, $1::text AS secret FROM generate_series(1, 5) AS n -- ${process.pid}`;
    const query = sql.unsafe(text, [secret]);
    return Object.assign(query.cursor(1), { cancel: () => cancelAtWork(sql, query, text) });
  },
  show: ([row]) => row,
  // The consumer asks for the third row meanwhile.
  abort: (rows) => void rows.cancel(),

  spans: () => ({ name: 'postgres.cursor' }),
};

/** A server that does nothing for the query at the moment would not take notice. */
async function cancelAtWork(sql, query, text) {
  let isAtWork = false;
  while (!isAtWork) {
    [{ isAtWork }] = await sql`
      SELECT count(*) > 0 AS "isAtWork" FROM pg_stat_activity WHERE query = ${text} AND wait_event = 'PgSleep'`;
  }
  // The client asks by a connection of its own, which the server may reset, and its `cancel()` drops the promise of that:
  // https://github.com/porsager/postgres/blob/v3.4.9/src/query.js#L52-L54
  const { canceller } = query;
  query.canceller = (...args) => canceller(...args).catch(() => {});
  query.cancel();
}
