/** An ES module, which newer Nodes can also `require`: its default export is a plain function that returns generators. */
async function* numbers(log = []) {
  try {
    for (let number = 1; number <= 3; number++) yield number;
  } finally {
    log.push('closed');
  }
}

module.exports = {
  specifier: 'it-map',
  targets: 'it-map[default]',
  cases: {
    'a source that is mapped to its end': {
      run: ({ default: map }, { collect }) => collect(map(numbers(), async (number, index) => [number * 2, index])),
      spans: [{ name: 'map', outcome: 'completed', items: 3 }],
    },
    'a mapping that is left': {
      async run({ default: map }, { collect }) {
        const log = [];
        return [
          await collect(
            map(numbers(log), (number) => -number),
            1,
          ),
          log,
        ];
      },
      spans: [{ name: 'map', outcome: 'returned', items: 1 }],
    },
    'a mapper that throws': {
      run: ({ default: map }, { collect, rejection }) =>
        rejection(() =>
          collect(
            map(numbers(), () => {
              throw new TypeError('not this one');
            }),
          ),
        ),
      spans: [{ name: 'map', outcome: 'failed', items: 0, error: 'TypeError', failed: true }],
    },
    'one mapping over another': {
      run: ({ default: map }, { collect }) =>
        collect(
          map(
            map(numbers(), (number) => number + 1),
            (number) => number * 10,
          ),
        ),
      spans: [
        { name: 'map', outcome: 'completed', items: 3 },
        { name: 'map', outcome: 'completed', items: 3 },
      ],
    },
    'a source that is not asynchronous, so that a plain generator comes back': {
      run: ({ default: map }) => [...map([1, 2, 3], (number) => number * 2)],
      spans: [{ name: 'map', outcome: 'completed', items: 0 }],
    },
    'the function and its generator': {
      async run({ default: map }, { shapeOfFunction, shapeOfIterable }) {
        const mapped = map(numbers(), (number) => number);
        const shapes = [shapeOfFunction(map), shapeOfIterable(mapped)];
        await mapped.return();
        return shapes;
      },
      spans: [{ name: 'map', outcome: 'returned', items: 0 }],
    },
  },
};
