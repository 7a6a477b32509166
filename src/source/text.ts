/** What the text of a source tells without being parsed. */
const LINE_BREAK = /\r\n?|[\n\u2028\u2029]/g;
const UNUSUAL = /[\r\u2028\u2029]/;

export class Lines {
  private readonly starts: number[] = [0];

  constructor(text: string) {
    if (UNUSUAL.test(text)) {
      for (const { index, 0: lineBreak } of text.matchAll(LINE_BREAK)) this.starts.push(index + lineBreak.length);
    } else {
      // A fifth of the time.
      for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.starts.push(at + 1);
    }
  }

  /** Line and column of an offset, both from 0. */
  positionOf(offset: number): { line: number; column: number } {
    let line = 0;
    let end = this.starts.length;
    while (end - line > 1) {
      const middle = (line + end) >>> 1;
      if ((this.starts[middle] as number) <= offset) line = middle;
      else end = middle;
    }
    return { line, column: offset - (this.starts[line] as number) };
  }
}

/** Tells where the next token is, from any position between two tokens. No part of the source is scanned twice for positions that grow. */
export function skipperOf(source: string): (at: number) => number {
  const commentEnd = nextIndexOf(source, '*/');
  const lineEnd = nextIndexOf(source, '\n');
  return (at) => {
    for (;;) {
      if (source.startsWith('/*', at)) at = commentEnd(at + 2) + 2;
      else if (source.startsWith('//', at)) at = lineEnd(at + 2);
      else if (/\s/.test(source.charAt(at))) at++;
      else return at;
    }
  };
}

/** Where `text` is next, or the length of the source. For positions that grow, the source is searched once. */
function nextIndexOf(source: string, text: string): (at: number) => number {
  let from = 0;
  let found = -1;
  return (at) => {
    if (at < from || at > found) {
      const index = source.indexOf(text, at);
      from = at;
      found = index === -1 ? source.length : index;
    }
    return found;
  };
}

/**
 * Whether the text of an async generator may be in a source: `async function*`, or `async *` as of a method. A look-alike in a string or
 * comment counts.
 */
export function mayHoldAsyncGenerators(source: string): boolean {
  const skip = skipperOf(source);
  const lineEnd = nextIndexOf(source, '\n');
  for (let at = source.indexOf('async'); at !== -1; at = source.indexOf('async', at + 1)) {
    let next = skip(at + 'async'.length);
    // The language wants the next word on the same line. Many a comment has a line that ends in this word, before the asterisk of the next.
    if (lineEnd(at) < next) continue;
    if (source.startsWith('function', next)) next = skip(next + 'function'.length);
    if (source.charAt(next) === '*' && !/[\w$]/.test(source.charAt(at - 1))) return true;
  }
  return false;
}

/** In the names of the helpers by which compilers make plain functions of async generators, and of their type. */
const LOWERED = /AsyncGenerator|asyncGenerator|async_generator/;

/** Whether a compiler may have made plain functions of the async generators of a source. */
export function mayHoldLoweredGenerators(source: string): boolean {
  return LOWERED.test(source);
}

/** Whether a source may hold an async generator, compiled to plain functions or not. */
export function holdsAsyncGenerator(source: string): boolean {
  return mayHoldAsyncGenerators(source) || mayHoldLoweredGenerators(source);
}
