/**
 * The signal that a call was given, which a preset can name: what is read may end without an error when it is aborted, or with any error.
 */
import { expect } from 'chai';
import { collectUntil } from '../support/gc';
import { useTracing } from '../support/tracing';
import type { GeneratorCall } from '../../src/types';
import { drain, rejectionOf, traceWithPlan } from './helpers';

interface Options {
  readonly signal?: unknown;
}

describe('a run whose call was given a signal', () => {
  const tracing = useTracing();
  const outcomes = () => tracing.spans().map(({ attributes }) => attributes['async_generator.outcome']);
  const abortSignal = ({ args: [options] }: GeneratorCall) => (options as Options | undefined)?.signal;

  const counting = async function* (options?: Options): AsyncGenerator<number> {
    for (let item = 0; item < 3; item++) {
      if ((options?.signal as AbortSignal | undefined)?.aborted === true) return;
      yield item;
    }
  };
  const count = traceWithPlan(counting, { abortSignal });

  async function readUntilAborted(read: typeof counting, controller = new AbortController(), reason?: unknown) {
    for await (const _ of read({ signal: controller.signal })) controller.abort(reason);
  }

  it('is aborted where it ends without an error once the signal is', async () => {
    await readUntilAborted(count);
    expect(outcomes()).to.deep.equal(['aborted']);
  });

  it('is completed where the signal is left alone, or is aborted later', async () => {
    const controller = new AbortController();
    await drain(count({ signal: controller.signal }));
    controller.abort();
    await drain(count());
    expect(outcomes()).to.deep.equal(['completed', 'completed']);
  });

  it('is returned where the consumer leaves, whatever has become of the signal', async () => {
    const controller = new AbortController();
    for await (const _ of count({ signal: controller.signal })) {
      controller.abort();
      break;
    }
    expect(outcomes()).to.deep.equal(['returned']);
  });

  const failing = traceWithPlan(
    async function* (options?: Options): AsyncGenerator<number> {
      yield 1;
      const { aborted } = options?.signal as AbortSignal;
      if (aborted) throw new TypeError('terminated');
    },
    { abortSignal },
  );

  it('is aborted where it fails once the signal is, with whatever error', async () => {
    await rejectionOf(readUntilAborted(failing));
    expect(outcomes()).to.deep.equal(['aborted']);
    expect(tracing.onlySpan().attributes).to.not.have.property('error.type');
  });

  it('has failed where the signal is one of a timeout', async () => {
    const timeout = new DOMException('too late', 'TimeoutError');
    await rejectionOf(readUntilAborted(failing, new AbortController(), timeout));
    expect(outcomes()).to.deep.equal(['failed']);
  });

  it('is aborted where the client closes what it has returned because of the signal', async () => {
    class Feed {
      readonly controller = new AbortController();
      readonly [Symbol.asyncIterator] = () => counting({ signal: this.controller.signal });
    }
    const open = traceWithPlan(
      ({ signal }: { signal: AbortSignal }) => {
        const feed = new Feed();
        signal.addEventListener('abort', () => feed.controller.abort());
        return feed;
      },
      { abortSignal, closeMembers: ['controller.abort'] },
    );
    const controller = new AbortController();
    for await (const _ of open({ signal: controller.signal })) controller.abort();
    for await (const _ of open({ signal: new AbortController().signal })) break;
    expect(outcomes()).to.deep.equal(['aborted', 'returned']);
  });

  it('is what it is without one where the signal is something else', async () => {
    const trap = {
      get aborted(): boolean {
        throw new Error('read');
      },
    };
    const unaware = traceWithPlan(
      async function* (_options?: Options) {
        yield 1;
      },
      { abortSignal },
    );
    for (const signal of [trap, null, 'signal', { aborted: 'yes' }]) await drain(unaware({ signal }));
    expect(outcomes()).to.deep.equal(['completed', 'completed', 'completed', 'completed']);
  });

  it('does not keep the signal, nor what its listeners hold', async () => {
    let isCollected = false;
    const registry = new FinalizationRegistry(() => {
      isCollected = true;
    });
    const begin = async () => {
      const { signal } = new AbortController();
      const iterator = count({ signal });
      signal.addEventListener('abort', () => void iterator.next());
      registry.register(signal, undefined);
      await iterator.next();
    };
    await begin();
    expect(await collectUntil(() => isCollected && outcomes().length > 0)).to.equal(true);
    expect(outcomes()).to.deep.equal(['abandoned']);
  });
});
