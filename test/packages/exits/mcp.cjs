/** Tool calls of MCP clients, to a server in the same process: a task that is asked for its status until it has ended. */

/** A server whose task ends when it has been asked for some times, unless the program is to leave before. */
function serve({ McpServer }, { InMemoryTaskStore }, { exit, secret }) {
  const content = [{ type: 'text', text: `good ${secret} morning` }];
  let asked = 0;
  class TaskStore extends InMemoryTaskStore {
    async getTask(id, session) {
      if (++asked === 4 && exit !== 'abort' && exit !== 'exit')
        await this.storeTaskResult(id, exit === 'error' ? 'failed' : 'completed', { content }, session);
      return super.getTask(id, session);
    }
  }
  const taskStore = new TaskStore();
  const capabilities = { tools: {}, tasks: { requests: { tools: { call: {} } } } };
  const server = new McpServer({ name: 'server', version: '1.0.0' }, { capabilities, taskStore });
  server.experimental.tasks.registerToolTask(
    'greet',
    { description: 'greets', execution: { taskSupport: 'required' } },
    {
      createTask: async (extra) => ({ task: await extra.taskStore.createTask({ ttl: 60_000, pollInterval: 1 }) }),
      getTask: (extra) => extra.taskStore.getTask(extra.taskId),
      getTaskResult: (extra) => extra.taskStore.getTaskResult(extra.taskId),
    },
  );
  return { server, stop: () => taskStore.cleanup() };
}

module.exports = {
  preset: 'mcp',
  group: 'agents',
  packages: ['mcp-1.24', 'mcp-1'],
  module: '@modelcontextprotocol/sdk/client/index.js',
  isErrorTold: true,

  async open({ Client }, { exit, load, onEnd, secret, signal }) {
    const of = (path) => load(`@modelcontextprotocol/sdk/${path}`);
    const { InMemoryTransport } = await of('inMemory.js');
    const stores = await of('experimental/tasks/stores/in-memory.js');
    const { server, stop } = serve(await of('server/mcp.js'), stores, { exit, secret });
    const client = new Client({ name: 'client', version: '1.0.0' });
    const [one, other] = InMemoryTransport.createLinkedPair();
    await Promise.all([server.connect(one), client.connect(other)]);
    onEnd(async () => {
      await client.close();
      stop();
    });
    await client.listTools();
    return client.experimental.tasks.callToolStream({ name: 'greet', arguments: { secret } }, undefined, { signal });
  },
  show: ({ type, task, result, error }) => [type, task?.status, result?.content, error?.code],

  spans: (exit) => ({
    name: 'mcp.callToolStream',
    attributes: { 'error.type': exit === 'error' ? 'McpError' : undefined, 'gen_ai.operation.name': undefined },
  }),
};
