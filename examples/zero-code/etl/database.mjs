/** A table that goes away with the connection. One order in ten is cancelled. */
export async function createOrders(client, count) {
  await client.query('CREATE TEMPORARY TABLE orders (id int PRIMARY KEY, customer text, cents int, cancelled boolean)');
  await client.query(
    `INSERT INTO orders
     SELECT id, 'customer ' || id % 7, id * 37 % 10000, id % 10 = 0 FROM generate_series(1, $1::int) AS id`,
    [count],
  );
}
