/** A core module, by either of its names. */
module.exports = {
  specifier: 'node:timers/promises',
  targets: 'timers/promises[setInterval]',
  cases: {
    'an interval that is left': {
      run: ({ setInterval }, { collect }) => collect(setInterval(1, 'tick'), 3),
      spans: [{ name: 'setInterval', outcome: 'returned', items: 3 }],
    },
    'an interval that is aborted': {
      run({ setInterval }, { rejection }) {
        const controller = new AbortController();
        return rejection(async () => {
          for await (const _ of setInterval(1, undefined, { signal: controller.signal })) controller.abort();
        });
      },
      spans: [{ name: 'setInterval', outcome: 'aborted', items: 1 }],
    },
    'an interval with an option that is not allowed': {
      run: ({ setInterval }, { rejection }) => rejection(() => setInterval(1, undefined, { ref: 'no' }).next()),
      spans: [{ name: 'setInterval', outcome: 'failed', items: 0, error: 'TypeError', failed: true }],
    },
    'a timeout, which is no target': {
      run: ({ setTimeout }) => setTimeout(1, 'done'),
      spans: [],
    },
    'the function and its generator': {
      run: ({ setInterval }, { shapeOfFunction, shapeOfIterable }) => [
        shapeOfFunction(setInterval),
        shapeOfIterable(setInterval(1), setInterval),
      ],
      spans: [],
    },
  },
};
