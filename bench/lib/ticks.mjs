// Microtask ticks, counted and not timed: the same on every machine.

/**
 * How many ticks of the microtask queue pass from a call until the consumer hears of its result.
 *
 * @param call returns a promise that settles by microtasks alone
 */
export function countTicks(call) {
  return new Promise((resolve, reject) => {
    let ticks = 0;
    let isSettled = false;
    const tick = () => {
      if (isSettled) return;
      ticks++;
      queueMicrotask(tick);
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
