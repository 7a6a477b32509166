/** A model of the AI SDK, as its providers make them: each major version has a specification of its own. */
const SPECIFICATIONS = { 'ai-5': 'v2', 'ai-6': 'v3', 'ai-7': 'v4' };

const FINISH = {
  v2: { finishReason: 'stop', usage: { inputTokens: 8, outputTokens: 2, totalTokens: 10, cachedInputTokens: 5 } },
  v3: {
    finishReason: { unified: 'stop', raw: 'stop' },
    usage: {
      inputTokens: { total: 8, noCache: 3, cacheRead: 5, cacheWrite: undefined },
      outputTokens: { total: 2, text: 2, reasoning: undefined },
    },
  },
};

/** Parts as they are read; `exit` says how it ends. */
async function* partsOf({ exit, secret, abortSignal, specification, texts }) {
  yield { type: 'stream-start', warnings: [] };
  yield { type: 'response-metadata', id: 'response-1', modelId: 'gpt-4o-2026', timestamp: new Date(0) };
  yield { type: 'text-start', id: '0' };
  for (const delta of texts ?? [`good ${secret}`, ' morning', '!']) {
    yield { type: 'text-delta', id: '0', delta };
    if (exit === 'error' && !delta.endsWith(secret)) throw new RangeError('the connection is broken');
    if (exit === 'abort' && !delta.endsWith(secret)) await aborted(abortSignal);
  }
  yield { type: 'text-end', id: '0' };
  yield { type: 'finish', ...(specification === 'v2' ? FINISH.v2 : FINISH.v3) };
}

const aborted = (signal) =>
  new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason));
  });

function modelOf(workspace, options) {
  const specification = SPECIFICATIONS[workspace.replace('.0', '')];
  return {
    specificationVersion: specification,
    provider: 'openai.chat',
    modelId: 'gpt-4o',
    supportedUrls: {},
    doStream: async ({ abortSignal }) => ({
      stream: ReadableStream.from(partsOf({ ...options, abortSignal, specification })),
    }),
  };
}

module.exports = { modelOf };
