/** A span processor that counts and drops. */
export function countingProcessor() {
  const counts = { started: 0, ended: 0 };
  return {
    counts,
    processor: {
      onStart: () => counts.started++,
      onEnd: () => counts.ended++,
      forceFlush: async () => {},
      shutdown: async () => {},
    },
  };
}

/** An observer (see ../../columns/behaviour.mjs) of what such a processor counts. */
export function observerOf(counts, active) {
  return { counts, reset: () => Object.assign(counts, { started: 0, ended: 0 }), active };
}
