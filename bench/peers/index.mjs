// Other libraries that trace async generators. One is added by `npm install` here, a file in libraries/ and a line below. They are
// a package of their own, and each is measured in a process of its own, which has no network (no-network.cjs).
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

export const peers = [
  { name: 'langsmith', library: 'langsmith', label: 'langsmith, `traceable`' },
  { name: 'braintrust', library: 'braintrust', label: 'braintrust, `wrapTraced`' },
  { name: 'lmnr', library: '@lmnr-ai/lmnr', label: '@lmnr-ai/lmnr, `observe`' },
  { name: 'openinference', library: '@arizeai/openinference-core', label: '@arizeai/openinference-core, `withSpan`' },
  { name: 'langfuse', library: '@langfuse/tracing', label: '@langfuse/tracing, `observe`' },
  { name: 'traceloop', library: '@traceloop/node-server-sdk', label: '@traceloop/node-server-sdk, `withTask`' },
];

const require = createRequire(import.meta.url);

/** @returns the row of a peer, see ../rows/index.mjs, set up so that its spans go nowhere */
export async function loadPeer(name) {
  const peer = peers.find((candidate) => candidate.name === name);
  const { load } = await import(`./libraries/${name}.mjs`);
  return { ...peer, version: versionOf(peer.library), ...(await load({ require })) };
}

function versionOf(library) {
  const url = new URL(`./node_modules/${library}/package.json`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')).version;
}
