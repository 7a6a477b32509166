const { fork } = require('child_process');
const { count } = require('./count.cjs');

if (process.argv[2] === 'child') {
  (async () => {
    for await (const item of count(2)) console.log('child', item);
    process.exit(5);
  })();
} else {
  fork(__filename, ['child']).once('exit', async (code) => {
    console.log('child ended with', code);
    for await (const item of count(1)) console.log('parent', item);
  });
}
