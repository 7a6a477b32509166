export { SpanRecorder, type PatchNamespaceOptions, type SpanRecorderOptions } from './recorder/span-recorder';
export type { RecorderSpanProcessor } from './recorder/span-log';
export {
  createSpanSerializer,
  formatSpans,
  spanSerializer,
  spansToJSON,
  type JsonSpan,
  type SpanSerializer,
} from './format/format-spans';
export type { FormatOptions, Redaction, Selection } from './format/options';
export type { Spans } from './format/forest';
export type { RecordedSpan, SpanLike, SpanSource } from './format/span-like';
export { spanSnapshots } from './snapshots/span-snapshots';
export { createMochaHooks, mochaHooks, type MochaHooksOptions, type MochaRootHooks } from './snapshots/mocha-hooks';
