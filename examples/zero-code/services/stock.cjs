const { setTimeout } = require('node:timers/promises');

const STOCK = [
  { product: 'lamp', pieces: 3, cents: 4900 },
  { product: 'chair', pieces: 0, cents: 12900 },
  { product: 'table', pieces: 1, cents: 39900 },
  { product: 'shelf', pieces: 7, cents: 8900 },
];

/** A line of JSON for each product. */
exports.readStock = async function* readStock() {
  for (const product of STOCK) {
    await setTimeout(10);
    yield `${JSON.stringify(product)}\n`;
  }
};
