import { context, trace, type Tracer } from '@opentelemetry/api';
import { AsyncResource } from 'node:async_hooks';
import { expect } from 'chai';
import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { traceAsyncGenerator } from '../../src';
import { formatSpans, SpanRecorder, spansToJSON, type JsonSpan } from '../../src/testing';

const REPEATS = 100;

const someTime = () => sleep(Math.random() * 3);

async function drain(iterable: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of iterable) await someTime();
}

const namesOf = (spans: readonly JsonSpan[] = []): string[] => spans.map(({ name }) => name);

describe('the order of spans', () => {
  let recorder: SpanRecorder;
  let tracer: Tracer;

  before(() => {
    recorder = new SpanRecorder();
    tracer = trace.getTracer('test');
  });
  beforeEach(() => {
    recorder.reset();
  });
  after(() => {
    recorder.shutdown();
  });

  /** As clients start their spans: somewhere down in the call, after waiting for something else. */
  async function request(name: string): Promise<void> {
    await someTime();
    const span = tracer.startSpan(name);
    await context.with(trace.setSpan(context.active(), span), someTime);
    span.end();
  }

  async function within(name: string, work: () => Promise<unknown>): Promise<string[]> {
    await tracer.startActiveSpan(name, async (span) => {
      await work();
      span.end();
    });
    await recorder.settled();
    return namesOf(spansToJSON(recorder)[0]?.[0]?.children);
  }

  it('is that of the calls for a generator that makes one request after the other', async () => {
    const pages = traceAsyncGenerator(async function* pages() {
      await request('4th letter: d');
      yield 1;
      await request('3rd letter: c');
      await request('2nd letter: b');
      yield 2;
      await request('1st letter: a');
    });
    await drain(pages());
    expect(namesOf(spansToJSON(recorder)[0]?.[0]?.children)).to.deep.equal([
      '4th letter: d',
      '3rd letter: c',
      '2nd letter: b',
      '1st letter: a',
    ]);
  });

  it('is the same 100 times for 20 generators at the same time, with timers as they come', async () => {
    const feed = traceAsyncGenerator(async function* feed(letter: string) {
      await request(`get ${letter}`);
      yield 1;
      await Promise.all([request('z'), request('y')]);
      yield* inner(letter);
      await request('last');
    });
    const inner = traceAsyncGenerator(async function* inner(letter: string) {
      yield 2;
      await request(`inner ${letter}`);
      yield 3;
    });
    const texts = new Set<string>();
    for (let repeat = 0; repeat < REPEATS; repeat++) {
      recorder.reset();
      await Promise.all(
        Array.from({ length: 20 }, async (_, index) => {
          if (index % 2 === 0) await someTime();
          await drain(feed(String.fromCharCode(116 - index)));
        }),
      );
      await recorder.settled();
      texts.add(formatSpans(recorder));
    }
    expect([...texts]).to.have.length(1);
    const json = spansToJSON(recorder);
    expect(json).to.have.length(20);
    // In the order of the calls, which is not that of their names.
    expect(json.map(([run]) => run?.children?.[0]?.name)).to.deep.equal(
      Array.from({ length: 20 }, (_, index) => `get ${String.fromCharCode(116 - index)}`),
    );
    expect(namesOf(json[0]?.[0]?.children)).to.deep.equal(['get t', 'z', 'y', 'inner', 'last']);
  });

  it('is that of the calls for work that is not waited for', async () => {
    const names = await within('parent', async () => {
      const first = sleep(10).then(() => request('started first, and late'));
      await request('second');
      const third = request('third');
      await request('fourth');
      await Promise.all([first, third]);
    });
    expect(names).to.deep.equal(['started first, and late', 'second', 'third', 'fourth']);
  });

  it('is that of the calls with callbacks, timers and bound resources', async () => {
    const names = await within('parent', async () => {
      const calls = ['d', 'c', 'b', 'a'].map(
        (name, index) =>
          new Promise<void>((resolve) => {
            const bound = AsyncResource.bind(() => {
              tracer.startSpan(name).end();
              resolve();
            });
            // The first of them last, and all by way of one and the same timer queue.
            setTimeout(() => setImmediate(bound), 8 - 2 * index);
          }),
      );
      await Promise.all(calls);
    });
    expect(names).to.deep.equal(['d', 'c', 'b', 'a']);
  });

  it('is that of the calls for many pulls from one place', async () => {
    const counter = traceAsyncGenerator(async function* counter() {
      for (let number = 9; number >= 0; number--) {
        await request(`n${number}`);
        yield number;
      }
    });
    await drain(counter());
    expect(namesOf(spansToJSON(recorder)[0]?.[0]?.children)).to.deep.equal(
      Array.from({ length: 10 }, (_, index) => `n${9 - index}`),
    );
  });

  it('is that of the calls for spans that start in the same moment', async () => {
    const names = await within('parent', () => {
      for (const name of ['b', 'c', 'a']) tracer.startSpan(name).end();
      return turn();
    });
    expect(names).to.deep.equal(['b', 'c', 'a']);
  });

  describe('of a server, with requests at the same time', () => {
    let server: http.Server;
    let url: string;

    beforeEach(async () => {
      server = http.createServer((incoming, response) => {
        void tracer.startActiveSpan(`serve ${incoming.url}`, { root: true }, async (span) => {
          await request('z first');
          await request('a second');
          response.end();
          span.end();
        });
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterEach(() => {
      server.close();
    });

    it('goes by their structure, and within each request by the calls', async () => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 3 });
      const texts = new Set<string>();
      for (let repeat = 0; repeat < 20; repeat++) {
        recorder.reset();
        const requests = ['/d', '/c', '/b', '/a', '/c', '/e', '/f'].map(
          (path) =>
            new Promise<void>((resolve, reject) => {
              setTimeout(() => {
                http.get(url + path, { agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
              }, Math.random() * 3);
            }),
        );
        await Promise.all(requests);
        await recorder.settled();
        texts.add(formatSpans(recorder));
      }
      agent.destroy();
      const json = spansToJSON(recorder);
      expect(json.map(([root]) => root?.name)).to.deep.equal(
        ['a', 'b', 'c', 'c', 'd', 'e', 'f'].map((letter) => `serve /${letter}`),
      );
      expect(namesOf(json[0]?.[0]?.children)).to.deep.equal(['z first', 'a second']);
      expect([...texts]).to.have.length(1);
    });
  });

  it('is that of the calls for a recorder that the test makes itself, after an await', async () => {
    recorder.shutdown();
    await turn();
    // Nobody was listening when this part of the test was put off, so Node may know of no resource that is at work here.
    recorder = new SpanRecorder();
    const names = await within('parent', () => Promise.all(['c', 'b', 'd', 'a'].map(request)));
    expect(names).to.deep.equal(['c', 'b', 'd', 'a']);
  });

  it('goes by structure alone with `order: "structure"`, and costs nothing then', async () => {
    recorder.shutdown();
    recorder = new SpanRecorder({ order: 'structure' });
    const names = await within('parent', async () => {
      await request('b');
      await request('a');
    });
    expect(names).to.deep.equal(['a', 'b']);
    recorder.shutdown();
    recorder = new SpanRecorder();
  });
});
