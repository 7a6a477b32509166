import type { TracerProvider } from '@opentelemetry/api';
import type { Logger, LoggerProvider } from '@opentelemetry/api-logs';
import { InstrumentationBase } from '@opentelemetry/instrumentation';
import { resolveConfig } from './options/resolve';
import { configure } from './options/sources';
import { ModuleWatcher } from './watch';
import { isInternalThread } from './watch/internal-thread';
import { ModulePatcher } from './install/patcher';
import type { ResolvedConfig } from './targets/target';
import { OpenRuns, Scope } from './trace/scope';
import { logger } from './base/logger';
import { isLoggerProxy, registeredLoggerProvider } from './base/registry';
import { Reporter } from './base/reporter';
import { RunMetrics } from './telemetry/metrics';
import type { AsyncGeneratorInstrumentationConfig, TargetReport } from './types';
import { PACKAGE_NAME, PACKAGE_VERSION } from './version';

/**
 * Checks a configuration and returns it. Use it for a configuration that is kept apart from `new AsyncGeneratorInstrumentation(config)`.
 *
 * @returns the same configuration
 * @throws TypeError that names the option, the value and what is allowed
 * @example
 * export const config = defineConfig({
 *   presets: ['openai'],
 *   targets: [{ module: './src/**\/*.js', startOn: 'call' }],
 * });
 */
export function defineConfig(config: AsyncGeneratorInstrumentationConfig): AsyncGeneratorInstrumentationConfig {
  resolveConfig(config);
  return config;
}

/**
 * Traces the async generators defined in your own files and those that other modules export. Each run has exactly one span.
 *
 * @example
 * registerInstrumentations({
 *   instrumentations: [new AsyncGeneratorInstrumentation({ targets: ['@aws-sdk/client-s3[paginate*]'] })],
 * });
 */
export class AsyncGeneratorInstrumentation extends InstrumentationBase<AsyncGeneratorInstrumentationConfig> {
  // Declared only: the base class calls `setConfig` and `enable` before field initialisers would run, which would
  // then overwrite what those have set.
  declare private resolved: ResolvedConfig;
  /** By environment variables or a file: then no `enable` of an SDK switches it on. */
  declare private isSwitchedOff: boolean;
  declare private openRuns: OpenRuns | undefined;
  declare private scope: Scope | undefined;
  declare private patcher: ModulePatcher | undefined;
  declare private provider: TracerProvider | undefined;
  declare private loggerProvider: LoggerProvider | undefined;
  declare private runMetrics: RunMetrics | undefined;
  declare private watcher: ModuleWatcher | undefined;
  declare private stopWatching: () => void;

  /**
   * @param config see `AsyncGeneratorInstrumentationConfig`. Options that it leaves out are taken from the environment variables
   *   `OTEL_INSTRUMENTATION_ASYNC_GENERATOR_*`, then from the configuration file; mistakes in these are reported
   *   through `diag` and ignored
   * @throws TypeError if the configuration is malformed; it names the path, the value and what is allowed
   */
  constructor(config: AsyncGeneratorInstrumentationConfig = {}) {
    super(PACKAGE_NAME, PACKAGE_VERSION, config);
  }

  /** Nothing for the base class to hook: watch/ sees sub-paths, own files and circular requires, which its hooks do not. */
  protected override init(): undefined {
    return undefined;
  }

  /**
   * Replaces the configuration. Modules that are already loaded are patched for the new targets. Runs of
   * generators that were created before end under the old configuration.
   *
   * Options that it leaves out are taken from environment variables and the configuration file, as in the constructor.
   *
   * @throws TypeError if the configuration is malformed; the old one then stays in force
   */
  override setConfig(config: AsyncGeneratorInstrumentationConfig = {}): void {
    const { options, resolved, isSwitchedOff } = configure(config);
    this.resolved = resolved;
    super.setConfig(options);
    this.isSwitchedOff = isSwitchedOff;
    if (this.isSwitchedOff) this.disable();
    if (this.patcher === undefined) return;
    const wasEnabled = this.isEnabled();
    if (wasEnabled) this.detach();
    this.patcher = undefined;
    // What was traced by the old configuration must not come back to life with the new one.
    this.scope = undefined;
    if (wasEnabled) this.attach();
  }

  override setLoggerProvider(loggerProvider: LoggerProvider): void {
    super.setLoggerProvider(loggerProvider);
    this.loggerProvider = loggerProvider;
  }

  override setTracerProvider(tracerProvider: TracerProvider): void {
    super.setTracerProvider(tracerProvider);
    this.scope?.setTracerProvider(tracerProvider);
    this.provider = tracerProvider;
  }

  /** Called by the base class with each MeterProvider. */
  override _updateMetricInstruments(): void {
    this.runMetrics = undefined;
    try {
      this.runMetrics = RunMetrics.of(this.meter);
    } catch (error) {
      logger.error('Could not make the instruments of metrics, runs are not counted', error);
    }
  }

  override enable(): void {
    if (this.isEnabled()) return;
    if (this.isSwitchedOff) {
      this._diag.info('switched off by environment variables or the configuration file');
      return;
    }
    super.enable();
    this.attach();
  }

  /**
   * Restores the patched exports and ends every open run as `interrupted`. Wrappers that the program still holds call
   * the originals directly. Call it before the SDK's `shutdown()`: spans that end later are not exported.
   */
  override disable(): void {
    if (!this.isEnabled()) return;
    super.disable();
    this.detach();
    this.openRuns?.interrupt();
    this.patcher?.report.warn({ includingNotLoaded: true });
  }

  /** What became of each target: patched (which exports, how), or why not and what to do. */
  getPatchReport(): readonly TargetReport[] {
    // Other instrumentations may have taken off what this one has put in place.
    if (this.isEnabled()) this.patcher?.applyAgain();
    return this.patcher?.report.toJSON() ?? [];
  }

  /**
   * The configuration has been compiled by `setConfig`. What the program loads goes from `watch` to `install`, which puts traced functions in
   * the place of those that the targets select. Their runs are traced in the scope.
   */
  private attach(): void {
    if (isInternalThread()) return;
    // Trace.
    const openRuns = (this.openRuns ??= new OpenRuns());
    openRuns.canStart = true;
    const scope = (this.scope ??= this.createScope(openRuns));
    scope.enabled = true;
    // Install.
    const patcher = (this.patcher ??= new ModulePatcher(this.resolved, scope));
    // Watch.
    this.watcher ??= new ModuleWatcher();
    this.stopWatching = this.watcher.start({
      ...this.resolved,
      sourceTargets: patcher.sourceTargets,
      moduleLoaded(module) {
        patcher.patchModule(module);
      },
      sourceSeen(file) {
        patcher.patchSource(file);
      },
      settled() {
        patcher.report.warn({ includingNotLoaded: true });
      },
    });
  }

  private detach(): void {
    const { scope, patcher } = this;
    if (scope === undefined || patcher === undefined) return;
    scope.enabled = false;
    patcher.undo();
    this.stopWatching();
  }

  /** That of the provider that it was registered with; but SDKs register theirs later, and give a proxy before that. */
  private currentLogger(): Logger {
    const { loggerProvider: given } = this;
    const provider = given === undefined || isLoggerProxy(given) ? registeredLoggerProvider() : undefined;
    return provider?.getLogger(PACKAGE_NAME, PACKAGE_VERSION) ?? this.logger;
  }

  private createScope(openRuns: OpenRuns): Scope {
    const signals = { tracer: () => this.tracer, metrics: () => this.runMetrics, logger: () => this.currentLogger() };
    const scope = new Scope(signals, new Reporter(() => logger), openRuns, true);
    if (this.provider !== undefined) scope.setTracerProvider(this.provider);
    return scope;
  }
}
