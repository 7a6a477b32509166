// Three threads that count, one after the other, and then this one.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { count } from './count.mjs';

for (const end of ['', 'exit', 'open']) {
  const worker = new Worker(new URL('./thread.mjs', import.meta.url), { workerData: end });
  const [code] = await once(worker, 'exit');
  console.log('thread ended with', code);
}
for await (const item of count(1)) console.log('main', item);
