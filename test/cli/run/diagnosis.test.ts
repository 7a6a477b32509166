import { expect } from 'chai';
import {
  whatIsMissing,
  whatMayBeFactories,
  whatWasNotDelivered,
  whyNoRuns,
  type Circumstances,
} from '../../../src/cli/run/diagnosis';
import type { Thread } from '../../../src/cli/run/model';
import type { TargetReport } from '../../../src/types';
import { CIRCUMSTANCES, makeRun, THREAD } from './runs';

const OWN: TargetReport = { target: './**/*.mjs[*]', status: 'not-loaded', modules: [], message: 'no file was loaded' };
const PRESET: TargetReport = {
  target: 'timers/promises[setInterval]',
  preset: 'node',
  status: 'patched',
  modules: [moduleOf('timers/promises', 'setInterval')],
  message: undefined,
};
const PATCHED: TargetReport = {
  target: './streams.mjs[*]',
  status: 'patched',
  modules: [moduleOf('/app/streams.mjs', 'numbers')],
  message: undefined,
};

function moduleOf(file: string, path: string) {
  const exports = [{ path, method: 'property' as const }];
  return { file, version: undefined, format: 'module' as const, exports, unread: [] };
}

function circumstances(
  targets: readonly TargetReport[] | undefined,
  given: Partial<Circumstances> = {},
): Circumstances {
  return { ...CIRCUMSTANCES, threads: [{ ...THREAD, targets }], ...given };
}

describe('why nothing was seen', () => {
  it('may be the switch', () => {
    const reasons = whyNoRuns(circumstances([], { switchedOffBy: 'OTEL_SDK_DISABLED=true' }));
    expect(reasons).to.deep.equal(['Tracing is switched off: OTEL_SDK_DISABLED=true.']);
  });

  it('may be that the application never reported', () => {
    const [reason] = whyNoRuns(circumstances([], { threads: [] }));
    expect(reason).to.contain('has not reported anything').and.to.contain('with status 0');
  });

  it('may be a problem with the configuration', () => {
    const [reason] = whyNoRuns(circumstances([], { configProblems: ['targets: "[" is not allowed'] }));
    expect(reason).to.equal('The configuration has a problem: targets: "[" is not allowed.');
  });

  it('ends a problem that ends with a question as it is', () => {
    const [reason] = whyNoRuns(circumstances([], { configProblems: ['did you mean "node"?'] }));
    expect(reason).to.equal('The configuration has a problem: did you mean "node"?');
  });

  it('may be that the generators stand in the entry file, which no target means', () => {
    const missing: TargetReport = { ...OWN, target: 'openai[*]' };
    const reasons = whyNoRuns(circumstances([missing], { isTracingEverything: false, entryIsLeftOut: true }));
    expect(reasons).to.have.length(2);
    expect(reasons[1]).to.contain('app.mjs').and.to.contain('--targets ./app.mjs traces them');
  });

  it('may be a bundle, of which it names the packages in it', () => {
    const bundles = [{ file: 'app.mjs', packages: ['openai', 'b', 'c', 'd'], holdsGenerators: true }];
    const reasons = whyNoRuns(circumstances([OWN, PRESET], { bundles }));
    expect(reasons).to.have.length(1);
    expect(reasons[0]).to.contain('app.mjs is a bundle that contains a copy of openai, b, c, and 1 more,');
    expect(reasons[0]).to.contain('--external:openai').and.to.contain('name the bundle itself');
  });

  it('may be a bundle that does not say what is in it', () => {
    const bundles = [{ file: './chunk.cjs', packages: [], holdsGenerators: true }];
    const reasons = whyNoRuns(circumstances([OWN, PRESET], { bundles }));
    expect(reasons).to.have.length(1);
    expect(reasons[0]).to.contain('./chunk.cjs looks like a bundle');
  });

  it('is no bundle in which there is no async generator', () => {
    const bundles = [{ file: 'app.mjs', packages: ['left-pad'], holdsGenerators: false }];
    const reasons = whyNoRuns(circumstances([OWN, PRESET], { bundles }));
    expect(reasons.join()).not.to.contain('bundle');
    expect(reasons).to.have.length(1);
  });

  it('may be that nothing of a preset was loaded that was asked for by name', () => {
    const ofPreset: TargetReport = {
      ...OWN,
      target: 'openai[x]',
      preset: 'openai',
      status: 'not-loaded',
      message: 'no package openai',
    };
    const given = { isTracingEverything: false, namedPresets: ['openai' as const] };
    expect(whyNoRuns(circumstances([ofPreset, ofPreset], given))).to.deep.equal(['Preset openai: no package openai.']);
  });

  it('may be that no file of the application holds one', () => {
    const reasons = whyNoRuns(circumstances([OWN, PRESET]));
    expect(reasons).to.have.length(1);
    expect(reasons[0]).to.contain('holds an async generator').and.to.contain('--targets');
  });

  it('may be that the generators are those of packages, of which it names some that the application loads', () => {
    const [reason] = whyNoRuns(circumstances([OWN, PRESET], { packages: ['openai', '@scope/a', 'b', 'c'] }));
    expect(reason).to.contain('Packages have to be named. app.mjs loads openai, @scope/a, b, and 1 more:');
    expect(reason).to.contain(
      'otel-async-generator inspect openai says what there is, and the --targets for it; with --deep, in all files of the package.',
    );
  });

  it('may be that nothing was pulled of what is written in a file', () => {
    const definitions = [
      { path: 'Client#pages', line: 3, column: 1, isTraced: true },
      { path: 'other', line: 5, column: 1, isTraced: false },
    ];
    const modules = [{ ...moduleOf('/app/app.mjs', ''), exports: [], definitions }];
    const [reason] = whyNoRuns(circumstances([{ ...PATCHED, modules }, PRESET]));
    expect(reason).to.contain('1 function would have been traced (Client#pages)');
  });

  it('may be that nothing was pulled', () => {
    const [reason] = whyNoRuns(circumstances([PATCHED, PRESET]));
    expect(reason).to.contain('1 function would have been traced (numbers)').and.to.contain('nothing called them');
  });

  it('is likely to be a failure of the application, before anything else can be', () => {
    const exit = { code: 1, signal: null };
    const [first, ...others] = whyNoRuns(circumstances([OWN, PRESET], { exit }));
    expect(first).to.equal('The application ended with status 1; perhaps it did not get that far.');
    expect(others.join()).to.contain('holds an async generator');
  });

  describe('in a TypeScript application that failed', () => {
    const given = { application: 'app.ts', exit: { code: 1, signal: null } };
    const reasonWith = (nodeArguments: string[]) => whyNoRuns(circumstances([OWN], { ...given, nodeArguments }))[0];

    it('may be that Node has no loader for it', function () {
      if ((process.features as { typescript?: unknown }).typescript) this.skip();
      expect(reasonWith(['--no-deprecation'])).to.contain('does not run TypeScript by itself');
    });

    for (const option of [
      '--import=tsx',
      '--import',
      '--require=ts-node/register',
      '-r',
      '--loader=tsx',
      '--experimental-loader',
      '--experimental-strip-types',
      '--experimental-transform-types',
      '"--import=tsx"',
    ]) {
      it(`is not that Node has no loader, where it was given ${option}`, () => {
        expect(reasonWith([option, 'tsx'])).to.equal(
          'The application ended with status 1; perhaps it did not get that far.',
        );
      });
    }
  });

  it('is less likely to be the signal that ended a server', () => {
    const exit = { code: null, signal: 'SIGINT' as const };
    const reasons = whyNoRuns(circumstances([OWN, PRESET], { exit }));
    expect(reasons[0]).to.contain('holds an async generator');
    expect(reasons.at(-1)).to.contain('ended with the signal SIGINT');
  });

  it('may be what the report says of each target that the user has named', () => {
    const named: TargetReport = {
      target: 'x[y]',
      status: 'no-export-matched',
      modules: [],
      message: 'no export matches y',
    };
    const reasons = whyNoRuns(circumstances([named, OWN, PRESET], { isTracingEverything: false }));
    expect(reasons.join()).to.contain('Target x[y]: no export matches y.').and.to.contain('no file was loaded');
  });

  it('may be that the instrumentation came too late, even where nobody has named a target', () => {
    const early: TargetReport = { ...OWN, status: 'loaded-before', message: 'loaded before the instrumentation' };
    expect(whyNoRuns(circumstances([early]))[0]).to.contain('loaded before the instrumentation');
  });

  it('may be that it was killed', () => {
    const reasons = whyNoRuns(circumstances(undefined, { exit: { code: null, signal: 'SIGKILL' } }));
    expect(reasons[0]).to.contain('ended by the signal SIGKILL');
  });

  it('may be that there are no targets', () => {
    expect(whyNoRuns(circumstances([], { isTracingEverything: false }))[0]).to.contain('There are no targets');
  });
});

describe('what was not traced', () => {
  const inPart: TargetReport = { ...PATCHED, message: 'create().stream: what it names is no function' };

  it('is also the part of a target that came to nothing', () => {
    const given = circumstances([inPart, PRESET], { isTracingEverything: false });
    expect(whatIsMissing(given)).to.deep.equal([
      'Target ./streams.mjs[*]: create().stream: what it names is no function.',
    ]);
  });

  it('comes first among the reasons why nothing was seen, if it is part of what was loaded', () => {
    const reasons = whyNoRuns(circumstances([missing, inPart], { isTracingEverything: false }));
    expect(reasons[0]).to.contain('what it names is no function.');
    expect(reasons[1]).to.contain('1 function would have been traced (numbers)');
    expect(reasons[2]).to.contain('it was not loaded.');
  });

  const missing: TargetReport = {
    target: 'openai[*]',
    status: 'not-loaded',
    modules: [],
    message: 'it was not loaded',
  };

  it('is a preset that was asked for by name, if nothing of it was loaded', () => {
    const ofPreset: TargetReport = {
      ...OWN,
      target: 'openai[x]',
      preset: 'openai',
      status: 'not-loaded',
      message: 'no package openai',
    };
    const given = { isTracingEverything: false, namedPresets: ['openai' as const, 'node' as const] };
    expect(whatIsMissing(circumstances([PATCHED, ofPreset, PRESET], given))).to.deep.equal([
      'Preset openai: no package openai.',
    ]);
  });

  it('may end with a question in quotes', () => {
    const configProblems = ['x is a directory: did you mean "./x/**/*.js"?'];
    expect(whatIsMissing(circumstances([], { configProblems }))).to.deep.equal([
      'The configuration has a problem: x is a directory: did you mean "./x/**/*.js"?',
    ]);
  });

  it('may end with a question', () => {
    const threads = [{ ...THREAD, targets: [{ ...missing, message: 'did you mean ./openai?' }] }];
    const given = circumstances([], { threads, isTracingEverything: false });
    expect(whatIsMissing(given)).to.deep.equal(['Target openai[*]: did you mean ./openai?']);
  });

  it('is each target that came to nothing in every process', () => {
    const threads = [
      { ...THREAD, targets: [missing, { ...PATCHED, status: 'not-loaded' as const }] },
      { ...THREAD, thread: 1, targets: [missing, PATCHED] },
    ];
    const given = circumstances([], { threads, isTracingEverything: false });
    expect(whatIsMissing(given)).to.deep.equal(['Target openai[*]: it was not loaded.']);
  });

  it('is nothing where the user has named nothing', () => {
    expect(whatIsMissing(circumstances([OWN, PATCHED]))).to.deep.equal([]);
  });

  it('is nothing of a preset: those are lists of what a program may use', () => {
    const ofPreset: TargetReport = { ...PRESET, status: 'not-loaded', message: 'it was not loaded' };
    expect(whatIsMissing(circumstances([PATCHED, ofPreset], { isTracingEverything: false }))).to.deep.equal([]);
  });
});

describe('what may be a factory', () => {
  const made = (exportPath: string) => makeRun({ exportPath, end: { items: 0, atOnce: true } });

  it('is a function whose run ended in the very call, without items', () => {
    expect(whatMayBeFactories([made('mk'), made('mk')])).to.deep.equal([
      'mk returned something that is not an async iterable, so there were no items. If it is a factory, add what it makes to its selector: ' +
        '() for a function, ().name for a method of an object, or a stream in it.',
    ]);
  });

  it('is told once for all of them', () => {
    const hints = whatMayBeFactories([made('mk'), made('createPaginator')]);
    expect(hints).to.have.length(1);
    expect(hints[0]).to.match(/^mk \(and 1 other function\) returned/);
  });

  it('is no generator that has nothing to yield, and no function that failed', () => {
    const failed = makeRun({ end: { items: 0, atOnce: true, outcome: 'failed' } });
    expect(whatMayBeFactories([makeRun({ end: { items: 0 } }), failed])).to.deep.equal([]);
  });
});

const ENDPOINT = new URL('http://user:secret@localhost:4318');

const losing = (undelivered: Thread['undelivered']): Thread => ({ ...THREAD, undelivered });

describe('what was not delivered', () => {
  const refused = losing({ signals: ['traces', 'logs'], isAll: true, reason: 'connection refused' });

  it('is told with its destination, but without the password in that, and the reason', () => {
    expect(whatWasNotDelivered({ threads: [refused], otlp: ENDPOINT })).to.deep.equal([
      'Nothing was delivered to http://localhost:4318 (traces, logs): connection refused.',
    ]);
  });

  it('may be a part', () => {
    const [sentence] = whatWasNotDelivered({
      threads: [losing({ signals: ['logs'], isAll: false, reason: 'Not Found' })],
      otlp: ENDPOINT,
    });
    expect(sentence).to.equal('Not everything was delivered to http://localhost:4318 (logs): Not Found.');
  });

  it('may have no known reason', () => {
    const thread = losing({ signals: ['traces'], isAll: true, reason: undefined });
    expect(whatWasNotDelivered({ threads: [thread], otlp: ENDPOINT })[0]).to.match(/: no answer in time\.$/);
  });

  it('is told once for all processes', () => {
    expect(whatWasNotDelivered({ threads: [refused, refused, THREAD], otlp: ENDPOINT })).to.have.length(1);
  });

  it('is nothing where nobody has asked for it', () => {
    expect(whatWasNotDelivered({ threads: [refused], otlp: undefined })).to.deep.equal([]);
  });
});
