import { expect } from 'chai';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { JsonReport, JsonRun } from '../../../src/cli/run/output';
import { buildSync } from 'esbuild';
import { ROOT } from '../../support/child';
import { CLI, onText, runCli, runProcess, type CliOptions, type CliResult } from '../support';
import { makeFolder, writeFile } from '../../support/folder';

/** The application as it is: what it may notice of being run by us is nothing. */
const untraced = (args: readonly string[], options?: CliOptions) => runProcess(process.execPath, args, options);

const run = (...args: string[]) => runCli(['run', ...args]);

/** What our own report begins with: an empty line, and the title. */
const OWN_REPORT = /\n[^\n]+ ran for [^\n]+\n[^]*$/;

/** What app.mjs prints with the argument `args`. */
const argumentsIn = ({ stdout }: CliResult) =>
  JSON.parse(/\{.*\}$/.exec(stdout.toString())?.[0] as string) as {
    rest: string[];
    execArgv: string[];
    argv0: string;
    execPath: string;
  };

const jsonOf = ({ report }: CliResult) => JSON.parse(report.trimEnd().split('\n').at(-1) as string) as JsonReport;

describe('otel-async-generator run', () => {
  describe('leaves the application as it is', () => {
    const CASES: string[][] = [
      ['app.mjs'],
      ['app.mjs', 'exit', '0'],
      ['app.mjs', 'exit', '7'],
      ['app.mjs', 'exitCode', '9'],
      ['app.mjs', 'throw'],
      ['app.mjs', 'reject'],
      ['app.mjs', 'caught'],
      ['app.cjs'],
      ['entry'],
      ['no-pull.mjs'],
      ['nothing.mjs'],
    ];
    for (const args of CASES) {
      it(`in its output and its exit status: ${args.join(' ')}`, async () => {
        const [expected, actual] = await Promise.all([untraced(args), run(...args)]);
        expect(actual.stdout.equals(expected.stdout), actual.stdout.toString('latin1')).to.equal(true);
        expect(actual.report.replace(OWN_REPORT, '')).to.equal(expected.report);
        expect([actual.status, actual.signal]).to.deep.equal([expected.status, expected.signal]);
      });
    }

    it('in its stderr to the byte, with the report in a file', async () => {
      const output = path.join(makeFolder(), 'report');
      const [expected, actual] = await Promise.all([untraced(['app.mjs']), run('-o', output, 'app.mjs')]);
      expect(actual.stderr.equals(expected.stderr)).to.equal(true);
      expect(fs.readFileSync(output, 'utf8')).to.contain('2 runs: 2 completed');
    });

    it('in its arguments', async () => {
      const args = ['app.mjs', 'args', '--json', '-t', '--', '--help', 'ä b', ''];
      const [expected, actual] = await Promise.all([untraced(args), run(...args)]);
      expect(argumentsIn(actual).rest).to.deep.equal(args.slice(2));
      expect(argumentsIn(actual).rest).to.deep.equal(argumentsIn(expected).rest);
    });

    it('in the options that Node has for it: those of the command, and --node-option', async () => {
      const args = ['--no-deprecation', CLI, 'run', '--node-option=--stack-size=900', 'app.mjs', 'args'];
      const { execArgv } = argumentsIn(await runProcess(process.execPath, args));
      expect(execArgv.slice(0, 3)).to.deep.equal(['--no-deprecation', '--stack-size=900', '--import']);
    });

    it('in the name that Node was started by, which is part of its default service.name', async () => {
      const options = { argv0: 'node' };
      const [expected, actual] = await Promise.all([
        untraced(['app.mjs', 'args'], options),
        runCli(['run', 'app.mjs', 'args'], options),
      ]);
      expect(argumentsIn(expected).argv0).to.equal('node');
      expect(argumentsIn(actual).argv0).to.equal('node');
      expect(argumentsIn(actual).execPath).to.equal(argumentsIn(expected).execPath);
    });

    it('in its stdin', async () => {
      const input = 'line\n'.repeat(50_000);
      const { stdout, status } = await runCli(['run', 'app.mjs', 'stdin'], { input });
      expect(stdout.toString('latin1').endsWith(input)).to.equal(true);
      expect(status).to.equal(0);
    });
  });

  describe('ends as the application does', () => {
    const whenWaiting = (args: string[], react: (pid: number) => void) =>
      runCli(args, {
        started: (child) => {
          onText(child.stdout, 'waiting', () => {
            react(child.pid as number);
          });
        },
      });

    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      it(`by ${signal}, and shows the runs that it interrupted`, async () => {
        const result = await whenWaiting(['run', 'app.mjs', 'wait'], (pid) => process.kill(pid, signal));
        expect([result.status, result.signal]).to.deep.equal([null, signal]);
        expect(result.report)
          .to.match(/endless .* interrupted\n/)
          .and.to.contain('2 completed, 1 interrupted');
      });
    }

    it('by a signal that the application answers in its own way', async () => {
      const { status, report } = await whenWaiting(['run', 'app.mjs', 'handle'], (pid) => process.kill(pid, 'SIGTERM'));
      expect(status).to.equal(3);
      expect(report).to.contain('1 interrupted');
    });

    it('by a signal to the whole foreground, as a terminal sends it', async () => {
      // The process is the leader of a group of its own.
      const result = await whenWaiting(['run', 'app.mjs', 'wait'], (pid) => process.kill(-pid, 'SIGINT'));
      expect(result.signal).to.equal('SIGINT');
      expect(result.report).to.contain('1 interrupted');
    });

    // Ctrl-C is one of these, and so is what GNU timeout, systemd and `kill -- -PGID` send.
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const) {
      const sentTo = (target: (pid: number) => number) =>
        whenWaiting(['run', 'signals.mjs', signal], (pid) => process.kill(target(pid), signal));

      it(`and hands it one ${signal}, where its whole process group gets one`, async () => {
        const { stdout, status, report } = await sentTo((pid) => -pid);
        expect(stdout.toString()).to.equal('waiting\nstopping\nstopped\n');
        expect(status).to.equal(0);
        expect(report).to.contain('1 run: 1 returned');
      });

      it(`and hands it one ${signal}, where the command alone gets one`, async () => {
        const { stdout, status } = await sentTo((pid) => pid);
        expect(stdout.toString()).to.equal('waiting\nstopping\nstopped\n');
        expect(status).to.equal(0);
      });
    }

    it('and hands it one SIGTERM, where somebody listens before we are loaded', async () => {
      const args = ['run', '--node-option=--require=./listening.cjs', 'signals.mjs', 'SIGTERM'];
      const { stdout } = await whenWaiting(args, (pid) => process.kill(-pid, 'SIGTERM'));
      expect(stdout.toString()).to.equal('waiting\npreloaded\nstopping\nstopped\n');
    });

    it('by SIGKILL to the application, and shows the runs that have no end', async () => {
      const result = await runCli(['run', 'killed.mjs']);
      expect(result.signal).to.equal('SIGKILL');
      expect(result.report)
        .to.match(/numbers .*▶ +open\n/)
        .and.to.contain('1 run: 1 open');
    });

    it('with its status, though the report cannot be written', async function () {
      if (!fs.existsSync('/dev/full')) this.skip();
      const { status, report } = await run('-w', '-o', '/dev/full', 'app.mjs', 'exit', '7');
      expect(status).to.equal(7);
      expect(report.match(/--output: ENOSPC/g)).to.have.length(1);
    });

    it('with its status, though nobody reads the report', async () => {
      const { status } = await runCli(['run', 'app.mjs', 'exit', '7'], {
        started: (child) => {
          child.stderr?.destroy();
          child.stdin?.end();
        },
      });
      expect(status).to.equal(7);
    });
  });

  describe('draws a timeline', () => {
    it('of what an ES module imports', async () => {
      const { report } = await run('app.mjs');
      expect(report).to.match(/\napp\.mjs ran for [\d.]+ m?s: 2 runs of async generators\n\nRUN /);
      expect(report).to.match(/\ndoubled +█.* 4 +[\d.]+ ms {2}completed\n└─ numbers .* 4 +[\d.]+ ms {2}completed\n/);
    });

    it('of what a CommonJS module requires', async () => {
      const { report } = await run('app.cjs');
      expect(report).to.match(/\nnumbers +█.* 4 +[\d.]+ ms {2}completed\n/);
    });

    it('with a stream that was read, but not iterated, as open', async () => {
      const { report } = await run('-t', './web-stream.mjs[chunks]', 'reader.mjs');
      expect(report).to.contain('1 run: 1 open').and.to.contain('open: a stream that was not iterated');
      expect(report).not.to.contain('killed');
    });

    it('with errors as a whole', async () => {
      const { report } = await run('app.mjs', 'caught');
      expect(report).to.match(/\nfailing .* failed\n {3}RangeError: no more\n {3}numbers\n/);
    });

    it('of what is traced by hand, whose hooks are called all the same', async () => {
      // The target is to say that nothing else is traced.
      const { report, stdout } = await run('-t', './numbers.mjs', 'by-hand.mjs');
      expect(report).to.match(/\nanonymous +█?.* 3 +[\d.]+ ms {2}completed\n└─ by hand .* 3 +[\d.]+ ms {2}completed\n/);
      expect(stdout.toString()).to.equal('a,b,c\n');
    });

    it('in the time of the program, without what Node and tracing take to start', async () => {
      const cwd = makeFolder();
      // Of the same clock: that of Date may be another by the time that a process was kept waiting at its start.
      const sayWhen = 'console.log(performance.timeOrigin + performance.now());';
      writeFile(cwd, 'preload.cjs', sayWhen);
      writeFile(cwd, 'app.mjs', sayWhen);
      const result = await runCli(['run', '--json', '--node-option=--require=./preload.cjs', 'app.mjs'], { cwd });
      const times = result.stdout.toString().trim().split('\n').map(Number);
      const { startedAt } = jsonOf(result).application;
      // Node 20 preloads it into the thread of the import hooks, too, whose line may come after that of the application.
      expect(Date.parse(startedAt)).to.be.within(Math.min(...times) - 1, Math.max(...times) + 1);
    });

    it('of all processes and worker threads', async () => {
      // However long the path of the files is.
      const { report } = await runCli(['run', 'threads.mjs'], { env: { COLUMNS: '1000' } });
      expect(report).to.match(/process \d+: .*threads\.mjs\n/);
      expect(report).to.match(/process \d+, worker thread \d+: .*worker\.mjs\n/);
      expect(report).to.match(/process \d+: .*worker\.mjs\n/);
      expect(report).to.contain('3 runs: 3 completed');
    });

    it('of the first hundred runs, or as many as the user wants', async () => {
      const [some, few, all] = await Promise.all([
        run('many.mjs'),
        run('-n', '2', 'many.mjs'),
        run('--limit=0', 'many.mjs'),
      ]);
      const rows = ({ report }: CliResult) => report.match(/^numbers .*completed$/gm)?.length;
      // And a line of the summary.
      expect([rows(some), rows(few), rows(all)]).to.deep.equal([101, 3, 150]);
      expect(some.report).to.contain('… and 50 more runs');
    });

    it('without colours on a pipe, with them by FORCE_COLOR, without them by --no-color', async () => {
      const escape = '\u001b[';
      const args = ['run', 'app.mjs'];
      const env = { FORCE_COLOR: '1' };
      const [piped, forced, refused] = await Promise.all([
        runCli(args),
        runCli(args, { env }),
        runCli(['run', '--no-color', 'app.mjs'], { env }),
      ]);
      expect(piped.report).not.to.contain(escape);
      expect(forced.report).to.contain(escape);
      expect(refused.report).not.to.contain(escape);
    });

    for (const columns of [60, 120]) {
      it(`as wide as COLUMNS says: ${columns}`, async () => {
        const { report } = await runCli(['run', 'app.mjs'], { env: { COLUMNS: String(columns) } });
        const own = OWN_REPORT.exec(report)?.[0].split('\n') ?? [];
        const widest = Math.max(...own.map((line) => line.length));
        expect(widest).to.be.within(columns - 2, columns);
      });
    }

    it('with ASCII in a locale that has nothing else', async () => {
      const { report } = await runCli(['run', 'app.mjs'], { env: { LC_ALL: 'C' } });
      expect(report).to.match(/^[\x20-\x7e\n]*$/);
    });

    it('of what a command starts, and of nothing in the command itself', async function () {
      if (process.platform === 'win32') this.skip();
      const cwd = makeFolder();
      writeFile(cwd, 'package.json', '{ "type": "module", "scripts": { "start": "node app.js" } }');
      writeFile(
        cwd,
        'app.js',
        'async function* ones() { yield 1; }\nfor await (const _ of ones());\nprocess.exitCode = 7;',
      );
      const { report, status } = await runCli(['run', 'npm', 'start', '--silent'], { cwd });
      expect(report).to.match(
        /^\nnpm start --silent ran for .*: 1 run of an async generator\n\nRUN .*\nones .* completed\n/,
      );
      expect(status).to.equal(7);
    });

    it('of TypeScript, by tsx', async function () {
      if (process.platform === 'win32') this.skip();
      const { report, status } = await run('tsx', 'typed.mts');
      expect(report).to.match(/^\ntsx typed\.mts ran for .*: 1 run /m);
      expect(status).to.equal(0);
    });

    it('of TypeScript, by the loader that the user names', async () => {
      const tsx = require.resolve('tsx');
      const { report, stdout } = await run(`--node-option=--import=${new URL(`file://${tsx}`).href}`, 'typed.mts');
      expect(stdout.toString()).to.equal('3\n');
      expect(report).to.contain('1 run: 1 completed');
    });
  });

  it('with --watch-spans prints a line as each run ends', async () => {
    const { report } = await runCli(['run', '--watch-spans', 'slow.mjs'], {
      started: (child) => {
        onText(child.stderr, 'numbers completed, 3 items in', () => {
          child.stdin?.end('go on\n');
        });
      },
    });
    expect(report).to.match(/^ *\+[\d.]+ m?s {2}numbers completed, 3 items in [\d.]+ ms, first after [\d.]+ ms\n\n/);
    expect(report).to.contain('1 run: 1 completed');
  });

  describe('with --json', () => {
    it('prints what it knows on one line, and nothing else', async () => {
      const result = await run('--json', 'app.mjs', 'caught');
      expect(result.report.replace('warning of its own\n', '').trimEnd().split('\n')).to.have.length(1);
      const { application, runs, targets, hints, ...rest } = jsonOf(result);
      expect(rest).to.deep.equal({ type: 'report', version: 1 });
      expect(application).to.include({ file: 'app.mjs', exitCode: 0, signal: null });
      expect(application.args).to.deep.equal(['caught']);
      expect(new Date(application.startedAt).toISOString()).to.equal(application.startedAt);
      expect(hints).to.deep.equal([]);
      expect(targets.find(({ status, preset }) => status === 'patched' && preset === undefined)).to.be.an('object');

      expect(runs.map(({ name }) => name)).to.deep.equal(['doubled', 'numbers', 'failing']);
      const [outer, inner, failed] = runs as [JsonRun, JsonRun, JsonRun];
      expect(inner).to.include({ type: 'run', parentSpanId: outer.spanId, traceId: outer.traceId, thread: 0 });
      expect(inner).to.include({ module: './numbers.mjs', export: 'numbers', items: 4, outcome: 'completed' });
      expect([inner.version, inner.error, outer.parentSpanId]).to.deep.equal([null, null, null]);
      expect(failed).to.deep.include({ outcome: 'failed', error: { type: 'RangeError', message: 'no more\nnumbers' } });
      for (const { start, duration, timeToFirstItem, producerTime, consumerTime } of runs) {
        expect(start).to.be.within(0, application.duration);
        expect(timeToFirstItem).to.be.within(0, duration as number);
        expect((producerTime as number) + (consumerTime as number)).to.be.closeTo(duration as number, 1e-6);
      }
    });

    it('and --watch-spans prints a line of JSON for each run, too', async () => {
      const { report } = await run('--json', '--watch-spans', 'app.mjs');
      const lines = report
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => JSON.parse(line) as { type: string });
      expect(lines.map(({ type }) => type)).to.deep.equal(['run', 'run', 'report']);
    });

    it('says why there is nothing', async () => {
      const { runs, hints } = jsonOf(await run('--json', '-p', 'openai', 'entry-only.mjs'));
      expect(runs).to.deep.equal([]);
      expect(hints[1]).to.contain('entry-only.mjs seems to have async generators of its own');
    });
  });

  it('shows what a factory makes, and what a bundle has in it', async () => {
    const { report } = await run('uses-factory.mjs');
    expect(report).to.contain('make/made.list').and.to.contain('1 run: 1 completed');
  });

  describe('says why nothing was seen, and what to do', () => {
    const textOf = ({ report }: CliResult) => report.replace(/\s+/g, ' ');

    it('if the generators stand in the file that Node starts with, and no target means that', async () => {
      const text = textOf(await run('-p', 'openai', 'entry-only.mjs'));
      expect(text).to.contain('no run of an async generator was seen');
      expect(text).to.contain('--targets ./entry-only.mjs traces them.');
    });

    it('if nothing pulled', async () => {
      expect(textOf(await run('no-pull.mjs'))).to.contain('would have been traced (numbers)');
    });

    it('if there is no generator', async () => {
      expect(textOf(await run('nothing.mjs'))).to.contain('holds an async generator');
    });

    it('if a target has a name that does not exist', async () => {
      const text = textOf(await run('-t', './numbers.mjs[number]', 'app.mjs'));
      expect(text)
        .to.contain('Target ./numbers.mjs[number]: no definition or export matches number')
        .and.to.contain('numbers');
    });

    it('if its files are bundles, of packages that were named', async () => {
      const folder = makeFolder();
      const write = (name: string, text: string) => writeFile(folder, name, text);
      write('node_modules/openai/package.json', '{ "name": "openai", "type": "module" }');
      write('node_modules/openai/index.js', 'export async function* chunks() { yield 1; }');
      write('chunk.mjs', "import { chunks } from 'openai'; for await (const _ of chunks());");
      write('server.cjs', "require('./chunk.cjs');");
      const files = { bundle: true, platform: 'node' as const, entryPoints: [path.join(folder, 'chunk.mjs')] };
      buildSync({ ...files, format: 'esm', outfile: path.join(folder, 'app.bundle.mjs') });
      write('main.mjs', "import { chunks } from 'openai'; void (async () => { for await (const _ of chunks()); })();");
      buildSync({ ...files, entryPoints: [path.join(folder, 'main.mjs')], outfile: path.join(folder, 'chunk.cjs') });
      for (const [bundle, args] of [
        ['app.bundle.mjs', ['-p', 'openai', 'app.bundle.mjs']],
        ['chunk.cjs', ['-p', 'openai', 'server.cjs']],
        ['app.bundle.mjs', ['-t', 'openai[chunks]', 'app.bundle.mjs']],
      ] as const) {
        const text = textOf(await runCli(['run', ...args], { cwd: folder, env: { COLUMNS: '1000' } }));
        expect(text).to.contain(bundle).and.to.contain('a copy of openai').and.to.contain('--external:openai');
        expect(text.match(/a copy of openai/g)).to.have.length(1);
      }
    });

    it('if a preset that was asked for by name has nothing to trace', async () => {
      expect(textOf(await run('-p', 'openai', 'nothing.mjs'))).to.contain(
        'Preset openai: no package openai is installed',
      );
    });

    it('if it is switched off', async () => {
      const text = textOf(await runCli(['run', 'app.mjs'], { env: { OTEL_SDK_DISABLED: 'true' } }));
      expect(text).to.contain('Tracing is switched off: OTEL_SDK_DISABLED=true');
    });

    it('if Node needs a loader for TypeScript', async function () {
      if ((process.features as { typescript?: unknown }).typescript) this.skip();
      expect(textOf(await run('typed.mts'))).to.contain('does not run TypeScript by itself');
    });

    it('if TypeScript fails in the loader that a command has', async function () {
      if (process.platform === 'win32') this.skip();
      const file = writeFile(makeFolder(), 'invalid.mts', 'let sum: number =;\n');
      const text = textOf(await runCli(['run', 'tsx', file], { cwd: ROOT }));
      expect(text).to.contain('The application ended with status 1; perhaps it did not get that far.');
      expect(text).not.to.contain('does not run TypeScript by itself');
    });

    it('if TypeScript fails in the loader that it was given, in the options or in NODE_OPTIONS', async () => {
      const loader = `--import=${new URL(`file://${require.resolve('tsx')}`).href}`;
      const file = writeFile(makeFolder(), 'invalid.mts', 'let sum: number =;\n');
      const [inOptions, inEnvironment] = await Promise.all([
        run(`--node-option=${loader}`, file),
        runCli(['run', file], { env: { NODE_OPTIONS: loader } }),
      ]);
      for (const result of [inOptions, inEnvironment]) {
        expect(textOf(result)).to.contain('The application ended with status 1; perhaps it did not get that far.');
        expect(textOf(result)).not.to.contain('does not run TypeScript by itself');
      }
    });
  });

  it('says what of several targets came to nothing', async () => {
    const { report } = await run('-t', './numbers.mjs[numbers]', '-t', 'openai', 'app.mjs');
    expect(report).to.contain('1 run: 1 completed').and.to.contain('Not all that you asked for was traced:');
    expect(report).to.match(/- Target openai\[\*\]: no package openai is installed in\s/);
  });

  it('starts nothing, and says why, where it cannot keep the report of the application', async () => {
    const { status, stdout, report } = await runCli(['run', 'app.mjs'], { env: { TMPDIR: '/nonexistent' } });
    expect([status, stdout.toString()]).to.deep.equal([2, '']);
    expect(report).to.match(
      /^otel-async-generator: no temporary file can be written: ENOENT.*\/nonexistent\/.*; TMPDIR says where\nSee /,
    );
  });

  describe('whatever the application writes into its report', () => {
    const folder = makeFolder();

    for (const options of [[], ['--json'], ['--watch-spans']]) {
      it(`ends as the application does, and leaves nothing behind: ${options.join() || 'timeline'}`, async () => {
        const args = ['run', ...options, 'foreign-lines.mjs'];
        const { status, report } = await runCli(args, { env: { TMPDIR: folder } });
        expect(status).to.equal(3);
        expect(report).to.contain('numbers').and.not.to.contain('cannot be written');
        expect(fs.readdirSync(folder)).to.deep.equal([]);
      });
    }
  });

  it('shows what is invisible in its JSON', async () => {
    const { report } = await run('--json', 'nothing.mjs', '\u009b31m\u202e');
    expect(report.trimEnd()).not.to.match(/[\p{Cc}\p{Cf}]/u);
    expect((JSON.parse(report) as JsonReport).application.args).to.deep.equal(['\u009b31m\u202e']);
  });

  it('leaves nothing behind', async () => {
    const folder = makeFolder();
    await runCli(['run', 'app.mjs'], { env: { TMPDIR: folder } });
    expect(fs.readdirSync(folder).filter((name) => name.startsWith('otel-'))).to.deep.equal([]);
  });
});
