// The results for a terminal.
import { failuresOf } from '../claims.mjs';
import { groupFailures } from './failures.mjs';
import { tablesOf } from './tables.mjs';

export function toText(contestants, { results }) {
  const tables = tablesOf(contestants, results).map(({ title, tables }) => [title, ...tables.map(render)].join('\n\n'));
  const found = results.flatMap((result) => {
    const contestant = contestants.find(({ name }) => name === result.name);
    const failures = failuresOf(contestant, result);
    return failures.length === 0
      ? []
      : [[result.name, ...groupFailures(failures).map((line) => `  ${line}`)].join('\n')];
  });
  return [...tables, ...found].join('\n\n');
}

function render({ head, rows }) {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column].length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
