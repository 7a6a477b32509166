const { readProducts } = require('./products.cjs');

/** A line for each product that is in stock. */
exports.offers = async function* offers(inventory) {
  for await (const { product, pieces, cents } of readProducts(inventory)) {
    if (pieces > 0) yield `${product} for ${(cents / 100).toFixed(2)} euros\n`;
  }
};
