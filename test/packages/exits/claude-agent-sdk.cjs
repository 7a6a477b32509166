/** Queries of the SDK for Claude's agents, with a program of ours in place of Claude Code. */
const program = require.resolve('../support/exits/claude-code.mjs');

module.exports = {
  preset: 'claude-agent-sdk',
  group: 'agents',
  packages: ['claude-agent-sdk-0.3.142', 'claude-agent-sdk-0.3.332'],
  formats: ['esm'],
  module: '@anthropic-ai/claude-agent-sdk',

  open({ query }, { exit, secret, signal }) {
    const abortController = new AbortController();
    signal.addEventListener('abort', () => abortController.abort());
    return query({
      prompt: `hello ${secret}?`,
      options: {
        abortController,
        model: 'claude-sonnet-4-5',
        pathToClaudeCodeExecutable: program,
        executable: 'node',
        env: { PATH: process.env.PATH, EXIT: exit, SECRET: secret },
      },
    });
  },

  show: ({ type, message, result }) => [type, message?.content, result],

  spans: (exit) => ({
    name: 'invoke_agent',
    attributes: {
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': 'claude-sonnet-4-5',
      'gen_ai.response.model': 'claude-sonnet-4-5-20250929',
      'gen_ai.response.finish_reasons': [exit === 'end' ? 'stop' : 'error'],
      'gen_ai.response.time_to_first_chunk': (seconds) => seconds > 0,
      // That of the messages that have come, until there is the sum.
      'gen_ai.usage.input_tokens': exit === 'end' ? 10 : 6,
      'gen_ai.usage.output_tokens': exit === 'end' ? 9 : 1,
      'gen_ai.usage.cache_read.input_tokens': 2,
      'gen_ai.usage.cache_write.input_tokens': 1,
    },
  }),
  metrics: () => ({ 'gen_ai.invoke_agent.duration': 1 }),
};
