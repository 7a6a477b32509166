// One run of the program, from its call to one of the exits.
import { setTimeout as after } from 'node:timers/promises';
import { ITEMS_BEFORE_EXIT, endsBody } from './exits.mjs';

const PAUSE_MS = 20;
const BEFORE_ABORT_MS = 5;
/** Never over by itself. */
const UNTIL_ABORT_MS = 60_000;

/** What an exit leaves open at the end of the process. */
export const heldOpen = [];

/**
 * @param which `traced` or `untraced`
 * @param span `(name, work) => Promise`: does `work` in a span of the contestant's own
 * @returns `{ facts, made, marks }`: what the program has seen, which spans it has made, and when
 */
export async function play({ subject, which, exit, span }) {
  const kit = createKit(span);
  const { log, marks } = kit;
  const facts = { 'the order of events': log };
  await kit.inSpan('consumer', async () => {
    const opened = await subject.open(which, exit, kit);
    Object.assign(facts, opened.facts);
    if (endsBody(exit)) await consume(opened, exit, kit);
    else await takeSome(opened, exit, kit);
    if (endsBody(exit) && opened.afterwards) kit.note(await opened.afterwards());
  });
  if (endsBody(exit)) await after(PAUSE_MS);
  return {
    facts,
    made: kit.made,
    marks: {
      firstItem: marks.firstItem,
      // A body that the tracer does not let end is missing from the facts.
      notBefore: (endsBody(exit) ? marks.closed : undefined) ?? marks.item,
      notAfter: endsBody(exit) ? Date.now() : Number.MAX_SAFE_INTEGER,
      failure: kit.caught?.message,
    },
  };
}

export function createKit(span) {
  const controller = new AbortController();
  const kit = {
    controller,
    failure: new Error('the body failed'),
    log: [],
    marks: {},
    made: [],
    inSpan(name, work) {
      kit.made.push(name);
      return span(name, work);
    },
    span: (name) => kit.inSpan(name, async () => {}),
    note: (what) => kit.log.push(what),
    mark: (name) => {
      kit.marks[name] = Date.now();
    },
    pause: (signal) => after(signal === undefined ? PAUSE_MS : UNTIL_ABORT_MS, undefined, { signal }),
  };
  return kit;
}

async function consume({ iterable, abort, itemOf }, exit, kit) {
  const thrown = new Error('the consumer has enough');
  let count = 0;
  try {
    for await (const item of iterable) {
      await receive(itemOf(item), count++, kit);
      if (count < ITEMS_BEFORE_EXIT) continue;
      if (exit === 'break' || exit === 'throw') await pauseBeforeLeaving(kit);
      if (exit === 'break') break;
      if (exit === 'throw') throw thrown;
      if (exit === 'abort') setTimeout(abort, BEFORE_ABORT_MS);
    }
    kit.note('the consumer has left its loop');
  } catch (error) {
    kit.note(`the consumer has caught ${nameOf(error, { thrown, kit })}`);
    if (error !== thrown) kit.caught = error;
  }
}

/** So that a span which ends with the last item ends too early. */
async function pauseBeforeLeaving(kit) {
  await kit.pause();
  kit.mark('closed');
}

/** As a consumer that forgets the iterator. */
async function takeSome({ iterable, itemOf }, exit, kit) {
  const iterator = iterable[Symbol.asyncIterator]();
  for (let count = 0; count < ITEMS_BEFORE_EXIT; count++) {
    if (count > 0) await kit.pause();
    await receive(itemOf((await iterator.next()).value), count, kit);
  }
  if (exit === 'exit') heldOpen.push(iterator);
}

async function receive(item, index, kit) {
  kit.note(`the consumer got ${JSON.stringify(item)}`);
  kit.mark('item');
  kit.marks.firstItem ??= kit.marks.item;
  if (index < ITEMS_BEFORE_EXIT) await kit.span(`loop: ${index}`);
}

function nameOf(error, { thrown, kit }) {
  if (error === thrown) return 'what it threw';
  if (error === kit.failure) return 'the very error of the body';
  return `${error?.name}: ${error?.message}`;
}
