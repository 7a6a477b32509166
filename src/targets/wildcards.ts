/**
 * Patterns with wildcards, matched in one pass: for each character of a text, all places in the pattern are kept that the text so far may
 * lead to. A RegExp tries one way after the other instead, and several asterisks make more ways than a program has time for.
 * All files that are loaded are asked about, so the sets of places that were found are kept.
 *
 * A pattern is plain data: the loader thread gets it, too.
 */

/** The text matches if it leads from the first step behind the last. */
export type WildcardPattern = readonly Step[];

type Step =
  /** One character: the code point, or one of a class. */
  | { readonly kind: 'one'; readonly of: number }
  /** Any number of characters of a class. */
  | { readonly kind: 'many'; readonly of: typeof ANY | typeof NO_SLASH }
  /** No character; goes on at each of these places. */
  | { readonly kind: 'fork'; readonly to: readonly number[] }
  /** No character; around any number of whole segments of a path. */
  | { readonly kind: 'before-segments' | 'after-segments' };

/** Classes of characters. All other values are code points. */
const ANY = -1;
const NO_SLASH = -2;
/** Behind the last character of a text. */
const END = -3;
const SLASH = codeOf('/');

/** `*` is any run of characters, and every other character is itself. */
export function compileName(text: string): WildcardPattern {
  return Array.from(text, (each) => (each === '*' ? { kind: 'many', of: ANY } : { kind: 'one', of: codeOf(each) }));
}

/**
 * In one segment of a path, `*` is any run of characters and `?` one; `**` is any number of segments, `{a,b}` one of its parts. Every other
 * character is itself, and so are braces without a comma or without a counterpart.
 */
export function compileGlob(text: string): WildcardPattern {
  const characters = Array.from(text);
  const separators = findSeparators(characters);
  const steps: Step[] = [];
  /** For each pair of braces that is open: where its parts start, and what is to lead from their ends to behind the braces. */
  const open: { starts: number[]; ends: number[][] }[] = [];
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index] as string;
    if (separators.has(index)) {
      if (character === '{') {
        const starts = [steps.length + 1];
        steps.push({ kind: 'fork', to: starts });
        open.push({ starts, ends: [] });
        continue;
      }
      const { starts, ends } = open.at(-1) as (typeof open)[number];
      const end: number[] = [];
      ends.push(end);
      steps.push({ kind: 'fork', to: end });
      if (character === ',') starts.push(steps.length);
      else {
        open.pop();
        for (const each of ends) each.push(steps.length);
      }
    } else if (character === '*') {
      const first = index;
      while (characters[index + 1] === '*') index++;
      if (index - first === 1) addSegments(steps);
      else steps.push({ kind: 'many', of: NO_SLASH });
    } else steps.push({ kind: 'one', of: character === '?' ? NO_SLASH : codeOf(character) });
  }
  return steps;
}

/** The braces that have a comma between them, and those commas. */
function findSeparators(characters: readonly string[]): ReadonlySet<number> {
  const separators = new Set<number>();
  const open: number[][] = [];
  characters.forEach((character, index) => {
    if (character === '{') open.push([index]);
    else if (character === ',') open.at(-1)?.push(index);
    else if (character === '}') {
      const group = open.pop();
      if (group === undefined || group.length === 1) return;
      for (const each of [...group, index]) separators.add(each);
    }
  });
  return separators;
}

/** Where it is not a segment by itself, `**` is the same as `*`. */
function addSegments(steps: Step[]): void {
  const { length } = steps;
  const end = length + 6;
  steps.push({ kind: 'fork', to: [length + 1, length + 3] });
  steps.push({ kind: 'many', of: NO_SLASH }, { kind: 'fork', to: [end] });
  steps.push({ kind: 'before-segments' }, { kind: 'many', of: ANY }, { kind: 'after-segments' });
}

const ends = new WeakMap<WildcardPattern, string>();

/** The end of every text that matches: `.js`, most often. */
function endOf(pattern: WildcardPattern): string {
  let end = ends.get(pattern);
  if (end !== undefined) return end;
  // Everything from the last place on that a fork leads to is passed through.
  const first = pattern.reduce((last, step) => (step.kind === 'fork' ? Math.max(last, ...step.to) : last), 0);
  end = '';
  for (let index = pattern.length - 1; index >= first; index--) {
    const step = pattern[index] as Step;
    // A slash is left out where there are no segments in front of it.
    if (step.kind !== 'one' || step.of < 0 || step.of === SLASH) break;
    end = String.fromCodePoint(step.of) + end;
  }
  ends.set(pattern, end);
  return end;
}

/** Where in the pattern a text may lead. Texts that lead to the same places share a state, so that what follows is found out once. */
interface State {
  /** Each place has two numbers. The odd one says that optional segments were left out, and so is the slash after them. */
  readonly places: readonly number[];
  /** Whether a segment of a path starts here. */
  readonly isStart: boolean;
  /** By the next character. */
  readonly next: Map<number, State>;
}

/** More than the paths and names of a program need. */
const MOST_STATES = 500;

interface Automaton {
  readonly start: State;
  /** By what they are made of. */
  readonly states: Map<string, State>;
}

const automata = new WeakMap<WildcardPattern, Automaton>();
const NOTHING: State = { places: [], isStart: false, next: new Map() };
const MATCH: State = { places: [], isStart: false, next: new Map() };

/** Whether the whole of a text matches. Takes no more steps than the text has characters, times the length of the pattern. */
export function matches(pattern: WildcardPattern, text: string): boolean {
  // Most texts end here: a program loads more files than its targets select, and there may be a thousand targets.
  if (!text.endsWith(endOf(pattern))) return false;
  let automaton = automata.get(pattern);
  if (automaton === undefined || automaton.states.size > MOST_STATES) {
    automaton = { start: { places: [0], isStart: true, next: new Map() }, states: new Map() };
    automata.set(pattern, automaton);
  }
  let state = automaton.start;
  for (let index = 0; ;) {
    const character = text.codePointAt(index) ?? END;
    let next = state.next.get(character);
    if (next === undefined) state.next.set(character, (next = stateAfter(automaton, pattern, state, character)));
    if (character === END) return next === MATCH;
    if (next === NOTHING) return false;
    state = next;
    index += character > 0xffff ? 2 : 1;
  }
}

function stateAfter(
  { states }: Automaton,
  pattern: WildcardPattern,
  { places, isStart }: State,
  character: number,
): State {
  const isEnd = character === END || character === SLASH;
  // A set tells what has been added to it meanwhile, too.
  const reached = new Set(places);
  const next: number[] = [];
  for (const place of reached) {
    const leavesSlash = (place & 1) === 1;
    const step = pattern[place >> 1];
    switch (step?.kind) {
      case 'one':
        if (leavesSlash) {
          if (step.of === SLASH) reached.add(place + 1);
        } else if (isOf(step.of, character)) next.push(place + 2);
        break;
      case 'many':
        reached.add(place + 2);
        if (!leavesSlash && isOf(step.of, character)) next.push(place);
        break;
      case 'fork':
        for (const to of step.to) reached.add(2 * to + (place & 1));
        break;
      case 'before-segments':
        if (isStart) reached.add(place + 2);
        break;
      case 'after-segments':
        if (isEnd) reached.add(place + 2);
        if (isStart) reached.add((place | 1) + 2);
    }
  }
  if (character === END) return reached.has(2 * pattern.length) ? MATCH : NOTHING;
  if (next.length === 0) return NOTHING;
  const key = `${character === SLASH} ${next.join()}`;
  let state = states.get(key);
  if (state === undefined) states.set(key, (state = { places: next, isStart: character === SLASH, next: new Map() }));
  return state;
}

function isOf(characters: number, character: number): boolean {
  if (character === END) return false;
  return characters === character || characters === ANY || (characters === NO_SLASH && character !== SLASH);
}

function codeOf(character: string): number {
  return character.codePointAt(0) as number;
}
