// Exports the orders of a PostgreSQL database as CSV, without ever holding all of them in memory.
import pg from 'pg';
import { createOrders } from './database.mjs';
import { orderBatches } from './pipeline.mjs';

const client = new pg.Client(process.env.DATABASE_URL ?? 'postgres://postgres@127.0.0.1:5432/test');
await client.connect();
try {
  await createOrders(client, 1000);

  let batches = 0;
  let orders = 0;
  process.stdout.write('id,customer,euros\n');
  for await (const batch of orderBatches(client)) {
    process.stdout.write(batch.map(({ id, customer, euros }) => `${id},${customer},${euros}\n`).join(''));
    batches += 1;
    orders += batch.length;
  }
  console.error(`exported ${orders} orders in ${batches} batches`);
} finally {
  await client.end();
}
