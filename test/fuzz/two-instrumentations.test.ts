/**
 * Random orders of enabling, disabling, loading and calling, with two instrumentations of ours and one of OpenTelemetry's kind on one
 * function: each works as if it were alone.
 */
import { InstrumentationBase } from '@opentelemetry/instrumentation';
import { expect } from 'chai';
import fc from 'fast-check';
import Module = require('node:module');
import { setImmediate as macrotask } from 'node:timers/promises';
import { AsyncGeneratorInstrumentation } from '../../src';
import { drain, FIXTURES, forget, load, type Exports } from '../install/support';
import { useTracing } from '../support/tracing';
import { itHolds } from './support/holds';

const STEPS = ['theirs', 'first', 'second', 'reload', 'turn', 'report'] as const;
type Step = (typeof STEPS)[number];

interface Program {
  readonly target: string;
  readonly steps: readonly Step[];
}

const programs: fc.Arbitrary<Program> = fc.record({
  target: fc.constantFrom('writable-data[count]', 'writable-data', 'class-members[Client#stream]', 'class-members'),
  steps: fc.array(fc.constantFrom(...STEPS), { minLength: 1, maxLength: 12 }),
});

/** Wraps one function of whatever is loaded, as instrumentations do from their hooks. */
class Theirs extends InstrumentationBase {
  declare calls: number;
  private holder: Exports;
  private key = '';
  private isOn = false;

  constructor() {
    super('theirs', '1.0.0', { enabled: false });
    this.calls = 0;
  }
  protected override init(): undefined {}
  loaded(holder: Exports, key: string): void {
    this.holder = holder;
    this.key = key;
    if (this.isOn) this.wrap();
  }
  override enable(): void {
    this.isOn = true;
    this.wrap();
  }
  override disable(): void {
    if (!this.isOn) return;
    this.isOn = false;
    this._unwrap(this.holder, this.key);
  }
  private wrap(): void {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- `this` of the wrapper is the program's object.
    const theirs = this;
    this._wrap(this.holder, this.key, (original: Exports) => {
      return function (this: unknown, ...args: unknown[]): unknown {
        theirs.calls++;
        return original.apply(this, args);
      };
    });
  }
}

describe('two instrumentations of ours, and one of another', () => {
  const tracing = useTracing();
  const { require: pristineRequire } = Module.prototype;

  itHolds(
    'do what each does alone',
    programs,
    async ({ target, steps }) => {
      const name = target.replace(/\[.*/, '');
      const isClass = name === 'class-members';
      const create = () => new AsyncGeneratorInstrumentation({ targets: [target], baseDir: FIXTURES, enabled: false });
      const ours = { first: create(), second: create() };
      const theirs = new Theirs();
      const isOn = { first: false, second: false, theirs: false };
      let exports: Exports;
      const reload = () => {
        forget(name);
        exports = load(name);
        theirs.loaded(isClass ? exports.Client.prototype : exports, isClass ? 'stream' : 'count');
      };
      try {
        reload();
        for (const step of steps) {
          if (step === 'reload') reload();
          else if (step === 'turn') await macrotask();
          // Looks at what it has patched, as the next turn does.
          else if (step === 'report') ours.first.getPatchReport();
          else {
            const instrumentation = step === 'theirs' ? theirs : ours[step];
            isOn[step] = !isOn[step];
            instrumentation[isOn[step] ? 'enable' : 'disable']();
          }
          tracing.reset();
          theirs.calls = 0;
          await drain(isClass ? new exports.Client().stream(1) : exports.count(1));
          expect({ calls: theirs.calls, spans: tracing.spans().length }, `after ${step}`).to.deep.equal({
            calls: Number(isOn.theirs),
            spans: Number(isOn.first || isOn.second),
          });
        }
      } finally {
        for (const each of [theirs, ours.first, ours.second]) each.disable();
        forget(name);
        Module.prototype.require = pristineRequire;
      }
    },
    { smoke: 100, share: 0.1, show: ({ target, steps }) => `${target}: ${steps.join(', ')}` },
  );
});
