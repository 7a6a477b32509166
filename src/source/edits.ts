import { Lines } from './text';

/** What goes first where several insertions meet: ends of what is before, then statements, then starts of what follows. */
const RANKS = { end: 0, statement: 1, start: 2 };

interface Edit {
  readonly at: number;
  readonly text: string;
  readonly rank: number;
  /** Of the definition that it is for. */
  readonly index: number;
  /** How many units of the source it takes the place of. */
  readonly replaces: number;
}

/** Changes of a source that move no line. */
export class Edits {
  private readonly all: Edit[] = [];
  private readonly semicolons = new Set<number>();

  constructor(private readonly source: string) {}

  /** Inserts an expression, or the start of one, before what is at `at`. */
  before(at: number, text: string, index: number): void {
    this.add(at, text, RANKS.start, index);
  }

  after(at: number, text: string, index: number): void {
    this.add(at, text, RANKS.end, index);
  }

  /** Inserts something that ends by itself. */
  statement(at: number, text: string, index: number): void {
    this.add(at, text, RANKS.statement, index);
  }

  /** Ends a statement, once, after everything that is inserted there. */
  semicolon(at: number): void {
    if (this.semicolons.has(at)) return;
    this.semicolons.add(at);
    this.add(at, ';', RANKS.end, -1);
  }

  /** Replaces text by as many blanks. */
  blank(start: number, end: number, index: number): void {
    const replaces = end - start;
    this.all.push({ at: start, text: ' '.repeat(replaces), rank: RANKS.start, index, replaces });
  }

  private add(at: number, text: string, rank: number, index: number): void {
    // `return(a) => a` needs no space before it is called with something.
    const isGlued = /^[\w$]/.test(text) && rank !== RANKS.end && /[\w$\u0080-\uffff]/.test(this.source.charAt(at - 1));
    this.all.push({ at, text: isGlued ? ` ${text}` : text, rank, index, replaces: 0 });
  }

  apply(): { code: string; insertions: { line: number; column: number; length: number }[] } {
    // Outer definitions come before inner ones: theirs is the first start and the last end.
    this.all.sort(
      (a, b) => a.at - b.at || a.rank - b.rank || (a.rank === RANKS.end ? b.index - a.index : a.index - b.index),
    );
    const lines = new Lines(this.source);
    const parts: string[] = [];
    const insertions: { line: number; column: number; length: number }[] = [];
    let done = 0;
    for (const { at, text, replaces } of this.all) {
      parts.push(this.source.slice(done, at), text);
      done = at + replaces;
      if (text.length > replaces) insertions.push({ ...lines.positionOf(at), length: text.length - replaces });
    }
    parts.push(this.source.slice(done));
    return { code: parts.join(''), insertions };
  }
}
