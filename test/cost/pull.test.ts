/**
 * What a pull costs in the middle of a run, counted and not timed: the same on every machine, so none of these numbers may grow.
 */
import { expect } from 'chai';
import { allocate, count, type Bytes, type Measured } from './support/measure';

/** Since 24, AsyncLocalStorage is built on frames, which its stores are copied into. */
const hasFrames = Number(process.versions.node.split('.')[0]) >= 24;

/** Node's own reading, a bigint, which takes memory only where the compiler does not inline. Not ours. */
const BYTES_OF_CLOCK_READ = 40;
/** What is kept of each context that a body is entered in: the fork that a context manager may make of it. */
const BYTES_OF_BODY_CONTEXT = 56;
/** A map of the few stores that there are, and the body's context. */
const BYTES_OF_FRAME = 400;
/** Less than the smallest object: what the engine does otherwise. */
const TOLERANCE = 8;

interface Expected {
  /** See support/conditions.cjs. */
  readonly condition: string;
  readonly producers: readonly string[];
  readonly pullsPerItem?: number;
  /** For each pull, beyond those of the untraced program. */
  readonly promises: number;
  readonly clockReads: number;
  /** Changes of an AsyncLocalStorage by its own methods. */
  readonly storageEntries?: number;
  /** Own members of the generator's, where that is what is looked at. */
  readonly members?: number;
  /** Bytes beyond those of the floor (support/allocate.cjs). */
  readonly bytes?: number;
}

const GENERATOR = ['generator'];
const BOTH = ['generator', 'iterator'];

const recording: readonly Expected[] = [
  { condition: 'recording', producers: BOTH, promises: 1, clockReads: 2 },
  { condition: 'timing off', producers: GENERATOR, promises: 1, clockReads: 1 },
  { condition: 'contextFrom creation', producers: GENERATOR, promises: 1, clockReads: 2 },
  { condition: 'nested runs', producers: ['nested'], pullsPerItem: 2, promises: 1, clockReads: 2 },
  { condition: 'interleaved runs', producers: GENERATOR, pullsPerItem: 2, promises: 1, clockReads: 2 },
  { condition: 'ten AsyncLocalStorages', producers: GENERATOR, promises: 1, clockReads: 2 },
  {
    condition: 'a span for every item',
    producers: GENERATOR,
    promises: 1,
    clockReads: 2,
    // Each is pulled in another context, and so is the body.
    storageEntries: hasFrames ? 1 : 0,
    bytes: 2 * BYTES_OF_CLOCK_READ + BYTES_OF_BODY_CONTEXT + (hasFrames ? BYTES_OF_FRAME : 0),
  },
];

const notRecording: readonly Expected[] = [{ condition: 'not sampled', producers: BOTH, promises: 0, clockReads: 0 }];

const nothing = { promises: 0, clockReads: 0, members: 0 };
const untouched: readonly Expected[] = [
  { condition: 'no SDK', producers: BOTH, ...nothing },
  { condition: 'after disable()', producers: BOTH, ...nothing },
];
const ended: readonly Expected[] = [
  { condition: 'disable() before the first pull', producers: GENERATOR, ...nothing },
  { condition: 'disable() during the loop', producers: BOTH, ...nothing },
  { condition: 'after a rejection', producers: ['stubborn'], ...nothing },
];

describe('The cost of a pull', () => {
  describe('of a recording run', () => recording.forEach(describeCondition));
  describe('of a run that is not recorded', () => notRecording.forEach(describeCondition));
  describe('of a generator that is not traced', () => untouched.forEach(describeCondition));
  describe('of a run that is over, for a loop that goes on', () => ended.forEach(describeCondition));

  for (const [value, switches] of [
    ['api', 1],
    ['', 0],
  ] as const) {
    it(`is ${switches} context.with with OTEL_INSTRUMENTATION_ASYNC_GENERATOR_CONTEXT_SWITCH=${value}`, async () => {
      const env = { OTEL_INSTRUMENTATION_ASYNC_GENERATOR_CONTEXT_SWITCH: value };
      for (const producer of BOTH) {
        const { untraced, traced } = await count('recording', producer, env);
        expect(traced.counts.switches - untraced.counts.switches).to.equal(switches);
        expect(traced.ticks).to.deep.equal(untraced.ticks);
      }
    });
  }
});

function describeCondition(expected: Expected): void {
  for (const producer of expected.producers) {
    describe(`${expected.condition}, ${producer}`, () => describeProducer(expected, producer));
  }
}

function describeProducer(expected: Expected, producer: string): void {
  const { condition, pullsPerItem = 1, promises, clockReads, storageEntries = 0, members } = expected;
  const { bytes = clockReads * BYTES_OF_CLOCK_READ } = expected;
  let untraced: Measured;
  let traced: Measured;
  let allocated: Bytes;

  before(async () => {
    const [counted, inBytes] = await Promise.all([count(condition, producer), allocate(condition, producer)]);
    ({ untraced, traced } = counted);
    allocated = inBytes;
  });

  /** Of a pull, beyond what the untraced program does. */
  const added = (name: keyof Measured['counts']) => (traced.counts[name] - untraced.counts[name]) / pullsPerItem;

  it('takes no microtask tick', () => {
    expect(untraced.ticks).to.not.be.empty;
    expect(traced.ticks).to.deep.equal(untraced.ticks);
  });

  it(promises === 1 ? 'makes one promise, that of the reaction' : 'makes no promise', () => {
    expect(untraced.counts.promises).to.be.above(0);
    expect(added('promises')).to.equal(promises);
  });

  it('does not go by context.with, or by an AsyncResource', () => {
    expect(added('switches')).to.equal(0);
    expect(added('storageRuns')).to.equal(0);
    expect(added('scopes')).to.equal(0);
    expect(added('resources')).to.equal(0);
  });

  it(storageEntries === 0 ? 'makes no copy of the stores' : 'makes one copy of the stores', () => {
    expect(added('storageEntries')).to.equal(storageEntries);
  });

  it(
    ['does not read the clock', 'reads the clock once at most', 'reads the clock twice at most'][clockReads] as string,
    () => {
      expect(added('clockReads')).to.be.at.most(clockReads);
    },
  );

  it(`allocates ${bytes === 0 ? 'nothing' : `${bytes} bytes at most`} that could be done without`, () => {
    expect(allocated.untraced).to.be.above(0);
    expect((allocated.traced - allocated.floor) / pullsPerItem).to.be.below(bytes + TOLERANCE);
  });

  if (members === 0 && producer === 'generator') {
    it('finds none of our members on the generator', () => {
      expect(traced.members).to.be.empty;
    });
  }
}
