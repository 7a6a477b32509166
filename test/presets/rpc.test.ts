import { expect } from 'chai';
import { trpc } from '../../src/presets/rpc';
import type { GeneratorCall } from '../../src/types';

const [query, subscription] = trpc.targets;
const callWith = (...args: unknown[]) => ({ args }) as unknown as GeneratorCall;

describe('the trpc preset', () => {
  it('calls its spans after the procedure, if it is one', () => {
    const spanName = query?.spanName as (call: GeneratorCall) => string;
    const names = ['posts.list', 'a secret', '', undefined, {}].map((path) => spanName(callWith(path)));
    expect(names).to.deep.equal(['trpc.posts.list', 'trpc', 'trpc', 'trpc', 'trpc']);
  });

  it('leaves subscriptions alone that give what they have to callbacks', () => {
    const isTraced = (options: unknown) => subscription?.shouldTrace?.(callWith('posts.added', undefined, options));
    expect(isTraced({ onData() {} })).to.equal(false);
    expect(isTraced({ onError() {} })).to.equal(false);
    for (const options of [{}, undefined, null, { onData: 'text' }]) expect(isTraced(options)).to.equal(true);
  });

  it('knows the signal of a call', () => {
    const { signal } = new AbortController();
    const signals = [{ signal }, {}, undefined].map((options) =>
      subscription?.abortSignal?.(callWith('a', 1, options)),
    );
    expect(signals).to.deep.equal([signal, undefined, undefined]);
  });
});
