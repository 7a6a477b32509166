// Machines report their temperature to a Redis stream; a monitor reads along, and warns of those that are hot.
import { createClient } from 'redis';
import { alerts } from './alerts.mjs';
import { reports } from './machines.mjs';

const key = `example:temperatures:${process.pid}`;
const producer = createClient({ url: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' });
const consumer = producer.duplicate(); // a connection that waits for entries can do nothing else
await Promise.all([producer.connect(), consumer.connect()]);

async function produce() {
  for await (const report of reports(20)) await producer.xAdd(key, '*', report);
}

async function monitor() {
  let count = 0;
  for await (const { machine, celsius } of alerts(consumer, key)) {
    console.log(`machine ${machine} is at ${celsius} degrees`);
    count += 1;
    if (count === 3) break;
  }
}

try {
  await Promise.all([produce(), monitor()]);
  console.log('three machines are hot: the monitor has seen enough');
} finally {
  await producer.del(key);
  await Promise.all([producer.close(), consumer.close()]);
}
