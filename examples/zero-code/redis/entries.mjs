/** The entries of a Redis stream from its beginning, waiting for more. */
export async function* entries(client, key) {
  let lastId = '0';
  for (;;) {
    const streams = await client.xRead({ key, id: lastId }, { COUNT: 1, BLOCK: 0 });
    for (const { id, message } of streams[0].messages) {
      yield message;
      lastId = id;
    }
  }
}
