import { expect } from 'chai';
import type { ClientRequest } from 'node:http';
import type { ExportThread } from '../../src/register/exports/export-thread';
import type { Exporter, ExporterSource, ExportResult } from '../../src/register/exports/exporters';
import { ObservedExporter } from '../../src/register/exports/observed-exporter';

const SUCCESS: ExportResult = { code: 0 };
const FAILURE: ExportResult = { code: 1, error: new Error('no listener') };
const CAPACITY = 2048;
/** Makes no bytes, for the tests to see. */
const serializing = { _delegate: { _serializer: { serializeRequest: (items: unknown) => items } } };
const source: ExporterSource = { signal: 'traces', file: 'exporter.js', exportName: 'OTLPTraceExporter' };

describe('an exporter that is observed', () => {
  let exported: unknown[];
  let sent: unknown[];
  let answer: (result: ExportResult) => void;
  let answerFromThread: (result: ExportResult) => void;
  let hasThread: boolean;
  let exporter: Exporter;
  let observed: ObservedExporter;
  /** What the SDK does. Gives what it is told, which may come later. */
  const exportItems = (...items: object[]) => {
    const told: ExportResult[] = [];
    exporter.export(items, (each) => told.push(each));
    return told;
  };
  const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ name })) as [object, object, object];

  beforeEach(() => {
    exported = [];
    sent = [];
    hasThread = true;
    exporter = {
      ...serializing,
      export(items, done) {
        exported.push(items);
        answer = done;
      },
    };
    const thread = {
      send(_source: ExporterSource, items: unknown, onResult: (result: ExportResult) => void) {
        if (hasThread) sent.push(items);
        answerFromThread = onResult;
        return hasThread;
      },
    } as unknown as ExportThread;
    observed = new ObservedExporter(exporter, source, thread, CAPACITY);
  });

  const finish = () => {
    observed.end();
    observed.flush();
  };

  describe('while the program runs', () => {
    it('lets the exporter do its work, whose very answer the SDK gets when it comes', () => {
      const told = exportItems(a);
      expect({ exported, sent, told }).to.deep.equal({ exported: [[a]], sent: [], told: [] });
      answer(FAILURE);
      expect(told).to.deep.equal([FAILURE]);
    });

    it('still does when an export has failed', () => {
      exportItems(a);
      answer(FAILURE);
      exportItems(b);
      expect({ exported, sent }).to.deep.equal({ exported: [[a], [b]], sent: [] });
    });

    it('is idle when the collector has answered everything', async () => {
      await observed.idle();
      exportItems(a);
      let isIdle = false;
      const idle = observed.idle().then(() => (isIdle = true));
      await Promise.resolve();
      expect(isIdle).to.equal(false);
      answer(FAILURE);
      await idle;
    });
  });

  describe('knows what has got through', () => {
    it('when the collector has answered', () => {
      exportItems(a);
      expect(observed.delivery).to.deep.equal({ isComplete: false, hasBegun: false, isOpen: true, error: undefined });
      answer(SUCCESS);
      expect(observed.delivery).to.deep.equal({ isComplete: true, hasBegun: true, isOpen: false, error: undefined });
    });

    it('and what has not, here', () => {
      exportItems(a);
      answer(FAILURE);
      expect(observed.delivery).to.deep.equal({
        isComplete: false,
        hasBegun: false,
        isOpen: false,
        error: 'no listener',
      });
    });

    it('and what has not, in the thread', () => {
      observed.add(a);
      finish();
      expect(observed.delivery).to.deep.equal({ isComplete: false, hasBegun: false, isOpen: true, error: undefined });
      answerFromThread(FAILURE);
      expect(observed.delivery).to.deep.equal({
        isComplete: false,
        hasBegun: false,
        isOpen: false,
        error: 'no listener',
      });
    });

    it('and what waits', () => {
      observed.add(a);
      expect(observed.delivery.isOpen).to.equal(true);
    });
  });

  describe('hands over at the end', () => {
    it('what has ended and has not gone out', () => {
      for (const span of [a, b, c]) observed.add(span);
      exportItems(a, b);
      answer(SUCCESS);
      finish();
      expect(sent).to.deep.equal([[c]]);
    });

    it('what is under way, whose answer will not be heard', () => {
      observed.add(a);
      exportItems(a);
      finish();
      expect(sent).to.deep.equal([[a]]);
    });

    for (const { title, request, expected } of [
      { title: 'not what has left as a whole: the collector would get it twice', request: true, expected: [] },
      { title: 'what has left in part', request: false, expected: [[{ name: 'a' }]] },
    ]) {
      it(title, () => {
        exporter = {
          ...serializing,
          export() {
            // As the event of the request does, in the context of the export.
          },
        };
        const attempts: { request?: ClientRequest }[] = [];
        observed = new ObservedExporter(
          exporter,
          source,
          { send: (_source: unknown, items: unknown) => sent.push(items) > 0 } as unknown as ExportThread,
          CAPACITY,
        );
        exportItems(a);
        attempts.push(...(observed as unknown as { underWay: Set<{ request?: ClientRequest }> }).underWay);
        for (const attempt of attempts) attempt.request = { writableFinished: request } as ClientRequest;
        finish();
        expect(sent).to.deep.equal(expected);
      });
    }

    it('what the SDK exports then', () => {
      observed.end();
      expect(exportItems(a)).to.deep.equal([SUCCESS]);
      expect({ sent, exported }).to.deep.equal({ sent: [[a]], exported: [] });
    });

    it('nothing twice that the SDK exports after all, in a process that goes on', () => {
      observed.add(a);
      observed.add(b);
      finish();
      observed.resume();
      expect(exportItems(a)).to.deep.equal([SUCCESS]);
      exportItems(b, c);
      expect({ sent, exported }).to.deep.equal({ sent: [[a, b]], exported: [[c]] });
    });

    it('in batches', () => {
      for (let span = 0; span < 1000; span++) observed.add({ span });
      finish();
      expect(sent.map((batch) => (batch as unknown[]).length)).to.deep.equal([512, 488]);
    });

    it('no more spans than the SDK, which drops those that come when its queue is full', () => {
      for (let span = 0; span < 5000; span++) observed.add({ span });
      finish();
      const all = sent.flat();
      expect(all).to.have.length(CAPACITY);
      expect(all.at(-1)).to.deep.equal({ span: CAPACITY - 1 });
    });

    it('nothing that has ended when the program had shut the SDK down', () => {
      observed.add(a);
      observed.shutDown();
      observed.add(b);
      finish();
      expect(sent).to.deep.equal([[a]]);
    });

    it('to the exporter itself where there can be no thread', () => {
      hasThread = false;
      observed.add(a);
      finish();
      expect(exported).to.deep.equal([[a]]);
    });
  });

  describe('when it is closed', () => {
    it('says of everything that it is done, and exports nothing', () => {
      observed.close();
      expect(exportItems(a)).to.deep.equal([SUCCESS]);
      expect({ sent, exported }).to.deep.equal({ sent: [], exported: [] });
    });

    it('stays so, whatever becomes of the process', () => {
      observed.close();
      observed.end();
      observed.resume();
      exportItems(a);
      expect({ sent, exported }).to.deep.equal({ sent: [], exported: [] });
    });
  });
});
