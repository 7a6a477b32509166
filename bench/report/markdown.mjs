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

function render({ title, note, head, rows }, level) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  const table = [line(head), line(rule), ...rows.map(line)].join('\n');
  return [`${'#'.repeat(level)} ${title}`, ...(note ? [note] : []), table].join('\n\n');
}
