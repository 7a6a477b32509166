const { splitLines } = require('./lines.cjs');

/** The products that the inventory streams. */
exports.readProducts = async function* readProducts(inventory) {
  const response = await fetch(inventory);
  for await (const line of splitLines(response.body)) yield JSON.parse(line);
};
