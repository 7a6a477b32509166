/**
 * What register starts, and what it leaves to others.
 */
import { expect } from 'chai';
import { cpSync } from 'node:fs';
import * as path from 'node:path';
import { ROOT } from '../support/child';
import { describeTree, useOtlpReceiver } from '../support/otlp';
import { runProgram } from '../support/program';
import { PACKAGE_NAME } from '../../src/version';
import { installPackage, makeFolder, writeFile } from '../support/folder';

const REGISTER = `${PACKAGE_NAME}/register`;
const PREFIX = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_';
const cwd = path.join(ROOT, 'test/fixtures/zero-code/sdks');
const targets = {
  [`${PREFIX}TARGETS`]: './streams.cjs;../ends/streams.cjs',
  // However busy the machine is.
  [`${PREFIX}EXIT_TIMEOUT`]: '50000',
};

const PAGES = ['readPages INTERNAL', '  GET CLIENT', '    GET SERVER', '  GET CLIENT', '    GET SERVER'];

describe('register', function () {
  this.timeout(60_000);

  const receiver = useOtlpReceiver();

  const run = (args: readonly string[], env?: NodeJS.ProcessEnv) =>
    runProgram(args, { cwd, env: { ...targets, ...receiver.env(), ...env } });
  const names = async () => (await receiver.spans()).map(({ name }) => name);

  describe('with an SDK', () => {
    for (const preload of ['--require', '--import']) {
      for (const app of ['app.cjs', 'app.mjs']) {
        it(`that ${preload} sets up before adds its spans to it: ${app}`, async () => {
          const { status, stdout, stderr } = await run([preload, './sdk.cjs', preload, REGISTER, app], {
            [`${PREFIX}TARGETS`]: './streams.cjs',
          });
          expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: 'done\n', stderr: '' });
          const spans = await receiver.spans();
          expect(describeTree(spans)).to.deep.equal(PAGES);
          for (const { resource } of spans) expect(resource['service.name']).to.equal('own');
        });

        it(`that the application sets up itself lets it take over: ${preload}, ${app}`, async () => {
          const { status, stdout, stderr } = await run([preload, REGISTER, app, 'own SDK'], {
            OTEL_LOG_LEVEL: 'error',
          });
          expect({ status, stdout, stderr }).to.deep.equal({ status: 0, stdout: 'done\n', stderr: '' });
          const spans = await receiver.spans();
          expect(describeTree(spans)).to.deep.equal(PAGES);
          for (const { resource } of spans) expect(resource['service.name']).to.equal('own');
        });
      }
    }

    for (const order of ['tracer first', 'meter first']) {
      it(`that the application sets up part by part has the metrics of runs, too: ${order}`, async () => {
        const { stdout } = await run(['--require', REGISTER, 'parts.cjs', order]);
        expect(JSON.parse(stdout)).to.include('async_generator.run.duration');
      });
    }

    it('ends open runs before that SDK shuts down, which would lose them', async () => {
      await run(['--require', './sdk.cjs', '--require', REGISTER, 'open.cjs']);
      const [run_] = (await receiver.spans()).filter(({ name }) => name === 'readPages');
      expect(run_?.attributes['async_generator.outcome']).to.equal('interrupted');
    });
  });

  describe('beside a library that registers, without any exporter,', () => {
    for (const what of [
      'a tracer provider',
      'a tracer provider, set by itself',
      'NodeSDK without processors',
      'a meter provider',
      'a context manager',
    ]) {
      it(`${what} goes on exporting`, async () => {
        const { status, stderr } = await run(['--require', REGISTER, 'without-exporter.cjs', what], {
          [`${PREFIX}TARGETS`]: '../ends/streams.cjs',
        });
        expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
        expect(await names()).to.have.members(['count', 'count', 'count', 'parent']);
      });
    }

    it('keeps parent and child together', async () => {
      await run(['--require', REGISTER, 'without-exporter.cjs', 'a tracer provider']);
      expect(describeTree(await receiver.spans())).to.have.members([
        'count INTERNAL',
        'parent INTERNAL',
        '  count INTERNAL',
        'count INTERNAL',
      ]);
    });

    it('says so where that was there before', async () => {
      const { stderr } = await run(['--require', './empty-provider.cjs', '--require', REGISTER, 'app.cjs'], {
        [`${PREFIX}TARGETS`]: './streams.cjs',
      });
      expect(stderr).to.equal(
        `${PACKAGE_NAME}: the tracer provider that is registered has no span processor: spans are made, and go nowhere\n`,
      );
    });
  });

  it('does everything once, however often it is preloaded', async () => {
    const { stderr } = await run(['--require', REGISTER, '--import', REGISTER, 'app.cjs'], {
      NODE_OPTIONS: `--require ${REGISTER}`,
      OTEL_LOG_LEVEL: 'warn',
      [`${PREFIX}TARGETS`]: './streams.cjs',
    });
    expect(stderr).to.equal('');
    expect(await names()).to.deep.equal(['readPages']);
  });

  it('traces workers and forked processes, each by itself', async () => {
    const { stdout } = await run(['--import', REGISTER, 'workers.cjs']);
    expect(stdout).to.equal('6 0\n');
    const counts = (await receiver.spans()).map(
      ({ attributes }) =>
        `${String(attributes['async_generator.outcome'])} ${String(attributes['async_generator.item.count'])}`,
    );
    expect(counts).to.have.members(['completed 1', 'completed 2', 'interrupted 1', 'completed 1']);
  });

  it('leaves the live bindings of every module alone that no target names', async () => {
    const { stdout } = await run(['--import', REGISTER, 'bindings.mjs']);
    expect(stdout).to.equal('3\n');
    expect(await names()).to.deep.equal(['count']);
  });

  describe('switched off', () => {
    it('by OTEL_SDK_DISABLED does nothing at all', async () => {
      await run(['--import', REGISTER, 'app.cjs'], { OTEL_SDK_DISABLED: 'true' });
      expect(await names()).to.deep.equal([]);
    });

    it(`by ${PREFIX}ENABLED still starts the SDK, for others`, async () => {
      const { stdout } = await run(['--import', REGISTER, 'tracer.cjs'], { [`${PREFIX}ENABLED`]: 'false' });
      expect(stdout).to.equal('SDK\n');
      expect(await names()).to.deep.equal(['by hand']);
    });

    it(`by a value of ${PREFIX}ENABLED that is not a boolean, which OTEL_LOG_LEVEL=warn tells`, async () => {
      const { stdout, stderr } = await run(['--import', REGISTER, 'tracer.cjs'], {
        [`${PREFIX}ENABLED`]: '0',
        OTEL_LOG_LEVEL: 'warn',
      });
      expect(stdout).to.equal('SDK\n');
      expect(stderr).to.equal(
        `${PACKAGE_NAME}: ${PREFIX}ENABLED: '0' is not allowed; expected "true" or "false". It counts as "false"\n`,
      );
      expect(await names()).to.deep.equal(['by hand']);
    });

    it('by OTEL_NODE_DISABLED_INSTRUMENTATIONS still starts the SDK, for others', async () => {
      await run(['--import', REGISTER, 'tracer.cjs'], { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'async-generator,fs' });
      expect(await names()).to.deep.equal(['by hand']);
    });

    it('is not by OTEL_NODE_ENABLED_INSTRUMENTATIONS, which lists those of OpenTelemetry', async () => {
      await run(['--import', REGISTER, 'tracer.cjs'], { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http' });
      expect(await names()).to.have.members(['count', 'by hand']);
    });
  });

  describe('with nothing to trace', () => {
    const nothing = { [`${PREFIX}TARGETS`]: '' };

    it('says so once, and what to set', async () => {
      const { status, stdout, stderr } = await run(['--require', REGISTER, '--import', REGISTER, 'app.cjs'], {
        [`${PREFIX}TARGETS`]: '',
        [`${PREFIX}CONFIG_FILE`]: writeFile(makeFolder(), 'empty.yaml', 'targets: []'),
      });
      expect({ status, stdout }).to.deep.equal({ status: 0, stdout: 'done\n' });
      expect(stderr).to.equal(
        `${PACKAGE_NAME}: no targets or presets are configured: nothing is traced; set ${PREFIX}TARGETS ` +
          `(your own files: './src/**/*.js'), ${PREFIX}PRESETS or ${PREFIX}CONFIG_FILE\n`,
      );
    });

    it('says nothing if there is a preset', async () => {
      const { stderr } = await run(['--require', REGISTER, 'app.cjs'], { ...nothing, [`${PREFIX}PRESETS`]: 'node' });
      expect(stderr).to.equal('');
    });

    it('says nothing if it is switched off', async () => {
      const { stderr } = await run(['--require', REGISTER, 'app.cjs'], { ...nothing, [`${PREFIX}ENABLED`]: 'false' });
      expect(stderr).to.equal('');
    });
  });

  it('traces what is required where no import hooks can be registered, and says so', async () => {
    const { status, stdout, stderr } = await run(['--require', './no-hooks.cjs', '--require', REGISTER, 'app.cjs']);
    expect({ status, stdout }).to.deep.equal({ status: 0, stdout: 'done\n' });
    expect(stderr).to.include('Could not register the import hooks').and.to.include('ERR_ACCESS_DENIED');
    expect(await names()).to.include('readPages');
  });

  describe('with something that has no effect says so in one line, and why', () => {
    for (const { what, env, says } of [
      {
        what: 'a misspelt variable',
        env: { [`${PREFIX}TARGET`]: './streams.cjs' },
        says: `${PREFIX}TARGET: unknown variable; did you mean ..._TARGETS?`,
      },
      {
        what: 'a missing package',
        env: { [`${PREFIX}TARGETS`]: 'it-nowhere' },
        says: 'no package it-nowhere is installed',
      },
      { what: 'an empty glob', env: { [`${PREFIX}TARGETS`]: './nowhere/**/*.js' }, says: 'there is no folder' },
      {
        what: 'no match',
        env: { [`${PREFIX}TARGETS`]: './streams.cjs[readPage]' },
        says: 'no definition or export matches readPage',
      },
    ]) {
      it(what, async () => {
        const { status, stdout, stderr } = await run(['--import', REGISTER, 'app.cjs'], {
          [`${PREFIX}TARGETS`]: './streams.cjs',
          ...env,
        });
        expect({ status, stdout }).to.deep.equal({ status: 0, stdout: 'done\n' });
        expect(stderr.split('\n')).to.have.length(2);
        expect(stderr).to.include(`${PACKAGE_NAME}: `).and.to.include(says);
      });
    }

    it('a registry of another version of the API', async () => {
      const { status, stderr } = await run(['--require', './other-api.cjs', '--require', REGISTER, 'app.cjs'], {
        [`${PREFIX}TARGETS`]: './streams.cjs',
      });
      expect(status).to.equal(0);
      expect(stderr.split('\n')).to.have.length(2);
      expect(stderr).to.include(`${PACKAGE_NAME}: No span can be made`);
    });
  });

  describe('with a mistake in the configuration', () => {
    it('says so in one line, and the application runs on', async () => {
      const { status, stdout, stderr } = await run(['--import', REGISTER, 'app.cjs'], {
        [`${PREFIX}TARGETS`]: './a[b',
      });
      expect({ status, stdout }).to.deep.equal({ status: 0, stdout: 'done\n' });
      expect(stderr.trimEnd().split('\n')).to.have.length(1);
      expect(stderr).to.include(`${PREFIX}TARGETS`).and.to.include('./a[b');
      expect(stderr.startsWith(`${PACKAGE_NAME}: `), 'who says it').to.equal(true);
    });

    it('says nothing with OTEL_LOG_LEVEL=none', async () => {
      const { stderr } = await run(['--import', REGISTER, 'app.cjs'], {
        [`${PREFIX}TARGETS`]: './a[b',
        OTEL_LOG_LEVEL: 'none',
      });
      expect(stderr).to.equal('');
    });
  });

  describe('without an SDK to be found', () => {
    const folder = makeFolder();

    before(() => {
      installPackage(folder);
      cpSync(path.join(ROOT, 'test/fixtures/zero-code/ends'), folder, { recursive: true });
    });

    it('says how to install it, and the application runs on, untraced', async () => {
      const { status, stdout, stderr } = await runProgram(['--import', REGISTER, 'app.mjs', 'with process.exit(7)'], {
        cwd: folder,
        env: targets,
      });
      expect(status).to.equal(7);
      expect(stdout).to.equal('1\n2\n3\nexit 7\n');
      expect(stderr.trimEnd().split('\n')).to.have.length(1);
      expect(stderr.startsWith(`${PACKAGE_NAME}: Nothing is traced`), 'who says it').to.equal(true);
      expect(stderr).to.match(/npm install @opentelemetry\/api\S* @opentelemetry\/sdk-node/);
    });
  });
});
