const { workerData } = require('worker_threads');
const { count } = require('./count.cjs');

(async () => {
  for await (const item of count(2)) {
    console.log('thread', item);
    if (workerData === 'open') {
      const open = count(3);
      await open.next();
      process.exit(4);
    }
  }
  if (workerData === 'exit') process.exit(3);
})();
