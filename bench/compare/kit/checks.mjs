// The six checks, and what they say of an observation (observe.mjs). Each gives the reason why it fails, or nothing, or
// `NOTHING`.
import { isDeepStrictEqual } from 'node:util';

/** Clocks of tracers have milliseconds, and their own zero. Far less than the pauses of the program. */
const CLOCK_ERROR_MS = 5;
/** What a run or an item may leave on the heap. A span that stays takes more; less is noise. */
const LEFT_BYTES = { run: 250, item: 16 };

export const checks = [
  { name: 'once', label: 'exported once', check: once, meaning: 'a run is exported as exactly one span' },
  {
    name: 'end',
    label: 'outcome, end',
    check: outcomeAndEnd,
    meaning:
      'the span is an error if, and only if, the body failed, and it ends when the run does: not with the call, not with an item',
  },
  {
    name: 'same',
    label: 'object, values',
    check: sameProgram,
    meaning:
      'the call returns what it returns untraced, and consumer and body see the same items, values, errors, and order of events',
  },
  {
    name: 'ticks',
    label: 'same ticks',
    check: sameTicks,
    meaning: 'pulls, and what ends the run, settle after as many microtask ticks as untraced',
  },
  {
    name: 'nesting',
    label: 'nesting',
    check: nesting,
    meaning: 'spans made in the body are children of the run’s span, and those of the consumer are not',
  },
  {
    name: 'memory',
    label: 'memory flat',
    check: memoryFlat,
    meaning: 'thousands of runs (for the process exit: items of an open run) leave nothing on the heap',
  },
];

/** @returns `{ once, end, ... }`: for each check `true`, the reason why not, or `NOTHING` */
export function judge(observation) {
  if (observation.isStuck)
    return Object.fromEntries(checks.map(({ name }) => [name, name === 'same' ? STUCK : NOTHING]));
  return Object.fromEntries(checks.map(({ name, check }) => [name, withoutUndefined(check(observation))]));
}

/** An object that behaves the same, and stands in for the one that the function returned. */
export const ANOTHER_OBJECT = 'another object';

const STUCK = 'the consumer waits for ever';

/** There is nothing to look at. */
const NOTHING = null;
const withoutUndefined = (outcome) => (outcome === undefined ? true : outcome);

function once({ runs }) {
  if (runs.length === 1) return undefined;
  return runs.length === 0 ? 'no span' : `${runs.length} spans`;
}

/** Of the first span, if there are several. */
function outcomeAndEnd({ exit, runs: [run], marks }) {
  if (run === undefined) return NOTHING;
  if (run.end < marks.notBefore - CLOCK_ERROR_MS) {
    return run.end < marks.firstItem + CLOCK_ERROR_MS ? 'the span ends with the call' : 'the span ends before the run';
  }
  if (run.end > marks.notAfter + CLOCK_ERROR_MS) return 'the span ends long after the run';
  return wrongOutcome(exit, run, marks);
}

/** An abort may be an error or something of its own: nobody has agreed on that. It must not look like a normal end. */
function wrongOutcome(exit, { error, says }, { failure }) {
  if (exit === 'error') return error === undefined ? 'not recorded as an error' : undefined;
  if (exit === 'abort') {
    if (failure === undefined || error !== undefined || /abort|cancel/i.test(says)) return undefined;
    return 'an abort looks like a normal end';
  }
  return error === undefined ? undefined : `recorded as an error (${error.split('\n')[0].slice(0, 60)})`;
}

function sameProgram({ facts }) {
  const names = [...new Set([...Object.keys(facts.untraced), ...Object.keys(facts.traced)])];
  const changed = names.filter((name) => !isDeepStrictEqual(facts.traced[name], facts.untraced[name]));
  if (changed.length === 0) return undefined;
  return isDeepStrictEqual(changed, ['the object']) ? ANOTHER_OBJECT : `changed: ${changed.join(', ')}`;
}

function sameTicks({ ticks }) {
  if (isDeepStrictEqual(ticks.traced, ticks.untraced)) return undefined;
  return Object.entries(ticks.untraced)
    .map(([name, count]) => [name, ticks.traced[name] === undefined ? NaN : ticks.traced[name] - count])
    .filter(([, more]) => more !== 0)
    .map(([name, more]) => `${name} ${Number.isNaN(more) ? 'fails' : more > 0 ? `+${more}` : more}`)
    .join(', ');
}

function nesting({ runs, own, made }) {
  if (runs.length === 0) return NOTHING;
  const ids = new Set(runs.map(({ id }) => id));
  const consumer = own.find(({ name }) => name === 'consumer');
  const inBody = own.filter(({ name }) => name.startsWith('body'));
  const inLoop = own.filter(({ name }) => name.startsWith('loop'));
  const astray = inBody.filter(({ parent }) => !ids.has(parent)).map(({ name }) => name);
  if (astray.length > 0) return `not below the run: ${astray.join(', ')}`;
  if (own.length < made.length) return 'spans of the program are lost';
  if (inLoop.some(({ parent }) => parent !== consumer.id)) return 'the consumer’s spans are not its own';
  return runs[0].parent === consumer.id ? undefined : 'the run is not below the consumer’s span';
}

function memoryFlat({ growth }) {
  if (growth === undefined) return NOTHING;
  const { bytes, unit } = growth;
  return bytes <= LEFT_BYTES[unit] ? undefined : `${Math.round(bytes)} bytes for each ${unit}`;
}
