import { parseArgs } from 'node:util';

export const HELP = `Compares this package with others that trace async generators, and streams. It runs build/src: \`npm run build\` first.

  npm run compare -- [options]

  --only NAME        only those whose name contains this; can be repeated
  --node MAJOR       the version of Node; default: 24, since some of the peers need 22 or newer
  --json FILE        writes what each check has said
  --from FILE        reports on what --json has written, without running anything
  --write            writes doc/comparison.md
  --list             names
  --help             this

The other packages are installed below bench/peers on first use: nearly a gigabyte. Nothing leaves this machine.
`;

/** @throws TypeError for an option that there is none of */
export function readOptions(args) {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      node: { type: 'string', default: '24' },
      from: { type: 'string' },
      json: { type: 'string' },
      write: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.write && values.only.length > 0)
    throw new TypeError('--write needs all of them: it cannot go with --only');
  return values;
}
