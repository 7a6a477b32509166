/** What bars and trees are drawn with. */
export interface Glyphs {
  readonly producer: string;
  readonly consumer: string;
  /** Of a run whose time was not measured apart. */
  readonly unknown: string;
  readonly firstItem: string;
  /** At the end of a bar whose run has no end. */
  readonly open: string;
  readonly ellipsis: string;
  readonly branch: string;
  readonly lastBranch: string;
  readonly trunk: string;
  readonly noTrunk: string;
}

const UNICODE: Glyphs = {
  producer: '█',
  consumer: '░',
  unknown: '━',
  firstItem: '◆',
  open: '▶',
  ellipsis: '…',
  branch: '├─ ',
  lastBranch: '└─ ',
  trunk: '│  ',
  noTrunk: '   ',
};

const ASCII: Glyphs = {
  producer: '#',
  consumer: '-',
  unknown: '=',
  firstItem: 'o',
  open: '>',
  ellipsis: '~',
  branch: '|- ',
  lastBranch: '`- ',
  trunk: '|  ',
  noTrunk: '   ',
};

export const glyphsFor = (hasUnicode: boolean): Glyphs => (hasUnicode ? UNICODE : ASCII);
