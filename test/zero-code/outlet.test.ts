import { expect } from 'chai';
import type { ExportThread } from '../../src/zero-code/exports/export-thread';
import { Outlet, type ExporterSource, type ExportResult } from '../../src/zero-code/exports/outlet';

const SUCCESS: ExportResult = { code: 0 };
const FAILURE: ExportResult = { code: 1, error: new Error('nobody there') };
const source: ExporterSource = { signal: 'traces', file: 'exporter.js', exportName: 'OTLPTraceExporter' };

describe('the outlet of an exporter', () => {
  let exported: unknown[];
  let sent: unknown[];
  let answer: (result: ExportResult) => void;
  let hasThread: boolean;
  let result: ExportResult;
  let isStuck: boolean;
  let exporter: { export(items: unknown, done: (result: ExportResult) => void): void };
  let outlet: Outlet;
  const exportItems = (...items: unknown[]) => {
    let outcome: ExportResult | undefined;
    exporter.export(items, (each) => (outcome = each));
    return outcome;
  };

  beforeEach(() => {
    exported = [];
    sent = [];
    hasThread = true;
    result = SUCCESS;
    isStuck = false;
    exporter = {
      export(items, done) {
        exported.push(items);
        if (!isStuck) done(result);
      },
    };
    const thread = {
      send(_source: ExporterSource, items: unknown, onResult: (result: ExportResult) => void) {
        if (hasThread) sent.push(items);
        answer = onResult;
        return hasThread;
      },
    } as unknown as ExportThread;
    outlet = new Outlet(exporter, source, thread, 4096);
  });

  it('exports in the thread until the collector has answered, which holds nobody up', () => {
    expect(exportItems('a')).to.deep.equal(SUCCESS);
    expect(exportItems('b')).to.deep.equal(SUCCESS);
    expect({ sent, exported }).to.deep.equal({ sent: [['a'], ['b']], exported: [] });
  });

  describe('knows what has got through', () => {
    it('when the collector has answered', () => {
      exportItems('a');
      expect(outlet.delivery).to.deep.equal({ isComplete: false, hasBegun: false, error: undefined });
      answer(SUCCESS);
      expect(outlet.delivery).to.deep.equal({ isComplete: true, hasBegun: true, error: undefined });
    });

    it('and what has not, in the thread', () => {
      exportItems('a');
      answer(FAILURE);
      expect(outlet.delivery).to.deep.equal({ isComplete: false, hasBegun: false, error: 'nobody there' });
    });

    it('and what has not, here', () => {
      exportItems('a');
      answer(SUCCESS);
      result = FAILURE;
      exportItems('b');
      expect(outlet.delivery).to.deep.equal({ isComplete: false, hasBegun: true, error: 'nobody there' });
    });

    it('without what is under way here: it is sent by the thread if the process ends', () => {
      exportItems('a');
      answer(SUCCESS);
      isStuck = true;
      exportItems('b');
      expect(outlet.delivery.isComplete).to.equal(true);
    });
  });

  it('exports here when the collector has answered', () => {
    exportItems('a');
    answer(SUCCESS);
    exportItems('b');
    expect({ sent, exported }).to.deep.equal({ sent: [['a']], exported: [['b']] });
  });

  it('exports in the thread again when an export has failed here', () => {
    exportItems('a');
    answer(SUCCESS);
    result = FAILURE;
    expect(exportItems('b')).to.equal(FAILURE);
    exportItems('c');
    expect({ sent, exported }).to.deep.equal({ sent: [['a'], ['c']], exported: [['b']] });
  });

  it('exports here where there can be no thread', () => {
    hasThread = false;
    exportItems('a');
    expect(exported).to.deep.equal([['a']]);
  });

  it('hands over at the end what has ended and has not gone out', () => {
    for (const span of ['a', 'b', 'c']) outlet.add(span);
    exportItems('a', 'b');
    answer(SUCCESS);
    outlet.end();
    outlet.flush();
    expect(sent).to.deep.equal([['a', 'b'], ['c']]);
  });

  it('hands over at the end what is under way here, whose answer nobody will hear', () => {
    exportItems('a');
    answer(SUCCESS);
    isStuck = true;
    outlet.add('b');
    expect(exportItems('b')).to.equal(undefined);
    outlet.end();
    outlet.flush();
    expect(sent).to.deep.equal([['a'], ['b']]);
  });

  it('exports nothing twice that the SDK exports after all, in a process that goes on', () => {
    outlet.add('a');
    outlet.add('b');
    outlet.flush();
    expect(exportItems('a')).to.deep.equal(SUCCESS);
    exportItems('b', 'c');
    expect({ sent, exported }).to.deep.equal({ sent: [['a', 'b'], ['c']], exported: [] });
  });

  it('hands over in batches', () => {
    for (let span = 0; span < 1000; span++) outlet.add(span);
    outlet.end();
    outlet.flush();
    expect(sent.map((batch) => (batch as unknown[]).length)).to.deep.equal([512, 488]);
  });

  it('keeps no more spans than the SDK would, and drops the oldest', () => {
    for (let span = 0; span < 5000; span++) outlet.add(span);
    outlet.end();
    outlet.flush();
    const all = sent.flat();
    expect(all).to.have.length(4096);
    expect(all[0]).to.equal(904);
  });

  it('says of everything that it is done, and exports nothing, when it is closed', () => {
    outlet.close();
    expect(exportItems('a')).to.deep.equal(SUCCESS);
    expect({ sent, exported }).to.deep.equal({ sent: [], exported: [] });
  });

  it('stays closed, whatever becomes of the process', () => {
    outlet.close();
    outlet.end();
    outlet.resume();
    exportItems('a');
    expect({ sent, exported }).to.deep.equal({ sent: [], exported: [] });
  });
});
