// The results for a page.
import { summaryOf } from './summary.mjs';

export function toMarkdown(results) {
  const { version, effort, date, machine } = results;
  const { cpu, cores, platform } = machine;
  return [
    `Version ${version}, ${effort} measurement of ${date.slice(0, 10)} on ${cpu}, ${cores} cores, ${platform}.`,
    ...summaryOf(results).map((table) => render(table, 3)),
  ].join('\n\n');
}

/** A wider table is hard to read in the source, and needs a scroll bar on a page. */
const WIDEST_TABLE = 120;

function render({ title, note, head, rows, remarks }, level) {
  const table = tableOf(head, rows);
  const isWide = widthOf(head, rows) > WIDEST_TABLE;
  return [
    `${'#'.repeat(level)} ${title}`,
    ...(note ? [note] : []),
    isWide ? rows.map((row) => item(head, row)).join('\n') : table,
    ...(remarks ? [`${remarks.title}:`, remarks.items.map(([name, text]) => `- **${name}**: ${text}`).join('\n')] : []),
  ].join('\n\n');
}

function tableOf(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** As the formatter will have padded it. */
function widthOf(head, rows) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((cells) => cells[column].length)));
  return widths.reduce((sum, width) => sum + width + 3, 1);
}

function item([, ...heads], [name, ...cells]) {
  const parts = heads.map((head, index) => [head, cells[index]]).filter(([, cell]) => cell !== '');
  return `- **${name}**: ${parts.map(([head, cell]) => `${head} ${cell}`).join('; ')}`;
}
