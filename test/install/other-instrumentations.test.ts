import { InstrumentationBase } from '@opentelemetry/instrumentation';
import { expect } from 'chai';
import shimmer = require('shimmer');
import type { AsyncGeneratorInstrumentation } from '../../src';
import { drain, load, patchedIn, setUpPatching, spansOf, type Exports } from './support';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Puts a wrapper over one function, which counts its calls. */
interface Other {
  readonly name: string;
  create(holder: Exports, key: string, onCall: () => void): { enable(): void; disable(): void };
}

const counting = (onCall: () => void) => (original: Exports) =>
  function (this: unknown, ...args: unknown[]): unknown {
    onCall();
    return original.apply(this, args);
  };

/** A class in the place of a class: what it constructs is the original's. */
const countingClass =
  (onCall: () => void) =>
  (Original: Exports): Exports =>
    class extends Original {
      constructor(...args: unknown[]) {
        super(...args);
        onCall();
      }
    };

const openTelemetry: Other = {
  name: '_wrap and _unwrap of OpenTelemetry',
  create(holder, key, onCall) {
    const wrapper = key === 'Client' ? countingClass(onCall) : counting(onCall);
    class Instrumentation extends InstrumentationBase {
      constructor() {
        super('other', '1.0.0', { enabled: false });
      }
      protected override init(): undefined {}
      override enable(): void {
        this._wrap(holder, key, wrapper);
      }
      override disable(): void {
        this._unwrap(holder, key);
      }
    }
    return new Instrumentation();
  },
};

const plainShimmer: Other = {
  name: 'shimmer',
  create: (holder, key, onCall) => ({
    enable: () => void shimmer.wrap(holder, key, key === 'Client' ? countingClass(onCall) : counting(onCall)),
    disable: () => {
      shimmer.unwrap(holder, key);
    },
  }),
};

interface Subject {
  readonly name: string;
  readonly targets: string;
  holderOf(exports: Exports): Exports;
  readonly key: string;
  call(exports: Exports): AsyncIterable<unknown>;
}

const SUBJECTS: Subject[] = [
  {
    name: 'an exported function',
    targets: 'writable-data[count]',
    holderOf: (exports) => exports,
    key: 'count',
    call: (exports) => exports.count(1),
  },
  {
    name: 'an exported function that a wildcard takes',
    targets: 'writable-data',
    holderOf: (exports) => exports,
    key: 'count',
    call: (exports) => exports.count(1),
  },
  {
    name: 'a prototype method',
    targets: 'class-members[Client#stream]',
    holderOf: ({ Client }) => Client.prototype,
    key: 'stream',
    call: ({ Client }) => new Client().stream(1),
  },
  {
    name: 'a prototype method that a wildcard takes',
    targets: 'class-members',
    holderOf: ({ Client }) => Client.prototype,
    key: 'stream',
    call: ({ Client }) => new Client().stream(1),
  },
  {
    name: 'a static method',
    targets: 'class-members[Client.all]',
    holderOf: ({ Client }) => Client,
    key: 'all',
    call: ({ Client }) => Client.all(),
  },
  {
    name: 'a class',
    targets: 'class-members[Client#stream]',
    holderOf: (exports) => exports,
    key: 'Client',
    call: ({ Client }) => new Client().stream(1),
  },
  {
    name: 'a class that a wildcard takes',
    targets: 'class-members',
    holderOf: (exports) => exports,
    key: 'Client',
    call: ({ Client }) => new Client().stream(1),
  },
];

/** What is switched, in this order: each off and on again, first and last. */
const SWITCHES = [
  'other',
  'ours',
  'ours',
  'other',
  'ours',
  'other',
  'other',
  'ours',
  'other',
  'ours',
  'other',
  'ours',
] as const;

describe('beside another instrumentation of the same function', () => {
  const patching = setUpPatching();

  for (const other of [openTelemetry, plainShimmer]) {
    for (const subject of SUBJECTS) {
      for (const first of ['other', 'ours'] as const) {
        for (const isLate of [false, true]) {
          const title = `${other.name}, ${subject.name}, ${first} first${isLate ? ', after a turn' : ''}`;
          it(`both do as if alone: ${title}`, async () => {
            let calls = 0;
            let ours: AsyncGeneratorInstrumentation | undefined;
            const exports = load(subject.targets.replace(/\[.*/, ''));
            const theirs = other.create(subject.holderOf(exports), subject.key, () => calls++);
            const isOn = { ours: false, other: false };
            const flip = (which: 'ours' | 'other') => {
              isOn[which] = !isOn[which];
              if (which === 'other') theirs[isOn.other ? 'enable' : 'disable']();
              else if (ours === undefined) ours = patching.instrument(subject.targets);
              else ours[isOn.ours ? 'enable' : 'disable']();
            };
            const check = async (when: string) => {
              if (isLate) await nextTurn();
              calls = 0;
              patching.tracing.reset();
              expect(await drain(subject.call(exports))).to.have.lengthOf(1);
              const seen = { calls, spans: spansOf(patching.tracing).length };
              expect(seen, when).to.deep.equal({ calls: Number(isOn.other), spans: Number(isOn.ours) });
            };
            flip(first);
            await check(first);
            for (const which of [first === 'ours' ? 'other' : 'ours', ...SWITCHES] as const) {
              flip(which);
              await check(`${which} switched ${isOn[which] ? 'on' : 'off'}`);
            }
          });
        }
      }
    }
  }

  it('shows no mark, even over a wrapper that has them', () => {
    const exports = load('writable-data');
    openTelemetry.create(exports, 'count', () => {}).enable();
    patching.instrument('writable-data');
    expect(exports.count).to.not.have.any.keys('__original', '__unwrap', '__wrapped');
    for (const mark of ['__original', '__unwrap', '__wrapped']) expect(mark in exports.count, mark).to.equal(false);
    expect(exports.count.__wrapped).to.equal(undefined);
    expect(exports.count.__original).to.equal(undefined);
  });

  it('keeps one wrapper below one that somebody has put there without marks, from the first turn on', async () => {
    patching.instrument('writable-data[count]');
    const exports = load('writable-data');
    let calls = 0;
    exports.count = counting(() => calls++)(exports.count);
    await nextTurn();
    await drain(exports.count(1));
    expect({ calls, spans: spansOf(patching.tracing) }).to.deep.equal({ calls: 1, spans: ['count completed'] });
  });

  it('comes back where another that leaves no marks has put the original back', async () => {
    const exports = load('writable-data');
    const { count } = exports;
    exports.count = counting(() => {})(count);
    const instrumentation = patching.instrument('writable-data[count]');
    exports.count = count;
    expect(patchedIn(instrumentation.getPatchReport())).to.deep.equal(['count: property']);
    await drain(exports.count(1));
    expect(spansOf(patching.tracing)).to.deep.equal(['count completed']);
  });

  it('is undone in full after a second look, where it came back from below another', async () => {
    const instrumentation = patching.instrument('writable-data[count]');
    const exports = load('writable-data');
    const other = openTelemetry.create(exports, 'count', () => {});
    other.enable();
    instrumentation.disable();
    other.disable();
    instrumentation.enable();
    instrumentation.getPatchReport();
    instrumentation.disable();
    instrumentation.enable();
    await drain(exports.count(1));
    expect(spansOf(patching.tracing)).to.deep.equal(['count completed']);
  });
});
