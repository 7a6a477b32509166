/** A method that clients inherit, reached on the prototype that defines it, in a file that no entry point exports. */
const { casesOf, service } = require('../support/redis.cjs');

module.exports = {
  title: 'redis by the prototype',
  specifier: 'redis',
  service,
  targets: '@redis/client/dist/lib/client/index.js[default#*Iterator]',
  cases: casesOf('RedisClient'),
};
