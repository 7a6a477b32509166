// Preloaded after the set-up of a program: records the spans that its SDK exports, and writes their text, at the end, to the
// file that SPANS_FILE names.
import { writeFileSync } from 'node:fs';
import { formatSpans, SpanRecorder } from 'opentelemetry-instrumentation-async-generator/testing';

const recorder = new SpanRecorder();
process.once('exit', () => writeFileSync(process.env.SPANS_FILE, formatSpans(recorder)));
