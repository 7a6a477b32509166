// All that the checks need to know of one contestant and one exit.
import { setTimeout as after } from 'node:timers/promises';
import { growthPerUnit } from './growth.mjs';
import { createKit, play } from './scenario.mjs';
import { ticksOf } from './ticks.mjs';

/** How often garbage is collected before a span of an abandoned run counts as missing. */
const COLLECTIONS = 40;
/** So that their spans can be told apart by their start. */
const BETWEEN_PLAYS_MS = 10;
const SPANS_OF_KIT = /^(consumer|body: |loop: )/;

/**
 * @param exit name
 * @param subject see function-subject.mjs
 * @param contestant what its `load` has returned: `{ span(name, work), flush?() }`
 * @param scale how much of the work that memory is measured by; with 0 it is not
 * @returns an observation without its spans (see `withSpans`). The run of the process exit is still open
 */
export async function observe({ exit, subject, contestant, recorder, scale = 1 }) {
  const { span } = contestant;
  const settle = async () => {
    await contestant.flush?.();
    await turn();
  };
  const both = async (look) => ({ untraced: await look('untraced'), traced: await look('traced') });

  recorder.stop();
  const rejections = countUnhandledRejections();
  const ticks = await both((which) => inSpan(span, () => countTicks({ subject, which, exit, kit: createKit(span) })));
  const protocol =
    exit === 'end' && subject.protocol ? await both((which) => protocolOf({ subject, which, span })) : {};
  const growth = scale > 0 ? await growthOf({ subject, exit, span, settle, scale }) : undefined;
  const untraced = await play({ subject, which: 'untraced', exit, span });
  await after(BETWEEN_PLAYS_MS);
  const since = recorder.start();
  const traced = await play({ subject, which: 'traced', exit, span });
  if (exit === 'abandoned') await collectUntil(() => recorder.has(isRun));
  await settle();
  rejections.close();
  return {
    exit,
    since,
    ticks,
    growth,
    marks: traced.marks,
    facts: {
      untraced: { ...untraced.facts, ...protocol.untraced, 'unhandled rejections': false },
      traced: { ...traced.facts, ...protocol.traced, 'unhandled rejections': rejections.count > 0 },
    },
    made: traced.made,
  };
}

/**
 * @param records what was exported, in the end
 * @param isWanted which of them can be spans of runs; a tracer may make others, such as those of requests
 */
export function withSpans(observation, records, isWanted = () => true) {
  if (observation.isStuck) return observation;
  const recent = records.filter(({ start }) => start >= observation.since);
  return {
    ...observation,
    runs: recent.filter((record) => isRun(record) && isWanted(record)),
    own: recent.filter(({ name }) => SPANS_OF_KIT.test(name)),
  };
}

const isRun = ({ name }) => !SPANS_OF_KIT.test(name);

/** They end a process; here they are found. The program itself has none. */
function countUnhandledRejections() {
  const count = () => rejections.count++;
  const rejections = { count: 0, close: () => process.off('unhandledRejection', count) };
  process.on('unhandledRejection', count);
  return rejections;
}

async function inSpan(span, work) {
  let result;
  await span('consumer', async () => {
    result = await work();
  });
  return result;
}

async function countTicks({ subject, which, exit, kit }) {
  try {
    return await ticksOf(await subject.quick(which, exit, kit), exit);
  } catch {
    return {};
  }
}

async function protocolOf({ subject, which, span }) {
  return inSpan(span, () => subject.protocol(which, 'end', createKit(span)));
}

async function growthOf({ subject, exit, span, settle, scale }) {
  const unit = exit === 'exit' ? 'item' : 'run';
  const size = Math.ceil(subject.sizes[unit] * scale);
  if (unit === 'run') {
    const kit = createKit(span);
    const work = async (count) => {
      for (let run = 0; run < count; run++) {
        await span('consumer', async () => leave(await subject.quick('traced', exit, kit), exit));
      }
    };
    return { unit, bytes: await growthPerUnit({ work, count: size, settle, isAbandoned: exit === 'abandoned' }) };
  }
  const iterator = await subject.items('traced');
  const work = async (count) => {
    for (let item = 0; item < count; item++) await iterator.next();
  };
  const bytes = await growthPerUnit({ work, count: size, settle });
  // Not awaited: what a tracer may do to it is not looked at here.
  Promise.resolve(iterator.return?.()).catch(() => {});
  return { unit, bytes };
}

/** A run by one of the exits, with nothing around it. */
async function leave(iterator, exit) {
  await iterator.next();
  if (exit === 'abandoned') return;
  if (exit === 'break' || exit === 'throw') return void (await iterator.return?.());
  try {
    while (!(await iterator.next()).done);
  } catch {
    // What the body throws is what is measured.
  }
}

async function collectUntil(isDone) {
  for (let round = 0; round < COLLECTIONS && !isDone(); round++) {
    globalThis.gc();
    await turn();
  }
}

/** Of the event loop, in which finalizers run. */
const turn = () => new Promise((resolve) => setImmediate(resolve));
