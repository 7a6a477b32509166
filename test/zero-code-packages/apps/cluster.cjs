const cluster = require('cluster');
const { once } = require('events');
const { count } = require('./count.cjs');

(async () => {
  if (cluster.isPrimary) {
    for (const expected of ['first', 'second']) {
      const [code] = await once(cluster.fork({ APP_NAME: expected }), 'exit');
      console.log(expected, 'worker ended with', code);
    }
    for await (const item of count(1)) console.log('primary', item);
  } else {
    for await (const item of count(2)) console.log(process.env.APP_NAME, item);
    process.exit(6);
  }
})();
