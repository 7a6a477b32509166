import { count } from './count.mjs';

for await (const item of count(2)) console.log('early', item);
