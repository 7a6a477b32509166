// A process of the comparison: one contestant, one exit. Appends lines of JSON to a file, since at a process exit nothing else arrives.
import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { contestants } from './contestants/index.mjs';
import { functionSubject } from './kit/function-subject.mjs';
import { observe } from './kit/observe.mjs';
import { loadOpenai, loadOpenaiApart, openaiSubject } from './kit/openai-subject.mjs';
import { createRecorder } from './kit/recorder.mjs';

/** What Node ends with where nothing is left to do, and an `await` is pending. */
const WAITS_FOR_EVER = 13;

const { name, exit, file, scale } = JSON.parse(process.argv[2]);
const require = createRequire(new URL('../peers/package.json', import.meta.url));
const ourPackage = (entry) => createRequire(import.meta.url)(`../../build/src/${entry}.js`);

const tell = (line) => appendFileSync(file, `${JSON.stringify(line)}\n`);

const { load, subject: kind } = contestants.find((contestant) => contestant.name === name);
const untraced = kind === 'openai' && loadOpenaiApart(require);
const recorder = createRecorder((span) => tell({ span }));
const contestant = await load({ require, ourPackage, record: recorder.record });
const subject =
  kind === 'openai'
    ? await openaiSubject({ ...contestant, modules: { untraced, traced: loadOpenai(require) } })
    : functionSubject(contestant);
process.once('exit', (status) => {
  if (status === WAITS_FOR_EVER) tell({ observation: { exit, isStuck: true } });
});
tell({ observation: await observe({ exit, subject, contestant, recorder, scale }) });
process.exit(0);
