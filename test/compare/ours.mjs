// Runs the kit on this package, and prints what it says, and what doc/comparison.md has to mention.
import { contestants } from '../../bench/compare/contestants/index.mjs';
import { pinnedVersion } from '../../bench/compare/report/page.mjs';
import { runAll } from '../../bench/compare/run.mjs';

const ours = contestants.filter(({ name }) => name === 'this package');
const { results, failures } = await runAll(ours, { scale: 0.1 });
const libraries = contestants.map(({ library }) => library).filter((library) => library && pinnedVersion(library));
console.log(
  JSON.stringify({
    failures,
    exits: results[0]?.exits,
    pinned: libraries.map((library) => `\`${library}\` ${pinnedVersion(library)}`),
    names: contestants.map(({ name }) => name),
  }),
);
