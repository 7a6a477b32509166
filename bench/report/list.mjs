import { columns } from '../columns/index.mjs';
import { conditions } from '../conditions/index.mjs';
import { growth } from '../growth/index.mjs';
import { peers } from '../peers/index.mjs';
import { rows } from '../rows/index.mjs';
import { startUps } from '../start-up/index.mjs';

/** What `--only` and `--rows` choose from. */
export function list() {
  return [
    section('Columns', [...columns, ...growth, ...startUps]),
    section('Rows', [...rows, ...peers]),
    section('Conditions', conditions),
  ].join('\n\n');
}

function section(heading, entries) {
  return [heading, ...entries.map(({ name, label }) => `  ${name.padEnd(26)}${label}`.trimEnd())].join('\n');
}
