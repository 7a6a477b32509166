import esmock from 'esmock';

async function* count(to) {
  while (to-- > 0) yield 'mock';
}
const { read } = await esmock('./reader.mjs', { './count.mjs': { count } });
await read(2);
await (await import('./reader.mjs')).read(2);
