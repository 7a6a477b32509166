// The columns. One is added by a file here and a line below: `{ name, label, unit, measure({ rows, condition, effort }) }`.
import behaviour from './behaviour.mjs';
import { allocated, retained } from './bytes-per-item.mjs';
import bytesPerOpenRun from './bytes-per-open-run.mjs';
import oneItemRun from './one-item-run.mjs';
import perItem from './per-item.mjs';
import perItemAwait from './per-item-await.mjs';
import perItemLoopback from './per-item-loopback.mjs';
import ticks from './ticks.mjs';

export const columns = [
  perItem,
  perItemAwait,
  perItemLoopback,
  oneItemRun,
  ticks,
  bytesPerOpenRun,
  allocated,
  retained,
  behaviour,
];
