import { expect } from 'chai';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { ExportThread, type Message } from '../../src/register/exports/export-thread';
import type { ExportResult } from '../../src/register/exports/exporters';

/** The thread's own side, with the test in its place. */
interface Internals {
  readonly told: Int32Array;
  readonly waiting: Map<number, (result: ExportResult) => void>;
  messages: MessagePort | undefined;
  sent: number;
}

/** Longer than mocha waits for a test. */
const TIMEOUT_MS = 60_000;

describe('the export thread', () => {
  const { load, wait } = Atomics;
  let thread: ExportThread;
  let ports: MessageChannel;
  let results: ExportResult[];
  const internals = () => thread as unknown as Internals;
  const tell = (message: Message) => {
    ports.port2.postMessage(message);
  };
  const answer = () => {
    tell({ type: 'done', id: 0, error: undefined });
  };
  const count = () => {
    Atomics.add(internals().told, 0, 1);
    Atomics.notify(internals().told, 0);
  };
  beforeEach(() => {
    thread = new ExportThread('sdk.js');
    ports = new MessageChannel();
    results = [];
    internals().messages = ports.port1;
    internals().sent = 1;
    internals().waiting.set(0, (result) => results.push(result));
  });
  afterEach(() => {
    Object.assign(Atomics, { load, wait });
    ports.port1.close();
  });

  it('is waited for until it has answered', () => {
    answer();
    count();
    expect(thread.waitUntilDone(TIMEOUT_MS)).to.equal(true);
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
    expect(thread.waitUntilDone(TIMEOUT_MS)).to.equal(true);
  });

  it('is not waited for if it is done when this thread has looked', () => {
    Atomics.wait = ((...args: Parameters<typeof wait>) => {
      answer();
      count();
      return wait(...args);
    }) as typeof wait;
    expect(thread.waitUntilDone(TIMEOUT_MS)).to.equal(true);
  });

  it('is waited for no longer than it may take', () => {
    expect(thread.waitUntilDone(1)).to.equal(false);
    expect(results).to.deep.equal([]);
  });

  it('has its time from when the exporter begins, however long the thread has taken to start', () => {
    const waits: number[] = [];
    const timeouts: number[] = [];
    Atomics.wait = ((...args: Parameters<typeof wait>) => {
      timeouts.push(args[3] as number);
      // All the time is gone, and the thread begins only now; then that is gone, too.
      if (waits.push(0) === 1) tell({ type: 'begun' });
      return wait(internals().told, 0, Atomics.load(internals().told, 0), args[3]);
    }) as typeof wait;
    expect(thread.waitUntilDone(20)).to.equal(false);
    expect(timeouts).to.have.length(2);
    expect(thread.failure).to.equal(undefined);
  });

  it('is said not to have begun where nothing has come from it', () => {
    thread.waitUntilDone(1);
    expect(thread.failure).to.equal('it has not begun in time');
  });

  it('is not waited for where Node starts none', () => {
    const failing = new ExportThread('sdk.js');
    Object.assign(failing, { env: 'none' });
    const source = { signal: 'traces', file: 'exporter.js', exportName: 'OTLPTraceExporter' } as const;
    expect(failing.send(source, new Uint8Array(), () => undefined)).to.equal(false);
    expect(failing.failure).to.be.a('string');
  });
});
