import { expect } from 'chai';
import { connect, trpc } from '../../src/presets/rpc';
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

describe('the connect preset', () => {
  const [target] = connect.targets;
  const service = {
    typeName: 'shop.v1.OrderService',
    methods: [
      { localName: 'watch', name: 'Watch', methodKind: 'server_streaming' },
      { localName: 'talk', name: 'Talk', methodKind: 'bidi_streaming' },
      { localName: 'send', name: 'Send', methodKind: 'client_streaming' },
      { localName: 'find', name: 'Find', methodKind: 'unary' },
    ],
  };
  const callOf = (method: string, ...factoryArgs: unknown[]) =>
    ({ exportPath: `createClient.${method}`, args: [], factoryArgs }) as unknown as GeneratorCall;

  it('calls its spans after the service and the method, if these are known', () => {
    const spanName = target?.spanName as (call: GeneratorCall) => string;
    const unknown = { exportPath: 'createClient.watch', args: [] } as unknown as GeneratorCall;
    const calls = [callOf('watch', service), callOf('other', service), callOf('watch', {}), unknown];
    expect(calls.map(spanName)).to.deep.equal(['connect.shop.v1.OrderService/Watch', 'connect', 'connect', 'connect']);
  });

  it('leaves methods alone that give one message', () => {
    const traced = ['watch', 'talk', 'send', 'find', 'other'].filter((name) =>
      target?.shouldTrace?.(callOf(name, service)),
    );
    expect(traced).to.deep.equal(['watch', 'talk', 'other']);
  });

  it('knows what is canceled, and the signal of a call', () => {
    class ConnectError extends Error {
      constructor(readonly code: number) {
        super('no');
      }
    }
    const errors = [new ConnectError(1), new ConnectError(4), Object.assign(new Error('no'), { code: 1 }), undefined];
    const classified = errors.map((error) => target?.classifyError?.(error));
    expect(classified).to.deep.equal(['aborted', undefined, undefined, undefined]);
    const { signal } = new AbortController();
    expect(target?.abortSignal?.(callWith({}, { signal }))).to.equal(signal);
  });
});
