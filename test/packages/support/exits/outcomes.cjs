/** How a run ends on each exit, where the package passes on what happens. */
const OUTCOMES = {
  end: 'completed',
  break: 'returned',
  throw: 'returned',
  abort: 'aborted',
  error: 'failed',
  abandoned: 'abandoned',
  exit: 'interrupted',
};

module.exports = { OUTCOMES };
