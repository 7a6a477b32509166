import { expect } from 'chai';
import type { GeneratorCall } from '../../src';
import { collectUntil } from '../support/gc';
import { drain, load, setUpPatching, spansOf, type Exports } from './support';

describe('factories', () => {
  const patching = setUpPatching();
  const { instrument } = patching;
  const spans = () => spansOf(patching.tracing);

  it('that return a generator function: createPaginator()', async () => {
    instrument('factories[createPaginator()]');
    const { createPaginator } = load('factories');
    const paginate = createPaginator('p');
    expect(await drain(paginate(2))).to.deep.equal(['p0', 'p1']);
    expect(paginate.name).to.equal('paginate');
    expect(spans()).to.deep.equal(['createPaginator completed']);
  });

  it('can name their runs by the call', async () => {
    const spanName = ({ args: [to] }: { args: readonly unknown[] }) => `paginate to ${String(to)}`;
    instrument([{ module: 'factories', exports: ['createPaginator()'], spanName }]);
    await drain(load('factories').createPaginator('p')(2));
    expect(spans()).to.deep.equal(['paginate to 2 completed']);
  });

  it('can name their runs by what the factory was called with', async () => {
    const spanName = ({ args, factoryArgs = [] }: GeneratorCall) => `${String(factoryArgs[0])} to ${String(args[0])}`;
    instrument([{ module: 'factories', exports: ['createPaginator()'], spanName }]);
    const { createPaginator } = load('factories');
    await drain(createPaginator('p')(2));
    await drain(createPaginator('q')(1));
    expect(spans()).to.deep.equal(['p to 2 completed', 'q to 1 completed']);
  });

  it('say nothing of their arguments where one function is made of several', async () => {
    const seen: unknown[] = [];
    const onStart = (_: unknown, { factoryArgs }: GeneratorCall) => void seen.push(factoryArgs);
    instrument('factories[getSharedFunction(),createClient().stream]', { onStart });
    const { createClient, getSharedFunction } = load('factories');
    await drain(getSharedFunction('a')());
    getSharedFunction('b');
    await drain(getSharedFunction('c')());
    await drain(createClient('c').stream());
    expect(seen).to.deep.equal([['a'], undefined, undefined]);
  });

  it('keep no generator alive that the arguments of the factory lead to', async () => {
    instrument('factories[createPaginator()]');
    const { createPaginator } = load('factories');
    let collected = false;
    const registry = new FinalizationRegistry(() => (collected = true));
    const open = async () => {
      const state: { run?: AsyncGenerator } = {};
      const run: AsyncGenerator = createPaginator(state)(2);
      registry.register(run, undefined);
      state.run = run;
      await run.next();
    };
    await open();
    expect(await collectUntil(() => collected)).to.equal(true);
    expect(registry).to.not.equal(undefined);
    await collectUntil(() => spans().length > 0);
    expect(spans()).to.deep.equal(['createPaginator abandoned']);
  });

  it('that return an instance: createClient().stream, without touching the class', async () => {
    instrument('factories[createClient().stream]');
    const { createClient, Client } = load('factories');
    const original = Client.prototype.stream as unknown;
    const client = createClient('c');
    expect(await drain(client.stream())).to.deep.equal(['sc']);
    expect(client).to.be.instanceOf(Client);
    expect(Object.keys(client)).to.deep.equal(['name', 'target']);
    expect(Client.prototype.stream).to.equal(original);
    await drain(new Client('other').stream());
    expect(spans()).to.deep.equal(['createClient.stream completed']);
  });

  it('that classes of several packages inherit, whichever package is loaded first', async () => {
    const instrumentation = instrument('parent-client[Client#send().events];child-client[ChildClient#send().chunks]');
    const { Client } = load('parent-client');
    const { ChildClient } = load('child-client');
    const useAll = async () => {
      for (const client of [new Client(), new ChildClient()]) {
        const { events, chunks } = await client.send('');
        await drain(events);
        await drain(chunks);
      }
    };
    await useAll();
    const both = ['Client.send.events completed', 'ChildClient.send.chunks completed'];
    expect(spans()).to.deep.equal([...both, ...both]);
    expect(patching.warnings).to.deep.equal([]);
    instrumentation.disable();
    await useAll();
    expect(spans()).to.have.lengthOf(4);
    instrumentation.enable();
    await useAll();
    expect(spans()).to.deep.equal([...both, ...both, ...both, ...both]);
  });

  describe('with a wildcard: createService().*', () => {
    const namesOf = (call: GeneratorCall) => `${call.exportPath} of ${String(call.factoryArgs?.[0])}`;

    it('takes every function among the own members of what they return', async () => {
      instrument([{ module: 'services', exports: ['createService().*'], spanName: namesOf }]);
      const service = load('services').createService('shop');
      expect(await drain(service.list())).to.deep.equal(['shop 1', 'shop 2']);
      expect(await service.find()).to.equal('shop');
      expect(spans()).to.deep.equal(['createService.list of shop completed', 'createService.find of shop completed']);
      expect(Object.keys(service)).to.deep.equal(['name', 'list', 'find', 'read']);
    });

    it('reads no getter, and leaves inherited methods and other values alone', async () => {
      instrument('services[createService().*]');
      const { createService, Service } = load('services');
      const service = createService('shop');
      expect(service.reads).to.equal(0);
      await drain(service.read());
      await drain(service.inherited());
      expect([service.name, service.reads]).to.deep.equal(['shop', 1]);
      expect(Object.hasOwn(service, 'inherited')).to.equal(false);
      expect(service).to.be.instanceOf(Service);
      expect(spans()).to.deep.equal([]);
    });

    it('takes those with a part of a name, in what is constructed, and further down', async () => {
      instrument('services[new Api().v1.li*]');
      const { Api } = load('services');
      const { v1 } = new Api('api');
      await drain(v1.list());
      await v1.find();
      expect(spans()).to.deep.equal(['Api.v1.list completed']);
      expect(patching.warnings).to.deep.equal([]);
    });

    it('takes those of what a promise resolves to', async () => {
      instrument('services[connect().*]');
      const service = await load('services').connect('shop');
      await drain(service.list());
      expect(spans()).to.deep.equal(['connect.list completed']);
    });

    it('tells the service of each of several, which share no function', async () => {
      instrument([{ module: 'services', exports: ['createService().*'], spanName: namesOf }]);
      const { createService } = load('services');
      const [one, other] = [createService('one'), createService('other')];
      await drain(other.list());
      await drain(one.list());
      expect(spans()).to.deep.equal(['createService.list of other completed', 'createService.list of one completed']);
    });

    it('goes by what else selects a member by its name first', async () => {
      instrument('services[createService().find];services[createService().*]');
      const service = load('services').createService('shop');
      await service.find();
      await drain(service.list());
      expect(spans()).to.deep.equal(['createService.find completed', 'createService.list completed']);
    });

    it('says so where there is no function', () => {
      const instrumentation = instrument('services[createNothing().*]');
      load('services').createNothing();
      expect(instrumentation.getPatchReport()[0]?.message).to.include('what it made has no member *');
    });

    it('says so of a Proxy', () => {
      const instrumentation = instrument('services[createProxy().*]');
      load('services').createProxy();
      expect(instrumentation.getPatchReport()[0]?.message).to.include('what it made is a Proxy');
    });
  });

  it('that return plain and nested objects', async () => {
    instrument('factories[createPlain().stream,createPlain().nested.stream]');
    const made = load('factories').createPlain();
    expect([...(await drain(made.stream())), ...(await drain(made.nested.stream()))]).to.deep.equal([
      'plain',
      'nested',
    ]);
    expect(Object.keys(made)).to.deep.equal(['stream', 'nested']);
    expect(spans()).to.deep.equal(['createPlain.stream completed', 'createPlain.nested.stream completed']);
  });

  it('that return a promise of an instance, which stays the same promise', async () => {
    instrument('factories[createAsync().stream]');
    const promise = load('factories').createAsync('a');
    expect(promise).to.be.instanceOf(Promise);
    expect(await drain((await promise).stream())).to.deep.equal(['sa']);
    expect(spans()).to.deep.equal(['createAsync.stream completed']);
  });

  it('that give the same object every time are patched once', async () => {
    instrument('factories[getShared().stream]');
    const { getShared } = load('factories');
    expect(getShared()).to.equal(getShared());
    const { stream } = getShared();
    expect(getShared().stream).to.equal(stream);
    await drain(stream());
    expect(spans()).to.deep.equal(['getShared.stream completed']);
  });

  it('that make objects with getters', async () => {
    instrument('factories[createWithGetter().stream]');
    expect(await drain(load('factories').createWithGetter().stream())).to.deep.equal(['got']);
    expect(spans()).to.deep.equal(['createWithGetter.stream completed']);
  });

  it('that make frozen objects are reported, and their objects work', async () => {
    const instrumentation = instrument('factories[createFrozen().stream]');
    expect(await drain(load('factories').createFrozen().stream())).to.deep.equal(['frozen']);
    expect(instrumentation.getPatchReport()[0]?.message).to.include('frozen');
  });

  it('that make what throws errors that cannot be printed are reported, and give what they made', () => {
    const instrumentation = instrument('factories[createUnreadable().nested.stream]');
    expect(Reflect.ownKeys(load('factories').createUnreadable() as object)).to.deep.equal(['nested']);
    expect(instrumentation.getPatchReport()[0]?.message).to.include('threw an error that cannot be printed');
  });

  it('that make a Proxy which knows no such member are reported, and their Proxies work', async () => {
    const instrumentation = instrument('factories[createProxy().stream]');
    expect(await drain(load('factories').createProxy().stream())).to.deep.equal(['proxied']);
    const [{ message } = { message: '' }] = instrumentation.getPatchReport();
    expect(message).to.include('what it made is a Proxy').and.not.to.include('has no member');
  });

  it('that make nothing are reported, and give nothing', () => {
    const instrumentation = instrument('factories[createNothing().stream]');
    expect(load('factories').createNothing()).to.equal(undefined);
    expect(instrumentation.getPatchReport()[0]?.message).to.include('has no member stream');
  });

  it('that throw, throw the same', () => {
    instrument('factories[createThrowing().stream]');
    expect(() => load('factories').createThrowing() as unknown).to.throw(TypeError, 'no client today');
  });

  it('that are exported under two names give what is selected by either', async () => {
    const instrumentation = instrument('factories[createPlain().stream,createSame().nested.stream]');
    const { createPlain, createSame } = load('factories');
    for (const create of [createPlain, createSame]) {
      await drain(create().stream());
      await drain(create().nested.stream());
    }
    const both = ['createPlain.stream completed', 'createSame.nested.stream completed'];
    expect(spans()).to.deep.equal([...both, ...both]);
    expect(instrumentation.getPatchReport()[0]).to.deep.include({ status: 'patched', message: undefined });
  });

  it('that are classes, exported by name and by default, give what is selected by either', async () => {
    const instrumentation = instrument('class-by-two-names[new Client().stream,new default().chat]');
    const Client = load('class-by-two-names');
    for (const client of [new Client(), new Client.Client(), new Client.default()]) {
      await drain(client.stream());
      await drain(client.chat());
    }
    const both = ['Client.stream completed', 'Client.chat completed'];
    expect(spans()).to.deep.equal([...both, ...both, ...both]);
    expect(instrumentation.getPatchReport()[0]).to.deep.include({ status: 'patched', message: undefined });
  });

  it('pass straight through while disabled', async () => {
    const instrumentation = instrument('factories[createPaginator(),createClient().stream]');
    const { createPaginator, createClient } = load('factories');
    const [early, client] = [createPaginator('e'), createClient('c')];
    instrumentation.disable();
    await drain(early(1));
    await drain(client.stream());
    const late = createPaginator('l');
    await drain(late(1));
    expect(Object.hasOwn(createClient('d'), 'stream')).to.equal(false);
    expect(spans()).to.deep.equal([]);
    instrumentation.enable();
    await drain(createPaginator('n')(1));
    expect(spans()).to.deep.equal(['createPaginator completed']);
  });

  it('never wrap twice when they are enabled again', async () => {
    const instrumentation = instrument('factories[createPaginator()]');
    const { createPaginator } = load('factories');
    instrumentation.disable();
    instrumentation.enable();
    await drain(createPaginator('held')(1));
    await drain(load('factories').createPaginator('read')(1));
    expect(spans()).to.deep.equal(['createPaginator completed', 'createPaginator completed']);
  });

  describe('that are constructors: new Client().stream', () => {
    it('patch the instances, and stay the class they were', async () => {
      const { Client: original } = load('factories');
      instrument('factories[new Client().stream]');
      const { Client } = load('factories');
      const client = new Client('c');
      expect(await drain(client.stream())).to.deep.equal(['sc']);
      expect(client).to.be.instanceOf(Client).and.instanceOf(original);
      expect(Client.prototype).to.equal(original.prototype);
      expect(Client.name).to.equal('Client');
      expect(Client.length).to.equal(1);
      expect(Object.keys(client)).to.deep.equal(['name', 'target']);
      expect(() => Client('c') as unknown).to.throw(TypeError);
      expect(spans()).to.deep.equal(['Client.stream completed']);
    });

    it('give the class itself as new.target', () => {
      const { Client: original } = load('factories');
      instrument('factories[new Client().stream]');
      expect(new (load('factories').Client)('c').target).to.equal(original);
    });

    it('can be subclassed', async () => {
      instrument('factories[new Client().stream]');
      const { Client } = load('factories');
      class Sub extends (Client as new (name: string) => Exports) {
        own(): string {
          return 'own';
        }
      }
      const sub = new Sub('s') as Exports;
      expect(sub).to.be.instanceOf(Sub).and.instanceOf(Client);
      expect(sub.target).to.equal(Sub);
      expect(sub.own()).to.equal('own');
      expect(await drain(sub.stream())).to.deep.equal(['ss']);
      expect(spans()).to.have.lengthOf(1);
    });

    it('let a subclass override the method', async () => {
      instrument('factories[new Client().stream]');
      class Sub extends (load('factories').Client as new (name: string) => Exports) {
        async *stream(): AsyncGenerator<string> {
          yield 'overridden';
        }
      }
      expect(await drain(new Sub('s').stream())).to.deep.equal(['overridden']);
      expect(spans()).to.have.lengthOf(1);
    });

    it('can be made with Reflect.construct', async () => {
      instrument('factories[new Client().stream]');
      const { Client } = load('factories');
      class Other {}
      const made = Reflect.construct(Client as never, ['r'], Other) as Exports;
      expect(made).to.be.instanceOf(Other);
      expect(made.target).to.equal(Other);
    });
  });
});
