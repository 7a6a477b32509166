const LINE_BREAK = /\r\n?|[\n\u2028\u2029]/g;

/** Where lines start in a text. */
export class Lines {
  private readonly starts: number[] = [0];

  constructor(text: string) {
    for (const { index, 0: lineBreak } of text.matchAll(LINE_BREAK)) this.starts.push(index + lineBreak.length);
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
