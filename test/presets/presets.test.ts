import { expect } from 'chai';
import { EventEmitter } from 'node:events';
import * as path from 'node:path';
import { resolveConfig } from '../../src/options/resolve';
import { PRESET_NAMES, PRESETS } from '../../src/presets';
import type { PresetName } from '../../src/types';
import { drain, load, setUpPatching, spansOf } from '../install/support';
import { ROOT, runNode } from '../support/child';

const PRESETS_VARIABLE = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_PRESETS';
const TARGETS_VARIABLE = 'OTEL_INSTRUMENTATION_ASYNC_GENERATOR_TARGETS';

/** Runs a program that has an SDK, and the instrumentation as the environment has it; gives what it wrote, line by line. */
async function run(type: 'module' | 'commonjs', code: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const args = ['--import', './setup-by-environment.cjs', `--input-type=${type}`, '--eval', code];
  // The AWS SDK announces on Node 20 that it is going to ask for a newer one.
  const quiet = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true', OTEL_LOG_LEVEL: 'warn' };
  const { status, stdout, stderr } = await runNode(args, { env: { ...quiet, ...env } });
  if (status !== 0) throw new Error(`the program exited with ${status}:\n${stderr}\n${stdout}`);
  return stdout.trimEnd().split('\n');
}

describe('presets', () => {
  for (const name of PRESET_NAMES) {
    it(`${name} is a valid list of targets, each with a name for its spans`, () => {
      const { targets } = resolveConfig({ presets: [name] });
      expect(targets).to.have.lengthOf(PRESETS[name].targets.length);
      for (const { preset, spanName, leavingSignal } of targets) {
        expect(preset).to.equal(name);
        // What watches a helper has no spans.
        if (leavingSignal === undefined) expect(spanName).to.not.equal(undefined);
      }
    });
  }

  it('are all in `all`, and counted once if named twice', () => {
    const texts = (presets: 'all' | PresetName[]) => resolveConfig({ presets }).targets.map(({ text }) => text);
    expect(texts('all')).to.deep.equal(texts(PRESET_NAMES));
    expect(texts(['node', 'node'])).to.deep.equal(texts(['node']));
  });

  it('come after the targets', () => {
    const { targets } = resolveConfig({ presets: ['node'], targets: 'it-map' });
    expect(targets[0]?.text).to.equal('it-map[*]');
  });

  describe('in a program', () => {
    const patching = setUpPatching();

    it('that never loads their modules: listed in the report, and no warning', () => {
      const instrumentation = patching.instrument([], { presets: ['aws-sdk'] });
      const [report] = instrumentation.getPatchReport();
      expect(report).to.deep.include({
        target: '@smithy/core[createPaginator()]',
        preset: 'aws-sdk',
        status: 'not-loaded',
      });
      instrumentation.disable();
      expect(patching.diagnostics).to.deep.equal([]);
    });

    it('that loads another version of their module: listed in the report, and no warning', () => {
      const instrumentation = patching.instrument([], { presets: ['anthropic'] });
      load('@anthropic-ai/sdk');
      const [report] = instrumentation.getPatchReport();
      expect(report).to.include({ preset: 'anthropic', status: 'not-patchable' });
      expect(report?.message).to.match(/^loaded in 0\.10\.0 .*, but "versions" asks for >=0\.14\.0$/);
      instrumentation.disable();
      expect(patching.diagnostics).to.deep.equal([]);
    });

    it('give way to a target of the user for the same function', async () => {
      const mine = { module: 'node:timers/promises', exports: ['setInterval'], attributes: { 'app.mine': true } };
      const instrumentation = patching.instrument([mine], { presets: ['node'] });
      const { setInterval } = process.getBuiltinModule('timers/promises');
      for await (const _ of setInterval(1)) break;
      expect(spansOf(patching.tracing)).to.deep.equal(['setInterval returned']);
      expect(patching.tracing.onlySpan().attributes).to.include({ 'app.mine': true });
      instrumentation.disable();
      expect(patching.diagnostics).to.deep.equal([]);
    });

    it('name what a core module made by its module and function', async () => {
      patching.instrument([], { presets: ['node'] });
      const { on } = process.getBuiltinModule('events');
      const emitter = new EventEmitter();
      const events = on(emitter, 'data', { close: ['end'] });
      emitter.emit('data', 1);
      emitter.emit('end');
      expect(await drain(events)).to.deep.equal([[1]]);
      expect(spansOf(patching.tracing)).to.deep.equal(['events.on completed']);
    });

    it('can be taken off again', () => {
      const { on } = process.getBuiltinModule('events');
      const instrumentation = patching.instrument([], { presets: ['node'] });
      expect(process.getBuiltinModule('events').on).to.not.equal(on);
      instrumentation.disable();
      expect(process.getBuiltinModule('events').on).to.equal(on);
    });
  });

  describe('node', () => {
    for (const [type, imports] of [
      [
        'module',
        `import { setInterval } from 'node:timers/promises';
        import { EventEmitter, on } from 'node:events';
        import { mkdtemp, rm, watch, writeFile } from 'fs/promises';
        import { createInterface } from 'node:readline';
        import { Readable } from 'node:stream';`,
      ],
      [
        'commonjs',
        `const { setInterval } = require('timers/promises');
        const { EventEmitter, on } = require('events');
        const { mkdtemp, rm, watch, writeFile } = require('node:fs').promises;
        const { createInterface } = require('readline');
        const { Readable } = require('stream');`,
      ],
    ] as const) {
      it(`traces timers, events, lines and watched files of a program in ${type}`, async () => {
        const lines = await run(
          type,
          `${imports}
          async function main() {
            let ticks = 0;
            for await (const _ of setInterval(1)) if (++ticks === 2) break;

            const emitter = new EventEmitter();
            const events = on(emitter, 'data', { close: ['end'] });
            emitter.emit('data', 1);
            emitter.emit('end');
            for await (const [value] of events) console.log('event', value);

            for await (const line of createInterface({ input: Readable.from(['one\\ntwo\\n']) })) console.log(line);

            const folder = await mkdtemp(process.getBuiltinModule('os').tmpdir() + '/watch-');
            const stop = new AbortController();
            const watching = (async () => {
              for await (const { filename } of watch(folder, { signal: stop.signal })) return filename;
            })();
            setTimeout(function write() {
              writeFile(folder + '/a.txt', 'a').catch(() => {});
              if (!stop.signal.aborted) setTimeout(write, 20);
            });
            console.log('changed', await watching);
            stop.abort();
            await rm(folder, { recursive: true });
          }
          main();`,
          { [PRESETS_VARIABLE]: 'node' },
        );
        expect(lines).to.deep.equal([
          'event 1',
          'one',
          'two',
          'changed a.txt',
          'timers/promises.setInterval returned',
          'events.on completed',
          'events.on completed',
          'fs/promises.watch returned',
        ]);
      });
    }
  });

  describe('aws-sdk', () => {
    const SERVER = path.join(ROOT, 'examples/demo/start-server.mjs');
    const client = `
      const server = await startServer();
      const client = new S3Client({
        endpoint: server.url,
        forcePathStyle: true,
        region: 'us-east-1',
        credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      });
      let keys = [];
      for await (const page of paginateListObjectsV2({ client, pageSize: 2 }, { Bucket: 'orders' })) {
        keys.push(...page.Contents.map(({ Key }) => Key));
      }
      console.log(keys.join());
      for await (const page of paginateListObjectsV2({ client, pageSize: 1 }, { Bucket: 'orders' })) break;
      client.destroy();
      server.stop();`;
    const PROGRAMS = [
      [
        'module',
        `import { paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
        import { startServer } from ${JSON.stringify(SERVER)};
        ${client}`,
      ],
      [
        'commonjs',
        `const { paginateListObjectsV2, S3Client } = require('@aws-sdk/client-s3');
        import(${JSON.stringify(SERVER)}).then(async ({ startServer }) => { ${client} });`,
      ],
    ] as const;

    for (const [type, code] of PROGRAMS) {
      it(`traces the paginators of a real client in ${type}, named after the operation`, async () => {
        expect(await run(type, code, { [PRESETS_VARIABLE]: 'aws-sdk' })).to.deep.equal([
          'monday.txt,tuesday.txt,wednesday.txt',
          'S3.ListObjectsV2 completed',
          'S3.ListObjectsV2 returned',
        ]);
      });

      it(`gives way in ${type} to a target that names the client, though its function comes first`, async () => {
        const env = { [PRESETS_VARIABLE]: 'aws-sdk', [TARGETS_VARIABLE]: '@aws-sdk/client-s3[paginate*]' };
        expect(await run(type, code, env)).to.deep.equal([
          'monday.txt,tuesday.txt,wednesday.txt',
          'paginateListObjectsV2 completed',
          'paginateListObjectsV2 returned',
        ]);
      });
    }
  });
});
