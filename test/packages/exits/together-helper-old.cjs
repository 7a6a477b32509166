/** The helper of the oldest version: it gives each event when the next one comes. */
module.exports = { ...require('./together-helper.cjs'), packages: ['together-0.6'], items: 3 };
