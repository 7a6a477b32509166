// To the hot path: manual/traced.ts, trace/traced-function.ts, trace/generator.ts.
export { AsyncGeneratorInstrumentation, defineConfig } from './instrumentation';
export { registerImportHooks, type ImportHookOptions } from './register-import-hooks';
export { definePreset } from './options/presets';
export type { Preset } from './presets/preset';
export type { PresetTarget } from './targets/target';
export type {
  GenAiInput,
  GenAiMessage,
  GenAiPart,
  GenAiReader,
  GenAiRequest,
  GenAiResponse,
} from './telemetry/gen-ai/reader';
export { traceAsyncGenerator, traced } from './manual/traced';
export type {
  AsyncGeneratorInstrumentationConfig,
  GeneratorCall,
  ItemOf,
  ModuleReport,
  PatchedExport,
  PatchMethod,
  PresetName,
  RunHooks,
  RunOptions,
  RunOutcome,
  RunSummary,
  SpanOptions,
  TargetConfig,
  ThenableMember,
  TargetReport,
  TargetStatus,
  TraceOptions,
} from './types';
