/** Tells how long it took to get here: since the process began, and in CPU time. */
module.exports = function report() {
  const wall = performance.now();
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ wall, cpu: (user + system) / 1e3 }));
};
