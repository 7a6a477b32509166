// A long job without a handler for SIGTERM: a signal kills it wherever it is.
import { convertPages } from './convert.mjs';

for await (const page of convertPages(20)) console.log(`page ${page} is done`);
console.log('all pages are done');
