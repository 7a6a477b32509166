import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ROOT } from './support/child';
import { makeFolder } from './support/folder';

/** A copy of what the script reads and writes. */
function checkout(): string {
  const folder = makeFolder();
  fs.mkdirSync(path.join(folder, 'scripts'));
  for (const name of ['scripts/prepare-release.mjs', 'package.json', 'CHANGELOG.md']) {
    fs.copyFileSync(path.join(ROOT, name), path.join(folder, name));
  }
  return folder;
}

const readJson = (folder: string) =>
  JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    version: string;
    homepage: string;
    bugs: string;
    repository: { url: string };
  };
const prepare = (folder: string, ...args: string[]) =>
  spawnSync(process.execPath, [path.join(folder, 'scripts/prepare-release.mjs'), ...args], { encoding: 'utf8' });

describe('the preparation of a release', () => {
  const { version } = readJson(ROOT);

  it('names the repository in package.json', () => {
    const folder = checkout();
    const { status, stderr } = prepare(folder, 'acme/streams', `v${version}`);
    expect(status, stderr).to.equal(0);
    const { homepage, bugs, repository } = readJson(folder);
    expect([homepage, bugs, repository.url]).to.deep.equal([
      'https://github.com/acme/streams#readme',
      'https://github.com/acme/streams/issues',
      'git+https://github.com/acme/streams.git',
    ]);
  });

  it('fails for a tag that is not the version, and for what is not a repository', () => {
    const folder = checkout();
    expect(prepare(folder, 'acme/streams', 'v9.9.9').stderr).to.match(/^expected the tag v/);
    expect(prepare(folder, 'streams', `v${version}`).stderr).to.match(/^expected OWNER\/NAME/);
    expect(readJson(folder).homepage).to.include('OWNER');
  });
});
