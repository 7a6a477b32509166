import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { findApplication, toNodeOptions } from '../../../src/cli/run/options';
import { makeFolder, writeFile } from '../../support/folder';

/** @returns the folder of the command */
function writeCommand(folder: string, name: string): string {
  const file = writeFile(folder, name, '#!/bin/sh\n');
  fs.chmodSync(file, 0o755);
  return path.dirname(file);
}

describe('what run starts', function () {
  if (process.platform === 'win32') return;
  const root = makeFolder({ 'app/serve/data.txt': '', 'app/start': '', 'app/index.js': '', 'app/data': '' });
  const cwd = path.join(root, 'app');
  const PATH = writeCommand(root, 'bin/tool');
  for (const name of ['start', 'serve']) writeCommand(root, `bin/${name}`);
  const inPackages = writeCommand(root, 'node_modules/.bin/local');
  writeCommand(root, 'bin/local');
  writeFile(root, 'bin/text', '');

  for (const [name, found] of [
    ['start', { file: path.join(cwd, 'start') }],
    ['index', { file: path.join(cwd, 'index.js') }],
    ['tool', { command: path.join(PATH, 'tool') }],
    ['local', { command: path.join(inPackages, 'local') }],
  ] as const) {
    it(`${name}: ${JSON.stringify(found).replaceAll(root, '')}`, () => {
      expect(findApplication(name, cwd, { PATH })).to.deep.equal(found);
    });
  }

  for (const [name, problem] of [
    ['serve', 'serve is a folder that has no main file'],
    ['text', 'there is no file text, and no command of that name in node_modules/.bin or PATH'],
    ['bin/tool', 'there is no file bin/tool'],
    ['-', 'stdin'],
  ] as const) {
    it(`${name}: nothing, for ${problem}`, () => {
      expect(() => findApplication(name, cwd, { PATH })).to.throw(problem);
    });
  }
});

describe('NODE_OPTIONS for what a command starts', () => {
  it('has arguments in quotes where they need it', () => {
    const args = ['--import', 'file:///a', '--require', 'C:\\my files\\"a".js'];
    expect(toNodeOptions(args)).to.equal('--import file:///a --require "C:\\\\my files\\\\\\"a\\".js"');
  });
});
