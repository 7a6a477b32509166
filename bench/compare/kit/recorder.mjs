/**
 * What a tracer has exported, one record for each span: `{ id, parent, name, start, end, error, says }`, times in milliseconds of the
 * wall clock, `error` the message of an error, `says` all that the span says as one text.
 *
 * @param sink gets each record as it comes
 */
export function createRecorder(sink) {
  let records = [];
  let since = Infinity;
  return {
    /** For contestants. The kit does other things than the run that is asked for. */
    record(span) {
      if (span.start < since) return;
      records.push(span);
      sink(span);
    },
    /** @returns from when on spans are asked for. Some tracers round to milliseconds. */
    start() {
      records = [];
      since = Date.now() - 1;
      return since;
    },
    stop() {
      records = [];
      since = Infinity;
    },
    has: (isWanted) => records.some(isWanted),
  };
}
