let wallBefore = 0;
let cpuBefore;

/** Tells how long it took to get here: since the process began, or since `since` was called, and in CPU time. */
module.exports = function report() {
  const wall = performance.now() - wallBefore;
  const { user, system } = process.cpuUsage(cpuBefore);
  console.log(JSON.stringify({ wall, cpu: (user + system) / 1e3 }));
};

module.exports.since = function since() {
  wallBefore = performance.now();
  cpuBefore = process.cpuUsage();
};
