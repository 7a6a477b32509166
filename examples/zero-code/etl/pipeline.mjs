import QueryStream from 'pg-query-stream';

/** The orders to export, 250 at a time. */
export async function* orderBatches(client) {
  yield* batch(transform(extract(client)), 250);
}

/** The rows of a cursor, which fetches 100 at a time. */
async function* extract(client) {
  const query = new QueryStream('SELECT id, customer, cents, cancelled FROM orders ORDER BY id', [], {
    batchSize: 100,
  });
  yield* client.query(query);
}

/** Leaves cancelled orders out, and turns cents into euros. */
async function* transform(rows) {
  for await (const { id, customer, cents, cancelled } of rows) {
    if (!cancelled) yield { id, customer, euros: (cents / 100).toFixed(2) };
  }
}

/** Arrays of `size` items; the last one may be shorter. */
async function* batch(items, size) {
  let current = [];
  for await (const item of items) {
    current.push(item);
    if (current.length === size) {
      yield current;
      current = [];
    }
  }
  if (current.length > 0) yield current;
}
