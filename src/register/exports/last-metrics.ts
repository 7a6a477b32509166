/**
 * What a metric reader has still to export when the process ends.
 *
 * `MetricReader.collect()` is asynchronous, since it waits for the program's metric callbacks, and `exit` listeners have no event
 * loop. Everything else about a collection is synchronous, so it is done here part by part, without the callbacks. There is no
 * API for that. Where an SDK turns out to have other parts, nothing is collected.
 * https://github.com/open-telemetry/opentelemetry-js/blob/main/packages/sdk-metrics/src/state/MeterSharedState.ts
 */
import type { HrTime } from '@opentelemetry/api';
import { wallTime } from '../../base/clock';

export interface ResourceMetrics {
  readonly resource: object;
  readonly scopeMetrics: readonly { readonly scope: object; readonly metrics: readonly object[] }[];
}

/** The state of one metric reader: its key in the storages. */
interface Collector {
  readonly _sharedState: {
    readonly resource: object;
    readonly meterSharedStates: ReadonlyMap<string, Meter>;
  };
}

interface Meter {
  readonly _instrumentationScope: object;
  readonly metricStorageRegistry: { getStorages(collector: Collector): readonly Storage[] };
}

interface Storage {
  getInstrumentDescriptor(): { readonly type: string };
  collect(collector: Collector, time: HrTime): object | undefined;
  readonly _deltaMetricStorage?: { readonly _activeCollectionStorage?: Recorded };
  readonly _temporalMetricStorage?: {
    readonly _unreportedAccumulations?: ReadonlyMap<Collector, readonly Recorded[]>;
  };
}

type Recorded = { readonly size: number } | undefined;

/**
 * Collects what has been recorded, without the program's metric callbacks, as the reader itself would do next.
 *
 * @param reader of OpenTelemetry's SDK
 * @param known from `uncollected`: what is not worth a collection
 * @returns undefined if nothing else has been recorded since the reader's last collection, or if it is shut down
 */
export function collectNow(reader: object, known: ReadonlySet<object> = new Set()): ResourceMetrics | undefined {
  if (uncollected(reader).every((storage) => known.has(storage))) return undefined;
  const { _sdkMetricProducer: collector } = reader as { _sdkMetricProducer: Collector };
  try {
    const time = wallTime();
    const scopeMetrics = metersOf(collector).map(({ scope, storages }) => ({
      scope,
      metrics: storages.map((each) => each.collect(collector, time)).filter((each) => each !== undefined),
    }));
    const { resource } = collector._sharedState;
    return { resource, scopeMetrics: scopeMetrics.filter(({ metrics }) => metrics.length > 0) };
  } catch {
    // What the user has made for the SDK, an aggregation for one, may throw.
    return undefined;
  }
}

/** The storages in which something has been recorded since the reader's last collection. */
export function uncollected(reader: object): readonly object[] {
  const { _sdkMetricProducer: collector, _shutdown: isShutDown } = reader as {
    _sdkMetricProducer?: Collector;
    _shutdown?: boolean;
  };
  if (collector === undefined || isShutDown === true) return [];
  try {
    return metersOf(collector).flatMap(({ storages }) => storages.filter((each) => hasNew(each, collector)));
  } catch {
    // An SDK of another kind.
    return [];
  }
}

function metersOf(collector: Collector): { scope: object; storages: Storage[] }[] {
  return Array.from(collector._sharedState.meterSharedStates.values(), (meter) => ({
    scope: meter._instrumentationScope,
    storages: meter.metricStorageRegistry.getStorages(collector).filter((each) => !isObservable(each)),
  }));
}

/** What the callbacks have said last has been exported then. */
const isObservable = (storage: Storage) => storage.getInstrumentDescriptor().type.startsWith('OBSERVABLE');

/** Otherwise every process would send once more at its end what has arrived already. */
function hasNew(storage: Storage, collector: Collector): boolean {
  const recorded = storage._deltaMetricStorage?._activeCollectionStorage;
  // What another reader has collected, and this one has not.
  const left = storage._temporalMetricStorage?._unreportedAccumulations?.get(collector) ?? [];
  return [recorded, ...left].some((each) => each?.size !== 0);
}
