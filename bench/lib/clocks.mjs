// Two clocks, both in nanoseconds.

const MICROSECOND = 1e3;

export const clocks = {
  /**
   * CPU time of this process, all of its threads: for work that never waits. Other processes cannot add to it, so it can be
   * trusted on a machine that is in use. Garbage collection on other threads counts in full. Windows counts in steps of 15 ms.
   */
  cpu: process.platform === 'win32' ? wallTime : cpuTime,
  /** For what waits: a read from a socket. */
  wall: wallTime,
};

function cpuTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) * MICROSECOND;
}

function wallTime() {
  return performance.now() * 1e6;
}
