import { expect } from 'chai';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { ExportThread, type Answer } from '../../src/zero-code/exports/export-thread';
import type { ExportResult } from '../../src/zero-code/exports/outlet';

/** The thread's own side, with the test in its place. */
interface Internals {
  readonly done: Int32Array;
  readonly waiting: Map<number, (result: ExportResult) => void>;
  answers: MessagePort | undefined;
  sent: number;
}

const TIMEOUT_MS = 3000;

describe('the export thread', () => {
  const { load, wait } = Atomics;
  let thread: ExportThread;
  let ports: MessageChannel;
  let results: ExportResult[];
  const internals = () => thread as unknown as Internals;
  const answer = (error?: string) => {
    const message: Answer = { id: 0, error };
    ports.port2.postMessage(message);
  };
  const count = () => {
    Atomics.add(internals().done, 0, 1);
    Atomics.notify(internals().done, 0);
  };
  /** Waits, and tells whether that was for nothing. */
  const isDoneAtOnce = () => {
    const begun = performance.now();
    const isDone = thread.waitUntilDone(TIMEOUT_MS);
    return isDone && performance.now() - begun < TIMEOUT_MS / 2;
  };

  beforeEach(() => {
    thread = new ExportThread('sdk.js');
    ports = new MessageChannel();
    results = [];
    internals().answers = ports.port1;
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
    expect(isDoneAtOnce()).to.equal(true);
    expect(results).to.deep.equal([{ code: 0 }]);
  });

  it('is not waited for if it was stopped with its last answer, before it had counted that', () => {
    answer();
    expect(isDoneAtOnce()).to.equal(true);
  });

  it('is not waited for if it is done while this thread looks', () => {
    Atomics.load = ((...args: Parameters<typeof load>) => {
      const seen = load(...args);
      Atomics.load = load;
      answer();
      count();
      return seen;
    }) as typeof load;
    expect(isDoneAtOnce()).to.equal(true);
  });

  it('is not waited for if it is done when this thread has looked', () => {
    Atomics.wait = ((...args: Parameters<typeof wait>) => {
      answer();
      count();
      return wait(...args);
    }) as typeof wait;
    expect(isDoneAtOnce()).to.equal(true);
  });

  it('is waited for no longer than it may take', () => {
    expect(thread.waitUntilDone(1)).to.equal(false);
    expect(results).to.deep.equal([]);
  });
});
