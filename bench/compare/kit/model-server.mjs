// What `openai` clients talk to: a server on 127.0.0.1 that streams an answer, and a `fetch` that has the whole answer at once.
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

const ITEMS = ['one', 'two', 'three'];
const event = (data) => `data: ${data}\n\n`;
const chunkOf = (content) =>
  event(
    JSON.stringify({
      id: 'answer',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'any',
      choices: [{ index: 0, delta: { role: 'assistant', content } }],
    }),
  );
const DONE = event('[DONE]');
const errorOf = ({ message }) => event(JSON.stringify({ error: { message, type: 'server_error' } }));
const HEADERS = { 'content-type': 'text/event-stream', 'x-request-id': 'a request' };

/** @returns `{ port, answerNext(exit, kit) }`; that resolves when the answer is over, to how */
export async function startModelServer() {
  let next;
  const server = createServer(async (request, response) => {
    await json(request);
    const { exit, kit, onClose } = next;
    response.on('close', () =>
      onClose(response.writableFinished ? 'the whole answer was sent' : 'the request was ended'),
    );
    response.writeHead(200, HEADERS);
    response.write(chunkOf('one') + chunkOf('two'));
    if (exit !== 'end' && exit !== 'error') return;
    await kit.pause();
    if (exit === 'end') {
      response.write(chunkOf('three'));
      await kit.pause();
    }
    kit.mark('closed');
    // After an error the client ends the request.
    if (exit === 'error') response.write(errorOf(kit.failure));
    else response.end(DONE);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return {
    port: server.address().port,
    answerNext(exit, kit) {
      const closed = new Promise((resolve) => {
        next = { exit, kit, onClose: resolve };
      });
      return { closed };
    },
  };
}

/** A `fetch` whose answer needs no event loop to arrive. */
export function fetchAtOnce(exit) {
  const last = exit === 'error' || exit === 'abort' ? errorOf(new Error('the body failed')) : chunkOf('three');
  const bytes = new TextEncoder().encode(ITEMS.slice(0, 2).map(chunkOf).join('') + last + DONE);
  return async () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes);
        controller.close();
      },
    });
    return new Response(body, { headers: HEADERS });
  };
}

const ITEMS_A_TIME = 100;

/** A `fetch` whose answer is long, and comes by and by. */
export const fetchMany = (count) => async () => {
  const bytes = new TextEncoder().encode(chunkOf('one').repeat(ITEMS_A_TIME));
  let left = count;
  const body = new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setImmediate(resolve));
      controller.enqueue(bytes);
      left -= ITEMS_A_TIME;
      if (left <= 0) controller.close();
    },
  });
  return new Response(body, { headers: HEADERS });
};
