// What a process is like in which pulls are counted.
//
// - `sdk`: 'sampled' (default), 'unsampled' or 'none'
// - `options`: of the instrumentation
// - `storages`: how many AsyncLocalStorages are in use, beside OpenTelemetry's
// - `disable`: when the instrumentation is switched off: 'before the call', 'before the first pull' or 'during the loop'
// - `open(program, producer)`: makes what is consumed; `consumer`: which of the program's functions pulls
// - `pullsPerItem`: of traced generators
// - `floor`: what a pull cannot do without: 'nothing', 'switch' (to the body's context), or 'switch and reaction'
// - `isFrameNew`: the consumer pulls from another frame every time, so none can be remembered

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
  'a span for every item': { consumer: 'consumeInSpans', isFrameNew: true },
  'not sampled': { sdk: 'unsampled', floor: 'switch' },
  'no SDK': { sdk: 'none', floor: 'nothing' },
  'after disable()': { disable: 'before the call', floor: 'nothing' },
  'disable() before the first pull': { disable: 'before the first pull', floor: 'nothing' },
  'disable() during the loop': { disable: 'during the loop', floor: 'nothing' },
  'after a rejection': { consumer: 'consumeStubbornly', floor: 'nothing' },
};
