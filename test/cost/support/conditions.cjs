// What a process is like in which pulls are counted.
//
// - `sdk`: 'sampled' (default), 'unsampled' or 'none'
// - `options`: of the instrumentation
// - `storages`: how many AsyncLocalStorages are in use, beside OpenTelemetry's
// - `disable`: when the instrumentation is switched off: 'before the call', 'before the first pull' or 'during the loop'
// - `open(program, producer)`: makes what is consumed; `consumer`: which of the program's functions pulls
// - `pullsPerItem`: of traced generators
// - `isObserved`: whether a reaction on the side is what a pull cannot do without (default)

exports.conditions = {
  recording: {},
  'timing off': { options: { timing: false } },
  'contextFrom creation': { options: { contextFrom: 'creation' } },
  'nested runs': { pullsPerItem: 2 },
  'interleaved runs': {
    open: (program, producer) => [program[producer](), program[producer]()],
    consumer: 'consumeTwo',
    pullsPerItem: 2,
  },
  'ten AsyncLocalStorages': { storages: 10 },
  'a span for every item': { consumer: 'consumeInSpans' },
  'not sampled': { sdk: 'unsampled', isObserved: false },
  'no SDK': { sdk: 'none', isObserved: false },
  'after disable()': { disable: 'before the call', isObserved: false },
  'disable() before the first pull': { disable: 'before the first pull', isObserved: false },
  'disable() during the loop': { disable: 'during the loop', isObserved: false },
  'after a rejection': { consumer: 'consumeStubbornly', isObserved: false },
};
