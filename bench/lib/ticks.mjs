// Microtask ticks, counted and not timed: the same on every machine.

/** By then it does not settle by microtasks, which would starve everything else. */
const LIMIT = 1_000;

/**
 * How many ticks of the microtask queue pass from a call until the consumer hears of its result.
 *
 * @param call returns a promise that settles by microtasks alone; if not, the result is the limit
 */
export function countTicks(call) {
  return new Promise((resolve, reject) => {
    let ticks = 0;
    let isSettled = false;
    const tick = () => {
      if (isSettled) return;
      ticks++;
      if (ticks === LIMIT) resolve(LIMIT);
      else queueMicrotask(tick);
    };
    const settle = (finish) => (value) => {
      isSettled = true;
      finish(value);
    };
    queueMicrotask(tick);
    call().then(
      settle(() => resolve(ticks)),
      settle(reject),
    );
  });
}
