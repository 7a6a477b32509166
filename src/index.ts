export { AsyncGeneratorInstrumentation } from './instrumentation';
export { registerImportHooks, type ImportHookOptions } from './register-import-hooks';
export { traceAsyncGenerator } from './manual/trace-async-generator';
export { traced } from './manual/traced';
export type {
  AsyncGeneratorInstrumentationConfig,
  GeneratorCall,
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
