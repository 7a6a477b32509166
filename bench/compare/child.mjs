// A process of the comparison: one contestant, one exit. Appends lines of JSON to a file, since at a process exit nothing else arrives.
import { appendFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { contestants } from './contestants/index.mjs';
import { functionSubject } from './kit/function-subject.mjs';
import { observe } from './kit/observe.mjs';
import { createRecorder } from './kit/recorder.mjs';

const { name, exit, file, scale } = JSON.parse(process.argv[2]);
const require = createRequire(new URL('../peers/package.json', import.meta.url));
const ourPackage = (entry) => createRequire(import.meta.url)(`../../build/src/${entry}.js`);

const tell = (line) => appendFileSync(file, `${JSON.stringify(line)}\n`);

const { load } = contestants.find((contestant) => contestant.name === name);
const recorder = createRecorder((span) => tell({ span }));
const contestant = await load({ require, ourPackage, record: recorder.record });
const subject = functionSubject(contestant);
tell({ observation: await observe({ exit, subject, contestant, recorder, scale }) });
process.exit(0);
