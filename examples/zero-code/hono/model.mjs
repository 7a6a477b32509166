import { setTimeout } from 'node:timers/promises';

const WORDS = 'once upon a time there was a stream that nobody had ever read to its end'.split(' ');

/** Stands in for a language model that never runs out of words. */
export async function* generateWords() {
  console.log('model:         started');
  try {
    for (let i = 0; ; i++) {
      await setTimeout(20);
      yield WORDS[i % WORDS.length];
    }
  } finally {
    console.log('model:         stopped');
  }
}
