/** A method that clients inherit, reached through the factory that makes them. */
const { casesOf, service } = require('../support/redis.cjs');

module.exports = {
  title: 'redis by its factory',
  specifier: 'redis',
  service,
  targets: 'redis[createClient().scanIterator]',
  cases: casesOf('createClient'),
};
