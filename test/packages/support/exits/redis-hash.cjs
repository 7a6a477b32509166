/** A hash that takes several pages to scan. */
const SIZE = 40;

/** Of this process alone: other programs may use the same server. */
const keyOf = (workspace) => `opentelemetry-instrumentation-async-generator:${process.pid}:${workspace}`;

/** With long names: Redis gives a hash of few short ones as one page. */
async function fillHash(set) {
  for (let index = 0; index < SIZE; index++) await set(String(index).padStart(100, '0'));
}

module.exports = { fillHash, keyOf, service: { name: 'Redis', port: 6379 } };
