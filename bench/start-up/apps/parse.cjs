// node parse.cjs FILE...
//
// Does nothing but parse the files that may hold an async generator, and tells how long that took.
const { readFileSync } = require('node:fs');
const report = require('./report.cjs');

const texts = process.argv.slice(2).map((file) => readFileSync(file, 'utf8'));
report.since();
const { parse } = require('acorn');
for (const text of texts) {
  if (text.includes('async function*')) parse(text, { ecmaVersion: 'latest', sourceType: 'commonjs' });
}
report();
