// Has the kit judge wrong wrappers, and prints what it says: `{ [name]: { [check]: exits that fail } }`.
import { checks, judge } from '../../bench/compare/kit/checks.mjs';
import { exits } from '../../bench/compare/kit/exits.mjs';
import { functionSubject } from '../../bench/compare/kit/function-subject.mjs';
import { observe, withSpans } from '../../bench/compare/kit/observe.mjs';
import { inActiveSpan, startOpenTelemetry } from '../../bench/compare/kit/otel.mjs';
import { createRecorder } from '../../bench/compare/kit/recorder.mjs';
import { wrongWrappers } from './wrong-wrappers.mjs';

let records = [];
const recorder = createRecorder((record) => records.push(record));
startOpenTelemetry(recorder.record);

const verdicts = {};
for (const { name, trace, scale } of wrongWrappers) {
  const contestant = { span: inActiveSpan, trace };
  const subject = functionSubject(contestant);
  const outcomes = {};
  // The process exit ends this process.
  for (const { name: exit } of exits.filter((each) => each.name !== 'exit')) {
    records = [];
    const observation = await observe({ exit, subject, contestant, recorder, scale });
    outcomes[exit] = judge(withSpans(observation, records));
  }
  verdicts[name] = failuresOf(outcomes);
}
console.log(JSON.stringify(verdicts));

function failuresOf(outcomes) {
  const failing = checks.map(({ name }) => [
    name,
    Object.keys(outcomes).filter((exit) => typeof outcomes[exit][name] === 'string'),
  ]);
  return Object.fromEntries(failing.filter(([, where]) => where.length > 0));
}
