const { createInterface } = require('node:readline');
const { Readable } = require('node:stream');

/** The products that the inventory streams. */
exports.readProducts = async function* readProducts(inventory) {
  const response = await fetch(inventory);
  for await (const line of createInterface({ input: Readable.fromWeb(response.body) })) yield JSON.parse(line);
};
