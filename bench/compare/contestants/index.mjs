// The contestants. One is added by a file here and a line below.
import braintrustOpenai from './braintrust-openai.mjs';
import braintrust from './braintrust.mjs';
import { datadogOpenai, datadogWrap } from './datadog.mjs';
import forAwait from './for-await.mjs';
import langfuseOpenai from './langfuse-openai.mjs';
import langfuse from './langfuse.mjs';
import langsmithOpenai from './langsmith-openai.mjs';
import langsmith from './langsmith.mjs';
import lmnr from './lmnr.mjs';
import { newRelicOpenai, newRelicSegment } from './newrelic.mjs';
import openinferenceOpenai from './openinference-openai.mjs';
import openinference from './openinference.mjs';
import otelOpenai from './otel-openai.mjs';
import { ourFunction, ourPreset } from './ours.mjs';
import { sentryOpenai, sentryStartSpan } from './sentry.mjs';
import traceloopOpenai from './traceloop-openai.mjs';
import traceloop from './traceloop.mjs';

const functions = [
  ourFunction,
  forAwait,
  langsmith,
  braintrust,
  lmnr,
  openinference,
  langfuse,
  traceloop,
  datadogWrap,
  newRelicSegment,
  sentryStartSpan,
];
const clients = [
  ...[ourPreset, otelOpenai, openinferenceOpenai, traceloopOpenai, langfuseOpenai, langsmithOpenai, braintrustOpenai],
  ...[datadogOpenai, newRelicOpenai, sentryOpenai],
];

export const contestants = [...functions, ...clients];
