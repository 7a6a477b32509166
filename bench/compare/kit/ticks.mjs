import { countTicks } from '../../lib/ticks.mjs';

/**
 * Of a pull in the middle, and of what ends the run.
 *
 * @param iterator that of a run of which nothing has been pulled
 */
export async function ticksOf(iterator, exit) {
  const ticks = { pull: NaN };
  await iterator.next();
  ticks.pull = await settled(() => iterator.next());
  if (exit === 'break' || exit === 'throw') ticks['return()'] = await settled(() => iterator.return());
  else if (exit === 'end' || exit === 'error' || exit === 'abort') ticks.end = await settled(() => iterator.next());
  else await iterator.return?.();
  return ticks;
}

const settled = (call) => countTicks(() => call().then(ignore, ignore));

const ignore = () => {};
