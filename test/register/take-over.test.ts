import { expect } from 'chai';
import { noteProducts, onAsked } from '../../src/register/take-over';

interface Tracer {
  readonly scope: string;
  startSpan(name: string): string;
  startActiveSpan?(name: string): string;
}

/** A provider whose tracers say whose spans they start; the same tracer for the same scope. */
function makeProvider(sdk: string) {
  const tracers = new Map<string, Tracer>();
  return {
    getTracer(scope: string): Tracer {
      const tracer = tracers.get(scope) ?? { scope, startSpan: (name: string) => `${name} of ${scope} in ${sdk}` };
      tracers.set(scope, tracer);
      return tracer;
    },
  };
}

describe('a tracer of an SDK that another one replaces', () => {
  it('starts spans of its own SDK before, and of the other one afterwards, in the same scope', () => {
    const [first, second] = [makeProvider('first'), makeProvider('second')];
    const handOver = noteProducts(first, 'getTracer');
    const tracer = first.getTracer('http');
    expect(tracer.startSpan('GET')).to.equal('GET of http in first');
    handOver(() => second);
    expect(tracer.startSpan('GET')).to.equal('GET of http in second');
    expect(first.getTracer('late').startSpan('GET')).to.equal('GET of late in second');
  });

  it('stays with its own SDK if the other one has nothing like it', () => {
    for (const successor of [undefined, {}]) {
      const provider = makeProvider('first');
      const handOver = noteProducts(provider, 'getTracer');
      const tracer = provider.getTracer('http');
      handOver(() => successor);
      expect(tracer.startSpan('GET')).to.equal('GET of http in first');
      expect(provider.getTracer('net').startSpan('connect')).to.equal('connect of net in first');
    }
  });

  it('is the same one for the same scope, and has all else that it had', () => {
    const provider = makeProvider('first');
    noteProducts(provider, 'getTracer')(() => undefined);
    const tracer = provider.getTracer('http');
    expect(provider.getTracer('http')).to.equal(tracer);
    expect(provider.getTracer('net')).to.not.equal(tracer);
    expect(tracer.scope).to.equal('http');
    expect(tracer.startActiveSpan, 'a method that it never had').to.equal(undefined);
  });

  it('follows to what the other SDK registers later', () => {
    const provider = makeProvider('first');
    const successors: object[] = [];
    const handOver = noteProducts(provider, 'getTracer');
    const tracer = provider.getTracer('http');
    handOver(() => successors[0]);
    expect(tracer.startSpan('GET')).to.equal('GET of http in first');
    successors.push(makeProvider('second'));
    expect(tracer.startSpan('GET')).to.equal('GET of http in second');
  });

  it('is not there where nothing has been registered', () => {
    for (const provider of [undefined, {}]) {
      const handOver = noteProducts(provider, 'getTracer');
      expect(() => {
        handOver(() => makeProvider('second'));
      }).to.not.throw();
      expect(provider ?? {}).to.deep.equal({});
    }
  });
});

describe('that a provider is asked for a tracer', () => {
  it('is told of each time, with the name of the tracer', () => {
    const provider = makeProvider('first');
    let asked = 0;
    onAsked(provider, 'getTracer', ([name]) => {
      if (name === 'http') asked++;
    });
    expect(provider.getTracer('net').startSpan('connect')).to.equal('connect of net in first');
    expect(asked).to.equal(0);
    expect(provider.getTracer('http').startSpan('GET')).to.equal('GET of http in first');
    provider.getTracer('http');
    expect(asked).to.equal(2);
  });

  it('is not told of where there is no provider, or none that has tracers', () => {
    for (const provider of [undefined, {}]) {
      onAsked(provider, 'getTracer', () => expect.fail('no provider was asked'));
      expect(provider ?? {}).to.deep.equal({});
    }
  });
});
