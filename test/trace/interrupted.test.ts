import { createRequire } from 'node:module';
import { SpanStatusCode } from '@opentelemetry/api';
import { expect } from 'chai';
import { AsyncGeneratorInstrumentation } from '../../src';
import { useTracing } from '../support/tracing';
import { drain } from './helpers';
import { makeFolder, writeFile } from '../support/folder';

const SOURCE = `
exports.log = [];
exports.stream = () => require('node:stream').Readable.from([1, 2, 3]);
exports.count = async function* (to) {
  try {
    for (let i = 0; i < to; i++) yield i;
  } finally {
    exports.log.push('closed');
  }
};
`;

interface Fixture {
  log: string[];
  count(to: number): AsyncGenerator<number>;
  stream(): AsyncIterable<number>;
}

describe('runs that are open when the instrumentation is disabled', () => {
  const tracing = useTracing();
  const folder = makeFolder();
  let instrumentation: AsyncGeneratorInstrumentation;
  let fixture: Fixture;

  beforeEach(() => {
    const file = writeFile(folder, 'count.cjs', SOURCE);
    instrumentation = new AsyncGeneratorInstrumentation({ targets: ['./count.cjs[count,stream]'], baseDir: folder });
    const require = createRequire(file);
    delete require.cache[file];
    fixture = require(file) as Fixture;
  });
  afterEach(() => {
    instrumentation.disable();
  });

  it('end interrupted', async () => {
    const generator = fixture.count(3);
    await generator.next();
    instrumentation.disable();
    expect(tracing.onlySpan().attributes).to.include({
      'async_generator.outcome': 'interrupted',
      'async_generator.item.count': 1,
    });
    expect(tracing.onlySpan().status.code).to.equal(SpanStatusCode.UNSET);
  });

  it('are not closed: the program goes on as if nothing had been', async () => {
    const generator = fixture.count(3);
    await generator.next();
    instrumentation.disable();
    expect(fixture.log).to.be.empty;
    expect(await drain(generator)).to.deep.equal([1, 2]);
    expect(fixture.log).to.deep.equal(['closed']);
    expect(tracing.spans()).to.have.lengthOf(1);
  });

  it('end once, with a pull pending', async () => {
    const generator = fixture.count(3);
    const pull = generator.next();
    instrumentation.disable();
    expect(await pull).to.deep.equal({ value: 0, done: false });
    await generator.return(undefined);
    expect(tracing.spans().map(({ attributes }) => attributes['async_generator.outcome'])).to.deep.equal([
      'interrupted',
    ]);
  });

  it('all end, and those that are over do not end again', async () => {
    await drain(fixture.count(1));
    const open = [fixture.count(3), fixture.count(3)];
    for (const generator of open) await generator.next();
    instrumentation.disable();
    expect(tracing.spans().map(({ attributes }) => attributes['async_generator.outcome'])).to.deep.equal([
      'completed',
      'interrupted',
      'interrupted',
    ]);
  });

  it('are those of streams too, from their iteration on', async () => {
    const idle = fixture.stream();
    const iterator = fixture.stream()[Symbol.asyncIterator]();
    await iterator.next();
    instrumentation.disable();
    expect(tracing.onlySpan().attributes).to.include({
      'async_generator.outcome': 'interrupted',
      'async_generator.item.count': 1,
    });
    await iterator.return?.();
    expect(await drain(idle)).to.deep.equal([1, 2, 3]);
    expect(tracing.spans()).to.have.lengthOf(1);
  });

  it('leave nothing to trace: a generator made before and pulled after has no span', async () => {
    const generator = fixture.count(2);
    instrumentation.disable();
    expect(await drain(generator)).to.deep.equal([0, 1]);
    expect(tracing.spans()).to.be.empty;
    instrumentation.enable();
    expect(tracing.spans()).to.be.empty;
  });

  it('are those of wrappers that the program has kept, which then pass straight through', async () => {
    const { count } = fixture;
    instrumentation.disable();
    expect(await drain(count(2))).to.deep.equal([0, 1]);
    expect(Reflect.ownKeys(count(1))).to.be.empty;
    expect(tracing.spans()).to.be.empty;
  });
});
