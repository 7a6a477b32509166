import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { ROOT } from '../support/child';

type Fields = Record<string, unknown>;

const read = (file: string) => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8')) as Fields;

/** npm copies these from a package that is linked, and writes the file anew where they differ. */
const COPIED = ['version', 'dependencies', 'devDependencies', 'peerDependencies', 'peerDependenciesMeta', 'engines'];

describe('the lock file of the examples', () => {
  it('has the dependencies of this package as they are, so that `npm install` there leaves it as it is', () => {
    const { packages } = read('examples/zero-code/package-lock.json') as { packages: Record<string, Fields> };
    const linked = packages['../..'] ?? {};
    const manifest = read('package.json');
    for (const field of COPIED) expect(linked[field], field).to.deep.equal(manifest[field]);
  });
});
