// What is traced: the stream that an `openai` client returns, from a server on this machine.
import { setTimeout as after } from 'node:timers/promises';
import { isProxy } from 'node:util/types';
import { fetchAtOnce, fetchMany, startModelServer } from './model-server.mjs';

/** By then the client of a stream that is over has ended its request. */
const LONG_AFTER_MS = 1_000;
/** More than are read. */
const MOST_ITEMS = 30_000;
const QUESTION = { model: 'any', messages: [{ role: 'user', content: 'hello?' }], stream: true };

/**
 * @param modules `{ untraced, traced }`: two copies of `openai`
 * @param client `(module, options) => client`, if a contestant wraps that
 */
export async function openaiSubject({ modules, client = (module, options) => new module.OpenAI(options) }) {
  const server = await startModelServer();
  globalThis.allowedPorts?.add(server.port);
  const baseURL = `http://127.0.0.1:${server.port}/v1`;
  const ask = (which, fetch, signal) => {
    const options = { apiKey: 'none', baseURL, maxRetries: 0, fetch };
    const plain = (module, more) => new module.OpenAI(more);
    return (which === 'traced' ? client : plain)(modules[which], options).chat.completions.create(
      { ...QUESTION },
      { signal },
    );
  };

  return {
    sizes: { run: 300, item: 5_000 },

    async open(which, exit, kit) {
      const { closed } = server.answerNext(exit, kit);
      const answer = ask(
        which,
        async (...args) => {
          await kit.span('body: request');
          return fetch(...args);
        },
        kit.controller.signal,
      );
      const iterable = await answer;
      return {
        iterable,
        abort() {
          kit.mark('closed');
          // Some hand out another object, which does not have it.
          (iterable.controller ?? kit.controller).abort();
        },
        afterwards: () => Promise.race([closed, after(LONG_AFTER_MS, 'the request goes on')]),
        itemOf: (chunk) => chunk.choices[0].delta.content,
        facts: {
          'what create() returns': ['withResponse', 'asResponse'].map((name) => typeof answer[name]),
          'the object': iterable instanceof modules[which].Stream && !isProxy(iterable),
          'its members': ['tee', 'toReadableStream', 'controller'].map((name) => typeof iterable[name]),
        },
      };
    },

    /** The other ways to get at the stream. */
    protocol: async (which, exit) => ({
      'withResponse()': await attempt(async () => {
        const { data, response, request_id: id } = await ask(which, fetchAtOnce(exit)).withResponse();
        return [await countOf(data), response.status, id];
      }),
      'tee()': await attempt(async () => {
        const [left] = (await ask(which, fetchAtOnce(exit))).tee();
        return countOf(left);
      }),
    }),

    quick: async (which, exit) => (await ask(which, fetchAtOnce(exit)))[Symbol.asyncIterator](),

    items: async (which) => (await ask(which, fetchMany(MOST_ITEMS)))[Symbol.asyncIterator](),
  };
}

async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    return error.message;
  }
}

async function countOf(iterable) {
  let count = 0;
  for await (const _item of iterable) count++;
  return count;
}

/** What is compared of `openai`. */
export const loadOpenai = (require) => ({ ...require('openai'), Stream: require('openai/core/streaming').Stream });

/** A copy of it that no tracer has seen: what is required next is loaded anew. */
export function loadOpenaiApart(require) {
  const before = new Set(Object.keys(require.cache));
  const copy = loadOpenai(require);
  for (const file of Object.keys(require.cache)) if (!before.has(file)) delete require.cache[file];
  return copy;
}
