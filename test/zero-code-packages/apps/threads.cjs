// Three threads that count, one after the other, and then this one.
const { once } = require('events');
const { Worker } = require('worker_threads');
const { count } = require('./count.cjs');

(async () => {
  for (const end of ['', 'exit', 'open']) {
    const worker = new Worker(require.resolve('./thread.cjs'), { workerData: end });
    const [code] = await once(worker, 'exit');
    console.log('thread ended with', code);
  }
  for await (const item of count(1)) console.log('main', item);
})();
