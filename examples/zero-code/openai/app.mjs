// A chat that shows the words of a model as they come. The first answer is read to its end; of the second, the reader has had enough; the
// third is stopped while the model still thinks.
import OpenAI from 'openai';
import { answer } from './chat.mjs';
import { startProvider } from './provider.mjs';

const provider = await startProvider();
const client = new OpenAI({ apiKey: 'none', baseURL: provider.url, maxRetries: 0 });

async function show(question, { limit = Infinity, signal } = {}) {
  process.stdout.write(`${question}\n  `);
  let words = 0;
  try {
    for await (const word of answer(client, question, signal)) {
      process.stdout.write(words === 0 ? word : ` ${word}`);
      words++;
      if (words === limit) break;
    }
  } catch (error) {
    process.stdout.write(error.message);
  }
  process.stdout.write('\n');
}

await show('What is a stream?');
await show('Tell me everything about streams.', { limit: 4 });

const stop = new AbortController();
provider.onThought(() => stop.abort());
await show('Think hard about streams.', { signal: stop.signal });

provider.close();
