/**
 * Names of the attributes that a run's span carries.
 *
 * `code.*` and `error.type` are OpenTelemetry's stable semantic conventions. The `async_generator` namespace is this
 * package's own: no semantic convention covers async generators yet.
 */
export {
  ATTR_CODE_COLUMN_NUMBER,
  ATTR_CODE_FILE_PATH,
  ATTR_CODE_FUNCTION_NAME,
  ATTR_CODE_LINE_NUMBER,
  ATTR_ERROR_TYPE,
} from '@opentelemetry/semantic-conventions';

/** Module that the traced function was exported from, as the target named it. */
export const ATTR_MODULE_NAME = 'async_generator.module.name';

/** Version of that module's package, where there is one. */
export const ATTR_MODULE_VERSION = 'async_generator.module.version';

/** How the run ended, see `RunOutcome`. */
export const ATTR_OUTCOME = 'async_generator.outcome';

/** Number of items that the run yielded. */
export const ATTR_ITEM_COUNT = 'async_generator.item.count';

/** Seconds from the start of the run to its first item. */
export const ATTR_TIME_TO_FIRST_ITEM = 'async_generator.time_to_first_item';

/** Seconds during which at least one pull was pending: the generator was at work. */
export const ATTR_PRODUCER_TIME = 'async_generator.producer.time';

/** Seconds during which no pull was pending: the consumer was at work. */
export const ATTR_CONSUMER_TIME = 'async_generator.consumer.time';

/** Name of the log record of the exception that a run failed with. */
export const EVENT_RUN_EXCEPTION = 'async_generator.run.exception';
