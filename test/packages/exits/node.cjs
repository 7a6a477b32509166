/** Files that `fs/promises.glob` finds. */
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

module.exports = {
  preset: 'node',
  packages: ['fs/promises.glob'],
  module: 'node:fs/promises',
  engines: '>=22.14.0',

  open({ glob }, { exit, secret, onEnd }) {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'glob-'));
    onEnd(() => fs.rmSync(folder, { recursive: true }));
    for (const name of ['a', 'b', 'c', 'd']) {
      fs.mkdirSync(path.join(folder, name));
      fs.writeFileSync(path.join(folder, name, secret), '');
    }
    let count = 0;
    const exclude = (name) => {
      if (exit === 'error' && name === secret && ++count === 3) throw new RangeError('the program fails');
      return false;
    };
    return glob(`**/${secret}`, { cwd: folder, exclude });
  },
  show: (file) => path.basename(file),

  without: { abort: 'glob has no signal' },
  spans: () => ({ name: 'fs/promises.glob' }),
};
