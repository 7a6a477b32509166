/**
 * Random programs with AsyncLocalStorage, from seeds: each is played untraced and traced, and has to see the same stores everywhere.
 *
 * FUZZ_PROGRAMS says how many, FUZZ_SEED which is the first. A failure names its seed.
 */
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { setImmediate as timer } from 'node:timers/promises';
import { context, createContextKey, trace } from '@opentelemetry/api';
import { expect } from 'chai';
import { traceAsyncGenerator } from '../../src';
import { switchContextsByApi } from '../../src/trace/context-switch';
import { useTracing } from '../support/tracing';

const PROGRAMS = Number(process.env.FUZZ_PROGRAMS ?? 150);
const FIRST_SEED = Number(process.env.FUZZ_SEED ?? 1);

/** Whether contexts are kept in async context frames (Node 24 and newer), rather than on resources. */
const FRAMES = !('_enable' in AsyncLocalStorage.prototype);
const KEY = createContextKey('context fuzz');

/** No timeouts: whether they or immediates come first is chance. */

type Random = (below: number) => number;

function randomFrom(seed: number): Random {
  let state = (seed * 2654435761) >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

type Storage = AsyncLocalStorage<string> & { withScope?: (store: string) => { [Symbol.dispose](): void } };
type Trace = <Fn extends (...args: never[]) => AsyncGenerator<number>>(fn: Fn) => Fn;

const MOST_STEPS = 120;

class Program {
  readonly seen: string[] = [];
  private readonly storages: Storage[];
  private readonly generators: AsyncGenerator<number>[] = [];
  private readonly pending: Promise<unknown>[] = [];
  private values = 0;
  private steps = 0;

  constructor(
    private readonly random: Random,
    private readonly traced: Trace,
  ) {
    const withDefault = new (AsyncLocalStorage as new (options?: object) => Storage)({ defaultValue: 'default' });
    this.storages = [new AsyncLocalStorage<string>(), new AsyncLocalStorage<string>(), withDefault];
  }

  async play(): Promise<string[]> {
    const flows = [this.flow('main', 2), this.flow('other', 2)];
    await Promise.all(flows);
    await this.drain();
    for (const generator of this.generators) await generator.return(undefined).catch(() => undefined);
    await this.drain();
    this.see('end');
    for (const storage of this.storages) storage.disable();
    return this.seen;
  }

  private async drain(): Promise<void> {
    while (this.pending.length > 0) await Promise.all(this.pending.splice(0));
  }

  private see(where: string): void {
    const stores = this.storages.map((storage) => storage.getStore());
    this.seen.push(`${where}: ${stores.join(' ')} ${String(context.active().getValue(KEY))}`);
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.random(list.length)] as T;
  }

  private value(): string {
    // Now and then one that is set already.
    return this.random(5) === 0 ? 'same' : `v${this.values++}`;
  }

  private async flow(name: string, depth: number): Promise<void> {
    const count = 3 + this.random(10);
    for (let index = 0; index < count && this.steps < MOST_STEPS; index++) {
      const where = `${name}.${index}`;
      if (this.random(3) === 0) await this.wait(where);
      else this.step(where, depth, true);
      this.see(where);
    }
  }

  /** A body waits only for generators that came after its own, or two could wait for each other. */
  private async wait(where: string, after = -1): Promise<void> {
    const kind = this.random(4);
    if (kind === 0) await undefined;
    else if (kind === 1) await timer();
    else if (kind === 2) await new Promise<void>((resolve) => process.nextTick(resolve));
    else await this.pull(where, after).catch(() => undefined);
  }

  private body(ordinal: number, depth: number): AsyncGenerator<number> {
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- a generator function is no arrow function
    const program = this;
    const name = `body ${ordinal}`;
    const plain = async function* (): AsyncGenerator<number> {
      const count = 1 + program.random(6);
      try {
        for (let index = 0; index < count; index++) {
          const where = `${name} ${index}`;
          program.see(where);
          // Changes that come after an await stay in the body, but for `disable()` where contexts are frames.
          program.step(where, depth, true);
          program.see(`${where} stepped`);
          if (program.random(2) === 0) {
            await program.wait(where, ordinal);
            program.step(`${where} waited`, depth, !FRAMES);
            program.see(`${where} waited`);
          }
          if (program.random(12) === 0) throw new Error(where);
          yield index;
        }
      } finally {
        program.see(`${name} finally`);
        if (program.random(2) === 0) program.step(`${name} finally`, depth, false);
      }
    };
    return this.traced(plain)();
  }

  private pull(where: string, after = -1): Promise<unknown> {
    const generators = this.generators.slice(after + 1);
    if (generators.length === 0) return Promise.resolve();
    const generator = this.pick(generators);
    const kind = this.random(12);
    const pull =
      kind === 0
        ? generator.return(undefined)
        : kind === 1
          ? generator.throw(new Error('thrown in'))
          : generator.next();
    this.see(`${where} pulled`);
    return pull;
  }

  /** Does something in the synchronous part of whoever calls. */
  private step(where: string, depth: number, mayDisable: boolean): void {
    if (++this.steps > MOST_STEPS) return;
    const storage = this.pick(this.storages);
    const inner = () => {
      this.see(`${where} inside`);
      this.step(`${where}>`, depth - 1, mayDisable);
      this.see(`${where} inside, stepped`);
    };
    const later = (how: (callback: () => void) => void) =>
      this.pending.push(
        new Promise<void>((resolve) =>
          how(() => {
            this.step(`${where} later`, 0, false);
            this.see(`${where} later`);
            resolve();
          }),
        ),
      );
    switch (this.random(17)) {
      case 0:
      case 1:
        storage.enterWith(this.value());
        break;
      case 2:
        storage.enterWith(undefined as never);
        break;
      case 3:
        if (depth > 0) storage.run(this.value(), inner);
        break;
      case 4:
        // Where contexts are on resources, `exit` disables for a while, which what runs meanwhile may see.
        if (depth > 0) storage.exit(inner);
        break;
      case 5:
        // Other flows share a frame with this one, and would see it go.
        if (mayDisable && !FRAMES) storage.disable();
        break;
      case 6:
        if (depth > 0) new AsyncResource('fuzz').runInAsyncScope(inner);
        break;
      case 7: {
        const scope = storage.withScope?.(this.value());
        if (depth > 0) inner();
        scope?.[Symbol.dispose]();
        break;
      }
      case 8:
        if (depth > 0) context.with(context.active().setValue(KEY, this.value()), inner);
        break;
      case 9:
        later(this.pick([queueMicrotask, setImmediate, process.nextTick.bind(process)]));
        break;
      case 10: {
        const emitter = new EventEmitter();
        emitter.on('event', depth > 0 ? inner : () => this.see(`${where} event`));
        emitter.emit('event');
        break;
      }
      case 11: {
        const bound = AsyncResource.bind(() => this.see(`${where} bound`));
        storage.enterWith(this.value());
        bound();
        break;
      }
      case 12:
      case 13:
        if (this.generators.length < 4 && depth > 0) {
          this.generators.push(this.body(this.generators.length, depth - 1));
        }
        break;
      case 14:
        this.pending.push(this.pull(where).catch(() => undefined));
        break;
      default:
        this.pending.push(
          this.pull(where).then(
            () => this.see(`${where} settled`),
            () => this.see(`${where} rejected`),
          ),
        );
    }
  }
}

describe('Random programs with AsyncLocalStorage', () => {
  const tracing = useTracing();
  afterEach(() => {
    switchContextsByApi(false);
  });

  async function play(seed: number, traced: Trace): Promise<string[]> {
    await timer();
    const program = new Program(randomFrom(seed), traced);
    const start = () => new AsyncResource('scene').runInAsyncScope(() => program.play());
    return seed % 2 === 0 ? start() : trace.getTracer('test').startActiveSpan('active', start);
  }

  const ways: Record<string, boolean> = { 'as the version of Node allows': false, 'by the API': true };
  for (const [way, onlyApi] of Object.entries(ways)) {
    it(`see the same stores traced as untraced, with contexts switched ${way}`, async function () {
      this.timeout(0);
      let lines = 0;
      for (let seed = FIRST_SEED; seed < FIRST_SEED + PROGRAMS; seed++) {
        const untraced = await play(seed, (fn) => fn);
        switchContextsByApi(onlyApi);
        expect(await play(seed, (fn) => traceAsyncGenerator(fn)), `seed ${seed}`).to.deep.equal(untraced);
        lines += untraced.length;
      }
      expect(lines).to.be.above(PROGRAMS * 10);
      expect(tracing.spans().length).to.be.above(PROGRAMS / 2);
    });
  }
});
