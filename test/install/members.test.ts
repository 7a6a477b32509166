import { expect } from 'chai';
import { drain, load, patchedIn, setUpPatching, spansOf } from './support';
import { setImmediate as nextTurn } from 'node:timers/promises';

describe('members of exported classes', () => {
  const patching = setUpPatching();
  const { instrument } = patching;
  const spans = () => spansOf(patching.tracing);

  it('are all traced by a wildcard: prototype, static and symbol methods', async () => {
    instrument('class-members');
    const { Client } = load('class-members');
    const client = new Client();
    expect(await drain(client.stream(2))).to.deep.equal([0, 1]);
    expect(await drain(Client.all())).to.deep.equal(['all']);
    expect(await drain(client)).to.deep.equal(['iterated']);
    expect(client.plain()).to.equal('plain');
    expect(spans()).to.deep.equal([
      'Client.stream completed',
      'Client.all completed',
      'Client[Symbol.asyncIterator] completed',
    ]);
  });

  it('keep the class what it was', () => {
    const { Base: base, Client: client } = load('class-members');
    const keys = [Reflect.ownKeys(client), Reflect.ownKeys(client.prototype)];
    instrument('class-members');
    const { Base, Client } = load('class-members');
    expect(Client).to.equal(client);
    expect(Base).to.equal(base);
    expect([Reflect.ownKeys(Client), Reflect.ownKeys(Client.prototype)]).to.deep.equal(keys);
    expect(new Client()).to.be.instanceOf(Client).and.instanceOf(Base);
    expect(Object.keys(Client.prototype)).to.deep.equal([]);
    expect(Client.prototype.stream.name).to.equal('stream');
    expect(Client.prototype.stream.length).to.equal(0);
  });

  it('are traced when one is named: a prototype method', async () => {
    instrument('class-members[Client#stream]');
    const { Client } = load('class-members');
    await drain(new Client().stream());
    await drain(Client.all());
    expect(spans()).to.deep.equal(['Client.stream completed']);
  });

  it('are traced when one is named: a static method, whatever it returns', async () => {
    instrument('class-members[Client.of]');
    expect(await drain(load('class-members').Client.of())).to.deep.equal([0]);
    expect(spans()).to.deep.equal(['Client.of completed']);
  });

  it('are traced when one is named: a symbol', async () => {
    instrument('class-members[Client#[Symbol.asyncIterator]]');
    expect(await drain(new (load('class-members').Client)())).to.deep.equal(['iterated']);
    expect(spans()).to.deep.equal(['Client[Symbol.asyncIterator] completed']);
  });

  it('are traced when one is named that returns a promise of a generator', async () => {
    instrument('class-members[Client#load]');
    expect(await drain(await new (load('class-members').Client)().load())).to.deep.equal([0, 1]);
    expect(spans()).to.deep.equal(['Client.load completed']);
  });

  it('are traced where they are inherited from: at their owner, once', async () => {
    const instrumentation = instrument('class-members[Client#inherited,Sibling#inherited]');
    const { Base, Client, Sibling } = load('class-members');
    expect(Client.prototype).to.not.have.own.property('inherited');
    for (const each of [new Client(), new Sibling(), new Base()]) await drain(each.inherited());
    expect(spans()).to.deep.equal(Array(3).fill('Client.inherited completed'));
    expect(patchedIn(instrumentation.getPatchReport())).to.deep.equal([
      'Client.inherited: property',
      'Sibling.inherited: property',
    ]);
  });

  it('are left alone where exclude says so', async () => {
    instrument([{ module: 'class-members', exclude: ['Client#stream', 'Client.all', 'Base'] }]);
    const { Client } = load('class-members');
    await drain(new Client().stream());
    await drain(Client.all());
    await drain(new Client());
    expect(spans()).to.deep.equal(['Client[Symbol.asyncIterator] completed']);
  });

  it('that are accessors are not read by a wildcard', async () => {
    instrument('prototype-accessors');
    const { Client, reads } = load('prototype-accessors');
    expect(reads).to.deep.equal([]);
    expect(Object.getOwnPropertyDescriptor(Client.prototype, 'chat')).to.have.property('get');
    await drain(new Client().stream());
    expect(spans()).to.deep.equal(['Client.stream completed']);
  });

  it('that are accessors are read when the program reads them, even if they are named', async () => {
    instrument('prototype-accessors[Client#streamer]');
    const { Client, reads } = load('prototype-accessors');
    expect(reads).to.deep.equal([]);
    expect(await drain(new Client().streamer())).to.deep.equal(['s']);
    expect(reads).to.deep.equal(['streamer']);
    expect(spans()).to.deep.equal(['Client.streamer completed']);
  });

  it('that are accessors still see the instance as this', () => {
    instrument('prototype-accessors[Client#chat]');
    const { Client, reads } = load('prototype-accessors');
    const client = new Client();
    expect(client.chat).to.equal(client.chat);
    expect(reads).to.deep.equal(['instance']);
    expect(Object.hasOwn(Client.prototype, 'chat')).to.equal(true);
  });

  it('give a hint when a class is named without a member', async () => {
    const instrumentation = instrument('class-members[Client]');
    load('class-members');
    await nextTurn();
    const [report] = instrumentation.getPatchReport();
    expect(report?.status).to.equal('not-patchable');
    expect(report?.message).to.include('Client#*').and.include('Client#method');
    expect(patching.diagnostics).to.have.lengthOf(1);
  });

  it('are never those of the language, though a class inherits them', () => {
    const iterator = String.prototype[Symbol.iterator];
    instrument('inherits-hidden[Text#[Symbol.iterator]]');
    const { Text } = load('inherits-hidden');
    expect(String.prototype[Symbol.iterator]).to.equal(iterator);
    expect(Object.hasOwn(Text.prototype as object, Symbol.iterator)).to.equal(true);
    expect([...new Text('ab')]).to.deep.equal(['a', 'b']);
  });
});
