// Interleaved rounds: every round takes one sample of each row, so that whatever the machine does meanwhile (another
// process, a lower clock) meets all rows, and the ratio of two samples of one round says little about the machine.
import { clocks } from './clocks.mjs';
import { summarize, uncertainty } from './statistics.mjs';

/** A sample has stopped to get faster if it is not this much faster than the best so far. */
const STILL_IMPROVING = 0.97;
const STEADY_SAMPLES = 4;

/**
 * @param contestants `{ name, reference?, sample(count): Promise, enter?, leave? }`: `sample` does `count` operations. `reference` is the name
 *   of the contestant that the ratio is to. `enter()` and `leave()` surround each sample, untimed;
 *   operations come in multiples of `step`
 * @param effort see effort.mjs
 * @param clock see clocks.mjs
 * @returns by name `{ absolute, ratio }`, nanoseconds an operation and ratio to the reference, summarized
 */
export async function measureInRounds(contestants, effort, clock = 'cpu') {
  const now = clocks[clock];
  await comeToRest();
  const counts = new Map();
  for (const contestant of contestants) counts.set(contestant, await warmUp(contestant, effort, now));

  const samples = new Map(contestants.map(({ name }) => [name, []]));
  const startedAt = performance.now();
  for (let round = 0; !isEnough(round, startedAt, samples, contestants, effort); round++) {
    for (const contestant of rotated(contestants, round)) {
      samples.get(contestant.name).push(await timePerOperation(contestant, counts.get(contestant), now));
    }
  }
  return results(samples, contestants);
}

/** Threads that still compile or collect what was loaded would be counted as the first row's. */
async function comeToRest() {
  const limit = performance.now() + 2000;
  let used;
  do {
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { user, system } = process.cpuUsage(before);
    used = user + system;
  } while (used > 5000 && performance.now() < limit);
}

/**
 * Runs a contestant until it gets no faster, or the time is over; but at least until two samples were of full length: a first
 * call may take long for reasons of its own, and says nothing about how many make a sample.
 *
 * @returns how many operations take `sampleMs`
 */
async function warmUp(contestant, { sampleMs, warmUpMs }, now) {
  const { step = 1 } = contestant;
  const sample = sampleMs * 1e6;
  const endAt = performance.now() + warmUpMs;
  let count = step;
  let best = Infinity;
  let fullSamples = 0;
  let steady = 0;
  while (fullSamples < 2 || (performance.now() < endAt && steady < STEADY_SAMPLES)) {
    const time = await timePerOperation(contestant, count, now);
    steady = time > best * STILL_IMPROVING ? steady + 1 : 0;
    best = Math.min(best, time);
    if (best * count > sample / 2) fullSamples++;
    // Grows by four at most: the first calls are interpreted, too.
    const aim = Math.min(count * 4, sample / best);
    count = Math.max(1, Math.round(aim / step)) * step;
  }
  return count;
}

async function timePerOperation({ enter, leave, sample }, count, now) {
  enter?.();
  // What the row before has left behind is not for this one to sweep up.
  globalThis.gc({ type: 'minor' });
  const startedAt = now();
  await sample(count);
  const time = now() - startedAt;
  leave?.();
  return time / count;
}

/** Nobody is always the first, or always behind the same one. */
function rotated(list, by) {
  const turned = by % 2 === 0 ? list : [...list].reverse();
  const start = by % list.length;
  return [...turned.slice(start), ...turned.slice(0, start)];
}

function isEnough(rounds, startedAt, samples, contestants, { minRounds, experimentMs, precision }) {
  if (rounds < minRounds) return false;
  if (performance.now() - startedAt > experimentMs) return true;
  return [...results(samples, contestants).values()].every(
    ({ ratio }) => ratio === undefined || uncertainty(ratio) < precision,
  );
}

function results(samples, contestants) {
  return new Map(
    contestants.map(({ name, reference }) => {
      const own = samples.get(name);
      const others = reference === undefined ? undefined : samples.get(reference);
      return [
        name,
        {
          absolute: summarize(own),
          ratio: others && summarize(own.map((nanoseconds, round) => nanoseconds / others[round])),
        },
      ];
    }),
  );
}
