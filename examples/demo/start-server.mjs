import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts the S3 server in a process of its own, as it would be anywhere else. It ends with this one. */
export async function startServer() {
  const child = fork(fileURLToPath(new URL('s3-server.mjs', import.meta.url)), { execArgv: [] });
  const [url] = await once(child, 'message');
  return { url, stop: () => child.disconnect() };
}
