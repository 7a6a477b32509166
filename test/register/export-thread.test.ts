import { expect } from 'chai';
import { MessageChannel } from 'node:worker_threads';
import { ExportThread, waitForResults, type Message } from '../../src/register/exports/export-thread';
import type { ExportResult } from '../../src/register/exports/exporters';

/** Longer than mocha waits for a test. */
const TIMEOUT_MS = 60_000;

describe('the export thread', () => {
  const { load, wait } = Atomics;
  let told: Int32Array;
  let ports: MessageChannel;
  let results: ExportResult[];
  const request = {
    source: { signal: 'traces', file: 'exporter.js', exportName: 'OTLPTraceExporter' },
    bytes: new Uint8Array(),
    onResult: (result: ExportResult) => void results.push(result),
  } as const;
  const waitFor = (timeout: number) => waitForResults({ port: ports.port1, told, requests: [request] }, timeout);
  const tell = (message: Message) => {
    ports.port2.postMessage(message);
  };
  const answer = () => {
    tell({ type: 'done', index: 0, error: undefined });
  };
  const count = () => {
    Atomics.add(told, 0, 1);
    Atomics.notify(told, 0);
  };
  beforeEach(() => {
    told = new Int32Array(new SharedArrayBuffer(4));
    ports = new MessageChannel();
    results = [];
  });
  afterEach(() => {
    Object.assign(Atomics, { load, wait });
    ports.port1.close();
  });

  it('is waited for until it has answered', () => {
    answer();
    count();
    expect(waitFor(TIMEOUT_MS).isDone).to.equal(true);
    expect(results).to.deep.equal([{ code: 0 }]);
  });

  it('is not waited for if it is done while this thread looks', () => {
    Atomics.load = ((...args: Parameters<typeof load>) => {
      const seen = load(...args);
      Atomics.load = load;
      answer();
      count();
      return seen;
    }) as typeof load;
    expect(waitFor(TIMEOUT_MS).isDone).to.equal(true);
  });

  it('is not waited for if it is done when this thread has looked', () => {
    Atomics.wait = ((...args: Parameters<typeof wait>) => {
      answer();
      count();
      return wait(...args);
    }) as typeof wait;
    expect(waitFor(TIMEOUT_MS).isDone).to.equal(true);
  });

  it('is waited for no longer than it may take', () => {
    expect(waitFor(1).isDone).to.equal(false);
    expect(results).to.deep.equal([]);
  });

  it('has its time from when the exporter begins, however long the thread has taken to start', () => {
    const timeouts: number[] = [];
    Atomics.wait = ((...args: Parameters<typeof wait>) => {
      // All the time is gone, and the thread begins only now; then that is gone, too.
      if (timeouts.push(args[3] as number) === 1) tell({ type: 'begun' });
      return wait(told, 0, Atomics.load(told, 0), args[3]);
    }) as typeof wait;
    expect(waitFor(20)).to.deep.equal({ isDone: false, hasBegun: true, trouble: undefined });
    expect(timeouts).to.have.length(2);
  });

  it('may take longer to start than there is time for the collector', () => {
    const timeouts: number[] = [];
    Atomics.wait = ((...args: Parameters<typeof wait>) => {
      if (timeouts.push(args[3] as number) === 1) tell({ type: 'begun' });
      return wait(told, 0, Atomics.load(told, 0), Math.min(args[3] as number, 20));
    }) as typeof wait;
    waitForResults({ port: ports.port1, told, requests: [request] }, 20, TIMEOUT_MS);
    expect(timeouts[0], 'until it begins').to.be.within(TIMEOUT_MS / 2, TIMEOUT_MS);
    expect(timeouts[1], 'from then on').to.be.at.most(20);
  });

  it('is said not to have begun where nothing has come from it', () => {
    expect(waitFor(1).hasBegun).to.equal(false);
    const thread = new ExportThread('sdk.js');
    thread.send([request], 1);
    expect(thread.failure).to.equal('it has not begun in time');
  });

  it('is not waited for where Node starts none', () => {
    const failing = new ExportThread('sdk.js');
    Object.assign(failing, { env: 'none' });
    failing.send([request], TIMEOUT_MS);
    expect(failing.failure).to.be.a('string');
    expect(results).to.deep.equal([]);
  });

  it('is not started where there is nothing to send', () => {
    const thread = new ExportThread('sdk.js');
    thread.send([], TIMEOUT_MS);
    expect(thread.failure).to.equal(undefined);
  });
});
