// What each row does and does not do, found out by trying: a cheap row is no win if it does nothing.
import { trace } from '@opentelemetry/api';
import { retainedBytes } from '../lib/heap.mjs';
import { copyProgram } from '../lib/program-copy.mjs';
import { listenToSpans } from '../lib/sdk.mjs';
import { iteratorOf } from './support.mjs';

export default {
  name: 'behaviour',
  label: 'behaviour',
  unit: 'facts',
  async measure({ rows }) {
    const measurements = [];
    for (const row of rows) {
      if (row.isProbed === false) continue;
      measurements.push({ row: row.name, facts: await factsOf(row) });
    }
    return measurements;
  },
};

async function factsOf(row) {
  const program = row.load(copyProgram('probe-program.cjs'));
  const observer = (row.observe ?? observeSpans)();
  const start = (probe) => {
    observer.reset();
    program.setProbe(probe);
    return program.talk();
  };
  try {
    return {
      spanEnds: await whenSpanEnds(start, observer),
      onBreak: await whatBreakDoes(start, observer),
      abandoned: await whatCollectionDoes(start, observer),
      body: await contextOfBody(start, observer),
      consumer: await contextOfConsumer(start, observer),
      protocol: await protocolOf(start),
      isSeenWithoutLoop: await isSeenWithoutLoop(start, observer),
    };
  } finally {
    observer.close?.();
  }
}

/** Of rows that make OpenTelemetry spans with the benchmark's own provider. */
function observeSpans() {
  const counts = { started: 0, ended: 0 };
  const close = listenToSpans({
    onStart: () => counts.started++,
    onEnd: () => counts.ended++,
  });
  return {
    counts,
    reset: () => Object.assign(counts, { started: 0, ended: 0 }),
    active: () => trace.getActiveSpan()?.spanContext().spanId,
    close,
  };
}

const newProbe = (inBody = () => {}) => ({ inBody, received: undefined, caught: undefined, isClosed: false });

/** Things that are only due: a task of theirs must not be taken for never. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

async function whenSpanEnds(start, { counts }) {
  const generator = iteratorOf(await start(newProbe()));
  await settle();
  const atCall = counts.ended > 0;
  await generator.next();
  await settle();
  const atFirstItem = counts.ended > 0;
  while (!(await generator.next()).done);
  await settle();
  if (counts.started === 0) return 'no span';
  if (atCall) return 'at the call';
  if (atFirstItem) return 'at the first item';
  return counts.ended > 0 ? 'with the run' : 'never';
}

async function whatBreakDoes(start, { counts }) {
  const probe = newProbe();
  for await (const _item of await start(probe)) break;
  await settle();
  return {
    isBodyClosed: probe.isClosed,
    hasSpanEnded: counts.started === 0 ? undefined : counts.ended >= counts.started,
  };
}

async function whatCollectionDoes(start, { counts }) {
  await iteratorOf(await start(newProbe())).next();
  await retainedBytes();
  await settle();
  return { hasSpanEnded: counts.started === 0 ? undefined : counts.ended >= counts.started };
}

/** At the first pull, the second, and the second after an `await`. */
async function contextOfBody(start, { active, counts }) {
  const outside = active();
  const seen = [];
  const generator = iteratorOf(await start(newProbe(() => seen.push(active()))));
  await generator.next();
  await generator.next();
  await generator.return();
  if (counts.started === 0) return 'no span';
  const isOwn = seen.map((id) => id !== undefined && id !== outside);
  if (isOwn.every(Boolean)) return new Set(seen).size === 1 ? 'in the span' : 'in several spans';
  return isOwn[0] ? 'in the span at the first pull only' : 'not in the span';
}

async function contextOfConsumer(start, { active }) {
  const outside = active();
  const seen = [];
  for await (const _item of await start(newProbe())) seen.push(active());
  return [...seen, active()].every((id) => id === outside) ? 'its own' : 'changed';
}

/** Which parts of the language's protocol come through. */
async function protocolOf(start) {
  const talk = await start(newProbe());
  const isGenerator = Object.prototype.toString.call(talk) === '[object AsyncGenerator]';
  await talk.return?.();
  return {
    'next(v)': await attempt(async () => {
      const probe = newProbe();
      const generator = iteratorOf(await start(probe));
      await generator.next();
      await generator.next('answer');
      await generator.return();
      return probe.received === 'answer';
    }),
    'throw()': await attempt(async () => {
      const probe = newProbe();
      const generator = iteratorOf(await start(probe));
      await generator.next();
      await generator.next();
      const thrown = new Error('thrown in');
      const { value } = await generator.throw(thrown);
      await generator.return();
      return probe.caught === thrown && value === 'third';
    }),
    'return value': await attempt(async () => {
      const generator = iteratorOf(await start(newProbe()));
      let result;
      do result = await generator.next();
      while (!result.done);
      return result.value === 'result';
    }),
    'is an AsyncGenerator': isGenerator,
  };
}

/** Whether a span comes of pulls by `next()` on the very object that was returned, as code without `for await` does. */
async function isSeenWithoutLoop(start, { counts }) {
  const generator = await start(newProbe());
  while (!(await generator.next()).done);
  await settle();
  return counts.started === 0 ? undefined : counts.ended > 0;
}

async function attempt(work) {
  try {
    return await work();
  } catch {
    return false;
  }
}
