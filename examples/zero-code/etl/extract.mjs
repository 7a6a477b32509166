import QueryStream from 'pg-query-stream';

/** The rows of a cursor, which fetches 100 at a time. */
export async function* extract(client) {
  const query = new QueryStream('SELECT id, customer, cents, cancelled FROM orders ORDER BY id', [], {
    batchSize: 100,
  });
  yield* client.query(query);
}
