// The contestants. One is added by a file here and a line below.
import braintrust from './braintrust.mjs';
import forAwait from './for-await.mjs';
import langfuse from './langfuse.mjs';
import langsmith from './langsmith.mjs';
import lmnr from './lmnr.mjs';
import openinference from './openinference.mjs';
import ours from './ours.mjs';
import traceloop from './traceloop.mjs';

export const contestants = [ours, forAwait, langsmith, braintrust, lmnr, openinference, langfuse, traceloop];
