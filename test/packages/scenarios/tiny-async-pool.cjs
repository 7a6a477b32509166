/** The function is `module.exports` itself. */
const poolOf = (api) => api.default ?? api;

const double = async (number) => {
  if (number === 13) throw new RangeError('unlucky');
  return number * 2;
};

module.exports = {
  specifier: 'tiny-async-pool',
  targets: 'tiny-async-pool',
  cases: {
    'a pool that is read to its end': {
      run: (api, { collect }) => collect(poolOf(api)(1, [1, 2, 3], double)),
      spans: [{ name: 'asyncPool', outcome: 'completed', items: 3 }],
    },
    'a pool that is left': {
      run: (api, { collect }) => collect(poolOf(api)(1, [1, 2, 3], double), 1),
      spans: [{ name: 'asyncPool', outcome: 'returned', items: 1 }],
    },
    'a pool whose work fails': {
      run: (api, { collect, rejection }) => rejection(() => collect(poolOf(api)(1, [1, 13, 3], double))),
      spans: [{ name: 'asyncPool', outcome: 'failed', items: 1, error: 'RangeError', failed: true }],
    },
    'a pool that is made and never read': {
      run(api) {
        poolOf(api)(1, [1], double);
      },
      spans: [],
    },
    'the function and its generator': {
      run(api, { shapeOfFunction, shapeOfIterable }) {
        const pool = poolOf(api);
        return [shapeOfFunction(pool), shapeOfIterable(pool(1, [], double), pool)];
      },
      spans: [],
    },
  },
};
