import timers from 'node:timers';
import { trace } from '@opentelemetry/api';
import { expect } from 'chai';
import { createManualPlan } from '../../src/manual/options';
import { unwatch, watch } from '../../src/trace/abandonment';
import { RunRecord } from '../../src/trace/record';
import { OpenRuns } from '../../src/trace/scope';
import { RunTimes } from '../../src/trace/times';
import { collectUntil } from '../support/gc';
import { microtasksDone, newScope } from './helpers';

/** More than are held at once. */
const MANY = 2_000;

function createRecord(interrupt: (record: RunRecord) => void = () => undefined): RunRecord {
  const tracing = { plan: createManualPlan({}, 'traced'), scope: newScope() };
  const span = trace.wrapSpanContext({ traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 });
  const record = new RunRecord(tracing, span, true, undefined, true, new RunTimes(), [0, 0], undefined);
  record.interrupt = () => {
    interrupt(record);
  };
  return record;
}

describe('Abandonment', () => {
  let collected: Set<RunRecord>;
  beforeEach(() => {
    collected = new Set();
  });

  const createWatched = () => {
    const record = createRecord();
    record.end = (outcome) => {
      if (outcome === 'abandoned') collected.add(record);
    };
    return record;
  };
  const watchNew = (record: RunRecord) => {
    watch(record, {});
  };

  it('tells of objects that were watched in one turn, however many', async () => {
    const records = Array.from({ length: MANY }, () => createWatched());
    records.forEach(watchNew);
    expect(await collectUntil(() => collected.size === MANY)).to.equal(true);
  });

  it('does not tell of those that were unwatched, in any order and at any age', async () => {
    const records = Array.from({ length: MANY }, () => createWatched());
    // Held until then: what is collected before it is unwatched is rightly told of.
    const objects = records.map((record) => {
      const object = {};
      watch(record, object);
      return object;
    });
    const unwatchThird = (remainder: number) => {
      for (let index = MANY - 1; index >= 0; index--) {
        if (index % 3 === remainder) unwatch(records[index] as RunRecord);
      }
    };
    unwatchThird(0);
    await microtasksDone();
    unwatchThird(1);
    // Nothing more happens to one that is not watched.
    unwatchThird(0);
    objects.length = 0;
    const rest = records.filter((_, index) => index % 3 === 2);
    expect(await collectUntil(() => collected.size >= rest.length)).to.equal(true);
    expect([...collected].every((record) => rest.includes(record))).to.equal(true);
  });

  const pauses: Record<string, () => unknown> = {
    'in the same turn': () => undefined,
    'in a later turn': microtasksDone,
  };
  for (const [when, pause] of Object.entries(pauses)) {
    it(`tells of the last object only, where it is replaced ${when}`, async () => {
      const record = createWatched();
      const sentinel = createWatched();
      const last = {};
      watchNew(record);
      await pause();
      watch(record, last);
      watchNew(sentinel);
      expect(await collectUntil(() => collected.has(sentinel))).to.equal(true);
      expect(collected.has(record)).to.equal(false);
      unwatch(record);
      watchNew(record);
      expect(await collectUntil(() => collected.has(record))).to.equal(true);
      expect(last).to.be.an('object');
    });
  }

  it('needs no turn of the timers that a test has put in place of the real ones', async () => {
    const { setImmediate: real } = timers;
    let calls = 0;
    timers.setImmediate = (() => void calls++) as never;
    try {
      await microtasksDone();
      const record = createWatched();
      watchNew(record);
      expect(await collectUntil(() => collected.has(record))).to.equal(true);
      expect(calls).to.equal(0);
    } finally {
      timers.setImmediate = real;
    }
  });

  it('keeps no process alive', async () => {
    await microtasksDone();
    const before = process.getActiveResourcesInfo();
    const record = createWatched();
    watchNew(record);
    expect(process.getActiveResourcesInfo()).to.deep.equal(before);
    unwatch(record);
  });
});

describe('Open runs', () => {
  it('are interrupted each once, the last that started first', () => {
    const runs = new OpenRuns();
    const interrupted: RunRecord[] = [];
    const records = Array.from({ length: 5 }, () => createRecord((record) => interrupted.push(record)));
    for (const record of records) runs.add(record);
    runs.remove(records[2] as RunRecord);
    runs.remove(records[2] as RunRecord);
    runs.interrupt();
    expect(interrupted).to.deep.equal([records[4], records[3], records[1], records[0]]);
    runs.interrupt();
    expect(interrupted).to.have.length(4);
  });

  it('may end, and come back, while they are interrupted', () => {
    const runs = new OpenRuns();
    const interrupted: RunRecord[] = [];
    const note = (record: RunRecord) => interrupted.push(record);
    const first = createRecord(note);
    const second = createRecord(note);
    const third = createRecord((record) => {
      note(record);
      runs.remove(second);
      runs.remove(third);
      runs.add(late);
    });
    const late = createRecord(note);
    for (const record of [first, second, third]) runs.add(record);
    runs.interrupt();
    expect(interrupted).to.deep.equal([third, late, first]);
  });

  it('are open once, however often they are added', () => {
    const runs = new OpenRuns();
    const interrupted: RunRecord[] = [];
    const note = (record: RunRecord) => interrupted.push(record);
    const [first, second] = [createRecord(note), createRecord(note)];
    for (const record of [first, second, second, first]) runs.add(record);
    runs.remove(second);
    runs.interrupt();
    expect(interrupted).to.deep.equal([first]);
  });

  it('know nothing more of one that is over', () => {
    const runs = new OpenRuns();
    const records = Array.from({ length: 1_000 }, () => createRecord());
    for (const record of records) runs.add(record);
    for (const record of records.sort((a, b) => ((records.indexOf(a) * 7) % 11) - ((records.indexOf(b) * 7) % 11))) {
      runs.remove(record);
      expect([record.previous, record.next, record.isListed]).to.deep.equal([undefined, undefined, false]);
    }
    let interrupted = 0;
    const last = createRecord(() => interrupted++);
    runs.add(last);
    expect(last.previous).to.equal(undefined);
    runs.interrupt();
    expect(interrupted).to.equal(1);
  });
});
