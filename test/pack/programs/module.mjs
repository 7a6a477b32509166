// An ES module program: node --import ./setup.mjs module.mjs
import { count } from 'cjs-numbers';
import map from 'it-map';
import { exporter, sdk } from './setup.mjs';

const items = [];
for await (const item of map(count(3), (n) => n * 2)) items.push(item);
console.log(JSON.stringify({ items, spans: exporter.getFinishedSpans().map(({ name }) => name) }));
await sdk.shutdown();
