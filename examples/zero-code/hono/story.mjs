import { generateWords } from './model.mjs';

/** The words of a story, with a capital letter at the beginning. */
export async function* tellStory(length) {
  let told = 0;
  for await (const word of generateWords()) {
    yield told === 0 ? word[0].toUpperCase() + word.slice(1) : word;
    told += 1;
    if (told === length) break;
  }
}
