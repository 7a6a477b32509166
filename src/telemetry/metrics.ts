/**
 * The metrics of runs: recorded once a run, whether its span is sampled or not, and never for an item.
 *
 * Their names and attributes are this package's own, as those of spans are. Units follow the semantic conventions: seconds, and annotations in braces.
 */
import { createNoopMeter, type Attributes, type Histogram, type Meter, type UpDownCounter } from '@opentelemetry/api';
import { classNameOf, OwnWeakMap, OwnWeakSet } from '../base/intrinsics';
import type { RunSummary } from '../types';
import { ATTR_CODE_FUNCTION_NAME, ATTR_ERROR_TYPE, ATTR_MODULE_NAME, ATTR_OUTCOME } from './attributes';
import { errorType } from './errors';
import { GenAiMetrics } from './gen-ai/metrics';

// Seconds, but for the two that count items and runs.
export const METRIC_RUN_DURATION = 'async_generator.run.duration';
export const METRIC_RUN_ITEMS = 'async_generator.run.items';
export const METRIC_TIME_TO_FIRST_ITEM = 'async_generator.time_to_first_item';
export const METRIC_PRODUCER_TIME = 'async_generator.producer.time';
export const METRIC_CONSUMER_TIME = 'async_generator.consumer.time';
export const METRIC_ACTIVE_RUNS = 'async_generator.run.active';

/** Streams last from microseconds to hours; the SDK's own boundaries are those of HTTP requests in milliseconds. */
const SECONDS = {
  unit: 's',
  advice: {
    explicitBucketBoundaries: [
      ...[0.000_01, 0.000_1, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5],
      ...[1, 5, 10, 30, 60, 300, 1_800, 7_200],
    ],
  },
};

const ITEMS = {
  unit: '{item}',
  advice: { explicitBucketBoundaries: [0, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000] },
};

/** Name of the class of instruments that record nothing. Compared by name: another copy of the API has its own class. */
const NOOP_COUNTER = classNameOf(createNoopMeter().createUpDownCounter(''));

const unwanted = new OwnWeakSet<Meter>();

/** From now on, runs are not counted with the instruments of this meter. */
export function ignoreMeter(meter: Meter): void {
  unwanted.add(meter);
}

/** The instruments of one meter. */
export class RunMetrics {
  private readonly duration: Histogram;
  private readonly items: Histogram;
  private readonly timeToFirstItem: Histogram;
  private readonly producerTime: Histogram;
  private readonly consumerTime: Histogram;
  private readonly attributes = new OwnWeakMap<Attributes, Attributes>();

  private ofModels: GenAiMetrics | undefined;

  private constructor(
    private readonly meter: Meter,
    private readonly active: UpDownCounter,
  ) {
    const seconds = (name: string, description: string) => meter.createHistogram(name, { ...SECONDS, description });
    this.duration = seconds(METRIC_RUN_DURATION, 'Duration of runs of async generators.');
    this.items = meter.createHistogram(METRIC_RUN_ITEMS, { ...ITEMS, description: 'Items that a run yielded.' });
    this.timeToFirstItem = seconds(METRIC_TIME_TO_FIRST_ITEM, 'Time from the start of a run to its first item.');
    this.producerTime = seconds(METRIC_PRODUCER_TIME, 'Time during which the consumer waited for the generator.');
    this.consumerTime = seconds(METRIC_CONSUMER_TIME, 'Time during which the generator waited for the consumer.');
  }

  /** @returns undefined where no MeterProvider is registered, so that a run has nothing to do for metrics */
  static of(meter: Meter): RunMetrics | undefined {
    if (unwanted.has(meter)) return undefined;
    const active = meter.createUpDownCounter(METRIC_ACTIVE_RUNS, {
      unit: '{run}',
      description: 'Runs of async generators that have started and have not ended.',
    });
    return classNameOf(active) === NOOP_COUNTER ? undefined : new RunMetrics(meter, active);
  }

  /** Made with the first request to a model, since most programs have none. */
  get genAi(): GenAiMetrics {
    return (this.ofModels ??= new GenAiMetrics(this.meter));
  }

  /** @param attributes of the span of the run, the same object for all runs of a function */
  runOpened(attributes: Attributes): void {
    this.active.add(1, this.ofFunction(attributes));
  }

  runClosed(attributes: Attributes): void {
    this.active.add(-1, this.ofFunction(attributes));
  }

  /** After `runClosed`. A run that turns out to be none, and leaves no span, is closed and does not end. */
  runEnded(attributes: Attributes, summary: RunSummary): void {
    const ended: Attributes = { ...this.ofFunction(attributes), [ATTR_OUTCOME]: summary.outcome };
    if (summary.outcome === 'failed') ended[ATTR_ERROR_TYPE] = errorType(summary.error);
    this.duration.record(summary.duration, ended);
    this.items.record(summary.itemCount, ended);
    if (summary.timeToFirstItem !== undefined) this.timeToFirstItem.record(summary.timeToFirstItem, ended);
    if (summary.producerTime !== undefined) this.producerTime.record(summary.producerTime, ended);
    if (summary.consumerTime !== undefined) this.consumerTime.record(summary.consumerTime, ended);
  }

  /** Each combination of values makes a time series of its own, so these are few: what the user's own attributes hold may be many. */
  private ofFunction(attributes: Attributes): Attributes {
    let ofFunction = this.attributes.get(attributes);
    if (ofFunction === undefined) {
      ofFunction = {};
      for (const name of [ATTR_CODE_FUNCTION_NAME, ATTR_MODULE_NAME]) {
        if (attributes[name] !== undefined) ofFunction[name] = attributes[name];
      }
      this.attributes.set(attributes, ofFunction);
    }
    return ofFunction;
  }
}
