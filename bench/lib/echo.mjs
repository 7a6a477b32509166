// A TCP connection to a server in another thread, that answers a byte with a byte.
import { once } from 'node:events';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';

/** @returns `{ read, close }`: `read()` sends a byte and resolves with the one that comes back, which is 1 */
export async function openEcho() {
  // The programs' preloads are not for it.
  const server = new Worker(new URL('./echo-server.mjs', import.meta.url), { execArgv: [], env: {} });
  const [port] = await once(server, 'message');
  // In a peer's process, no other port can be reached.
  globalThis.allowedPorts?.add(port);
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  let answer;
  socket.on('data', (chunk) => answer(chunk[0]));
  const question = Buffer.of(1);
  const read = () =>
    new Promise((resolve) => {
      answer = resolve;
      socket.write(question);
    });
  return {
    read,
    async close() {
      socket.destroy();
      await server.terminate();
    },
  };
}
