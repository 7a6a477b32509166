import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import * as path from 'node:path';
import { ROOT } from '../support/child';
import { EXAMPLES, requireService, type Service } from './support';

const README = readFileSync(path.join(ROOT, 'examples/README.md'), 'utf8');
const SERVICES: Record<string, Service> = {
  etl: { name: 'PostgreSQL', port: 5432 },
  redis: { name: 'Redis', port: 6379 },
};

/** A command of the README, and what it prints according to it. */
function commandsOf(section: string): { command: string; printed: string }[] {
  const text = README.split(`\n### ${section}\n`)[1]?.split('\n### ')[0] ?? '';
  return [...text.matchAll(/```sh\n(.*?)\n```\n\n```text\n(.*?)```/gs)].map(([, command = '', printed = '']) => ({
    command,
    printed,
  }));
}

/** Runs a command as a reader does, in the folder of the examples. The summary that ends a timeline has a legend below. */
function run(command: string): Promise<string> {
  const { NODE_OPTIONS: _nodeOptions, ...env } = process.env;
  const PATH = `${path.dirname(process.execPath)}${path.delimiter}${process.env.PATH}`;
  return new Promise((resolve) => {
    execFile(
      'sh',
      ['-c', `exec 2>&1; ${command}`],
      { cwd: EXAMPLES, env: { ...env, PATH, NO_COLOR: '1', NPM_CONFIG_LOGLEVEL: 'error' } },
      (_error, output) => resolve(output.replace(/(\n\d+ runs?: .*\n)[^]*/, '$1')),
    );
  });
}

/** Without what differs from one time to the next: times, bars, how far it got until it was interrupted. */
const steady = (output: string) =>
  output
    .replace(/ ran for [\d.]+ m?s/, '')
    .replace(/ \+[\d.]+ m?s/g, '')
    .replace(/[█░◆]+/g, '')
    .replace(/[\d,]+ +[\d.]+ m?s +(?:returned|interrupted)$/gm, 'some')
    .replace(/ +[\d.]+ m?s +(completed|aborted)$/gm, ' $1')
    .replace(/(?:page \d+ \.\.\.\npage \d+ is done\n)*/, '')
    .replace(/page \d+/g, 'page')
    .replace(/ +/g, ' ');

for (const section of ['fastify', 'hono', 'openai', 'chat', 'etl', 'redis', 'batch']) {
  describe(`examples/README.md, ${section}`, () => {
    before(async function () {
      const service = SERVICES[section];
      if (service) await requireService(this, service);
    });

    after(() => rmSync(path.join(EXAMPLES, 'orders.csv'), { force: true }));

    it('has a command', () => {
      expect(commandsOf(section)).not.to.be.empty;
    });

    for (const { command, printed } of commandsOf(section)) {
      it(`says what is seen after ${command}`, async () => {
        expect(steady(await run(command))).to.equal(steady(printed));
      });
    }
  });
}
