// The results for a terminal.
import { budgetTable } from './budget.mjs';
import { tablesOf } from './tables.mjs';

export function toText(results) {
  const { cpu, cores, platform } = results.machine;
  return [
    `${results.version}, ${results.effort}, ${results.date}, ${cpu} (${cores} cores), ${platform}`,
    ...results.nodes.flatMap((node) => [
      ...tablesOf(node).map((table) => render({ ...table, title: `Node ${node.major}: ${table.title}` })),
      ...node.failures.map(({ job, message }) => `Node ${node.major}: not measured: ${job}\n${message}`),
    ]),
    render(budgetTable(results)),
  ].join('\n\n');
}

function render({ title, note, head, rows }) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  const line = (row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [title, ...(note ? [note] : []), '', line(head), rule, ...rows.map(line)].join('\n');
}
