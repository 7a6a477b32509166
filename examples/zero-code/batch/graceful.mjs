// The same job with a handler for SIGTERM: it finishes the page that it is at, and exits with 0.
import { convertPages } from './convert.mjs';

let isStopping = false;
process.once('SIGTERM', () => {
  console.log('stopping after this page');
  isStopping = true;
});

for await (const page of convertPages(20)) {
  console.log(`page ${page} is done`);
  if (isStopping) break;
}
console.log(isStopping ? 'stopped' : 'all pages are done');
