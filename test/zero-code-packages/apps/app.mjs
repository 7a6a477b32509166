// Reads two pages from a server of its own. As APP_END says, it ends by itself, with `process.exit(7)` (`exit`), with an
// uncaught error (`throw`), with its generator open (`open`), or waits with that for APP_WAIT milliseconds (`wait`).
import { createServer } from 'node:http';
import { readPages } from './pages.mjs';

const server = createServer((request, response) => response.end(`body of ${request.url}`));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${server.address().port}/`;
for await (const body of readPages(url, 2)) {
  console.log(body);
  if (process.env.APP_END === 'open' && body.endsWith('2')) {
    server.close();
    await new Promise(() => {});
  }
  if (process.env.APP_END === 'wait' && body.endsWith('2')) {
    console.log('waiting');
    await new Promise((resolve) => setTimeout(resolve, Number(process.env.APP_WAIT ?? 30_000)));
  }
}
if (process.env.APP_END === 'exit') process.exit(7);
if (process.env.APP_END === 'throw') {
  setImmediate(() => {
    throw new Error('the end');
  });
}
server.closeAllConnections();
server.close();
