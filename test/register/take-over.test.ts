import { expect } from 'chai';
import { noteProducts, onTracerAsked } from '../../src/register/take-over';

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

describe('a tracer of an SDK that makes way for another', () => {
  it('starts spans of its own SDK before, and of the other one afterwards, in the same scope', () => {
    const [first, second] = [makeProvider('first'), makeProvider('second')];
    const products = noteProducts(first, 'getTracer');
    const tracer = first.getTracer('http');
    expect(tracer.startSpan('GET')).to.equal('GET of http in first');
    products.handOver(() => second);
    expect(tracer.startSpan('GET')).to.equal('GET of http in second');
    expect(first.getTracer('late').startSpan('GET')).to.equal('GET of late in second');
  });

  it('goes on with its own SDK if the other one has nothing like it', () => {
    for (const successor of [undefined, {}]) {
      const provider = makeProvider('first');
      const products = noteProducts(provider, 'getTracer');
      const tracer = provider.getTracer('http');
      products.handOver(() => successor);
      expect(tracer.startSpan('GET')).to.equal('GET of http in first');
      expect(provider.getTracer('net').startSpan('connect')).to.equal('connect of net in first');
    }
  });

  it('is the same one for the same scope, and has all else that it had', () => {
    const provider = makeProvider('first');
    noteProducts(provider, 'getTracer').handOver(() => undefined);
    const tracer = provider.getTracer('http');
    expect(provider.getTracer('http')).to.equal(tracer);
    expect(provider.getTracer('net')).to.not.equal(tracer);
    expect(tracer.scope).to.equal('http');
    expect(tracer.startActiveSpan, 'a method that it never had').to.equal(undefined);
  });

  it('follows to what the other SDK registers later', () => {
    const provider = makeProvider('first');
    const successors: object[] = [];
    const products = noteProducts(provider, 'getTracer');
    const tracer = provider.getTracer('http');
    products.handOver(() => successors[0]);
    expect(tracer.startSpan('GET')).to.equal('GET of http in first');
    successors.push(makeProvider('second'));
    expect(tracer.startSpan('GET')).to.equal('GET of http in second');
  });

  it('is known by its scope', () => {
    const provider = makeProvider('first');
    const products = noteProducts(provider, 'getTracer');
    provider.getTracer('http');
    expect([products.areAskedFor('http'), products.areAskedFor('net')]).to.deep.equal([true, false]);
  });

  it('is not there where nothing has been registered', () => {
    for (const provider of [undefined, {}]) {
      const products = noteProducts(provider, 'getTracer');
      expect(() => {
        products.handOver(() => makeProvider('second'));
      }).to.not.throw();
      expect(provider ?? {}).to.deep.equal({});
    }
  });
});

describe('who asks a provider for a tracer', () => {
  it('is told of once it is asked for one of that name, and no other', () => {
    const provider = makeProvider('first');
    let asked = 0;
    onTracerAsked(provider, 'http', () => asked++);
    expect(provider.getTracer('net').startSpan('connect')).to.equal('connect of net in first');
    expect(asked).to.equal(0);
    expect(provider.getTracer('http').startSpan('GET')).to.equal('GET of http in first');
    provider.getTracer('http');
    expect(asked).to.equal(1);
  });

  it('is nobody where there is no provider, or none that has tracers', () => {
    for (const provider of [undefined, {}]) {
      onTracerAsked(provider, 'http', () => expect.fail('nobody can have asked'));
      expect(provider ?? {}).to.deep.equal({});
    }
  });
});
