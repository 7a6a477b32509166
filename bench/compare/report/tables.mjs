// The tables, as rows of cells.
import { cellOfCheck, cellOfExit } from '../claims.mjs';
import { checks } from '../kit/checks.mjs';
import { exits } from '../kit/exits.mjs';

export const SUBJECTS = [
  { name: 'function', title: 'An async-generator function of the user’s own' },
  { name: 'openai', title: 'The stream of an `openai` client' },
];

/** @returns `[{ title, tables: [{ title, head, rows }] }]`, one for each kind of thing that is traced */
export function tablesOf(contestants, results) {
  return SUBJECTS.map(({ name, title }) => {
    const rows = contestants
      .filter(({ subject }) => subject === name)
      .map((contestant) => ({ contestant, result: results.find((result) => result.name === contestant.name) }))
      .filter(({ result }) => result !== undefined);
    return {
      title,
      tables: rows.length === 0 ? [] : [tableOf(exits, cellOfExit, rows), tableOf(checks, cellOfCheck, rows)],
    };
  }).filter(({ tables }) => tables.length > 0);
}

function tableOf(columns, cellOf, rows) {
  return {
    head: ['contestant', ...columns.map(({ label }) => label)],
    rows: rows.map(({ contestant, result }) => [
      contestant.name,
      ...columns.map(({ name }) => cellOf(contestant, result, name)),
    ]),
  };
}
