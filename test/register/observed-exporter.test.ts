import { expect } from 'chai';
import type { ClientRequest } from 'node:http';
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
    exporter = {
      ...serializing,
      export(items, done) {
        exported.push(items);
        answer = done;
      },
    };
    observed = new ObservedExporter(exporter, source, CAPACITY);
  });

  const finish = (metrics?: object) => {
    for (const { bytes, onResult } of observed.takeRequests(metrics)) {
      sent.push(bytes);
      answerFromThread = onResult;
    }
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
        observed = new ObservedExporter(exporter, source, CAPACITY);
        exportItems(a);
        attempts.push(...(observed as unknown as { underWay: Set<{ request?: ClientRequest }> }).underWay);
        for (const attempt of attempts) attempt.request = { writableFinished: request } as ClientRequest;
        finish();
        expect(sent).to.deep.equal(expected);
      });
    }

    it('nothing that the SDK exports later, in a process that goes on', () => {
      finish();
      expect(exportItems(a)).to.deep.equal([]);
      expect({ sent, exported }).to.deep.equal({ sent: [], exported: [[a]] });
    });

    it('nothing twice that the SDK exports after all, in a process that goes on', () => {
      observed.add(a);
      observed.add(b);
      finish();
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

    it('metrics that are collected, and not exported yet, and then the last ones', () => {
      observed.addCollected(a);
      expect(observed.delivery.isOpen).to.equal(true);
      finish(b);
      expect(sent).to.deep.equal([a, b]);
      finish();
      expect(sent).to.have.length(2);
    });

    it('no metrics that the SDK has exported meanwhile', () => {
      observed.addCollected(a);
      exporter.export(a, () => undefined);
      answer(SUCCESS);
      finish();
      expect({ sent, exported }).to.deep.equal({ sent: [], exported: [a] });
    });

    it('no metrics twice that the SDK exports after all, in a process that goes on', () => {
      observed.addCollected(a);
      finish();
      const told: ExportResult[] = [];
      exporter.export(a, (each) => told.push(each));
      expect({ sent, exported, told }).to.deep.equal({ sent: [a], exported: [], told: [SUCCESS] });
    });

    it('metrics to the exporter itself that the thread cannot send', () => {
      observed = new ObservedExporter(exporter, undefined, CAPACITY);
      finish(a);
      expect(exported).to.deep.equal([a]);
    });

    it('to the exporter itself what the thread cannot send', () => {
      observed = new ObservedExporter(exporter, undefined, CAPACITY);
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
      observed.addCollected(a);
      observed.close();
      observed.addCollected(b);
      finish();
      exportItems(a);
      expect({ sent, exported }).to.deep.equal({ sent: [], exported: [] });
    });
  });
});
