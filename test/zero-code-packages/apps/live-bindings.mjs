import { once } from 'node:events';
import { setInterval } from 'node:timers/promises';
import live, { click, clicks } from './counter.mjs';
import { count } from './count.mjs';

void once;
for await (const item of count(3)) {
  click();
  console.log(item, clicks, live);
}
for await (const _tick of setInterval(1)) break;
