// The results for a page.
import { budgetTable } from './budget.mjs';
import { tablesOf } from './tables.mjs';

export function toMarkdown(results) {
  const { version, effort, date, machine, nodes } = results;
  const { cpu, cores, platform } = machine;
  return [
    `Version ${version}, ${effort} measurement of ${date.slice(0, 10)} on ${cpu}, ${cores} cores, ${platform}.`,
    render(budgetTable(results), 3),
    ...nodes.flatMap((node) => [`### Node ${node.major}`, ...tablesOf(node).map((table) => render(table, 4))]),
  ].join('\n\n');
}

function render({ title, note, head, rows }, level) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  const table = [line(head), line(rule), ...rows.map(line)].join('\n');
  return [`${'#'.repeat(level)} ${title}`, ...(note ? [note] : []), table].join('\n\n');
}
