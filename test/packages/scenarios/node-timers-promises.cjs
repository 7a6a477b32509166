/** The other name of the core module, and the other way round: programs and targets may use either. */
module.exports = {
  ...require('./timers-promises.cjs'),
  specifier: 'node:timers/promises',
  targets: 'timers/promises[setInterval]',
};
