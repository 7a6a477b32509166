// The rows. One is added by a file here and a line below: `{ name, label, load(copy) }`, where `load` returns the program
// (../program.cjs) with its generators traced.
import byHand from './by-hand.mjs';
import contextFromCreation from './context-from-creation.mjs';
import disabled from './disabled.mjs';
import forAwait from './for-await.mjs';
import forAwaitInContext from './for-await-in-context.mjs';
import genAi from './gen-ai.mjs';
import genAiMetrics from './gen-ai-metrics.mjs';
import inPlace from './in-place.mjs';
import notRecording from './not-recording.mjs';
import recording from './recording.mjs';
import timingOff from './timing-off.mjs';
import unwrapped from './unwrapped.mjs';

export const rows = [
  unwrapped,
  recording,
  genAi,
  genAiMetrics,
  timingOff,
  contextFromCreation,
  notRecording,
  disabled,
  forAwait,
  forAwaitInContext,
  inPlace,
  byHand,
];
