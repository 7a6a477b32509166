/** What Claude Code says to the SDK that starts it, line by line: an answer of two messages, and what it cost. */
import { createInterface } from 'node:readline';

const { EXIT, SECRET } = process.env;
const say = (message) =>
  process.stdout.write(`${JSON.stringify({ session_id: 'session-1', uuid: 'uuid-1', ...message })}\n`);
const usage = { input_tokens: 3, cache_creation_input_tokens: 1, cache_read_input_tokens: 2, output_tokens: 1 };

const answer = (id, text) =>
  say({
    type: 'assistant',
    parent_tool_use_id: null,
    message: {
      id,
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-4-5-20250929',
      content: [{ type: 'text', text }],
      usage,
    },
  });

function control({ request_id }) {
  const response = {
    commands: [],
    agents: [],
    models: [],
    output_style: 'default',
    available_output_styles: [],
    account: {},
  };
  say({ type: 'control_response', response: { subtype: 'success', request_id, response } });
}

function answerAll() {
  say({ type: 'system', subtype: 'init', model: 'claude-sonnet-4-5', tools: [], mcp_servers: [], cwd: '/' });
  answer('message-1', `good ${SECRET}`);
  // The program is to leave it in the middle.
  if (EXIT === 'abort') return;
  if (EXIT === 'error') {
    process.exitCode = 3;
    lines.close();
    return;
  }
  answer('message-2', ' morning');
  const total = { ...usage, input_tokens: 7, output_tokens: 9 };
  say({ type: 'result', subtype: 'success', is_error: false, result: ' morning', num_turns: 1, usage: total });
}

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const message = JSON.parse(line);
  if (message.type === 'control_request') control(message);
  else if (message.type === 'user') answerAll();
});
lines.on('close', () => process.stdin.destroy());
