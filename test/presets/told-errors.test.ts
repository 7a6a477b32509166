/** Errors that clients give as an item, and which their presets know. */
import { expect } from 'chai';
import { PRESETS } from '../../src/presets';
import { errorMessage, errorType } from '../../src/telemetry/errors';
import type { PresetName } from '../../src/types';

interface Case {
  readonly preset: PresetName;
  readonly target: string;
  /** What is told: the type and the message. */
  readonly told: Readonly<Record<string, readonly [item: unknown, type: string, message: string]>>;
  readonly others: readonly unknown[];
}

const result = (more: object) => ({ type: 'result', ...more });
const failedResponse = { id: 'r', status: 'failed', error: { code: 'server_error', message: 'no' } };
const stopped = 'the model has stopped with an error';

const CASES: readonly Case[] = [
  {
    preset: 'vercel-ai',
    target: 'ai.streamText.fullStream',
    told: {
      'of a request': [{ type: 'error', error: new RangeError('bad') }, 'RangeError', 'bad'],
      'of the provider': [{ type: 'error', error: { code: 'overloaded', message: 'wait' } }, 'overloaded', 'wait'],
      'that is a text': [{ type: 'error', error: 'overloaded' }, '_OTHER', 'overloaded'],
      'that is nothing': [{ type: 'error' }, 'error', 'error'],
      'of an abort': [{ type: 'abort' }, 'AbortError', 'AbortError'],
      'of a timeout': [{ type: 'abort', reason: 'TimeoutError: too late' }, 'TimeoutError', 'TimeoutError: too late'],
      'of a reason': [{ type: 'finish', finishReason: 'error' }, 'error', stopped],
    },
    others: [
      { type: 'text-delta', text: 'error' },
      { type: 'finish', finishReason: 'stop' },
      // The model is told of it, and goes on.
      { type: 'tool-error', error: new Error('the tool fails') },
    ],
  },
  {
    preset: 'vercel-ai',
    target: 'ai.streamObject.fullStream',
    told: { 'of a request': [{ type: 'error', error: new RangeError('bad') }, 'RangeError', 'bad'] },
    others: [{ type: 'object', object: { type: 'error' } }],
  },
  {
    preset: 'openai',
    target: 'openai.responses.create',
    told: {
      'of an event': [{ type: 'error', code: 'rate_limit_exceeded', message: 'wait' }, 'rate_limit_exceeded', 'wait'],
      'of an event without a code': [{ type: 'error', code: null, message: 'wait' }, 'error', 'wait'],
      'of a response': [{ type: 'response.failed', response: failedResponse }, 'server_error', 'no'],
      'of a response without a status': [{ type: 'response.failed', response: { error: null } }, 'error', 'error'],
      'of a whole response': [failedResponse, 'server_error', 'no'],
    },
    others: [
      { type: 'response.output_text.delta', delta: 'a' },
      { type: 'response.incomplete', response: { status: 'incomplete', incomplete_details: { reason: 'max_tokens' } } },
      { status: 'completed', error: null },
      undefined,
    ],
  },
  {
    preset: 'openai',
    target: 'openai.beta.threads.runs.create',
    told: {
      'of an event': [{ event: 'error', data: { code: 'server_error', message: 'no' } }, 'server_error', 'no'],
      'of an event without its name': [{ code: 'server_error', message: 'no' }, 'server_error', 'no'],
      'of an event without data': [{ event: 'error' }, 'error', 'error'],
      'of a run': [
        { event: 'thread.run.failed', data: { last_error: { code: 'rate_limit_exceeded', message: 'wait' } } },
        'rate_limit_exceeded',
        'wait',
      ],
      'of a run without a reason': [{ event: 'thread.run.failed', data: { last_error: null } }, 'failed', 'failed'],
      'of a run that was too slow': [{ event: 'thread.run.expired', data: {} }, 'expired', 'expired'],
      'of a run that was cancelled': [
        { event: 'thread.run.cancelled', data: {} },
        'AbortError',
        'the run was cancelled',
      ],
    },
    others: [
      { event: 'thread.run.incomplete', data: { incomplete_details: { reason: 'max_prompt_tokens' } } },
      { event: 'thread.run.requires_action', data: {} },
      // The run goes on, or fails itself.
      { event: 'thread.run.step.failed', data: { last_error: { code: 'server_error', message: 'no' } } },
      {},
      undefined,
    ],
  },
  {
    preset: 'claude-agent-sdk',
    target: 'claude-agent-sdk.query',
    told: {
      'of a turn': [
        result({ subtype: 'error_max_turns', is_error: true, errors: ['too many', 'really'] }),
        'error_max_turns',
        'too many\nreally',
      ],
      'of a request': [
        result({ subtype: 'success', is_error: true, result: 'API Error: 529' }),
        'api_error',
        'API Error: 529',
      ],
      'of an abort': [
        result({ subtype: 'error_during_execution', is_error: true, errors: [], terminal_reason: 'aborted_tools' }),
        'AbortError',
        'AbortError',
      ],
    },
    others: [
      result({ subtype: 'success', is_error: false, result: 'done' }),
      { type: 'assistant', error: 'rate_limit' },
    ],
  },
  {
    preset: 'groq',
    target: 'groq.chat.completions.create',
    told: { 'of the server': [{ x_groq: { error: 'over capacity' } }, 'error', 'over capacity'] },
    others: [{ x_groq: { id: 'r' } }, { choices: [{ finish_reason: 'length' }] }],
  },
  {
    preset: 'cohere',
    target: 'cohere.v2.chatStream',
    told: {
      'of an answer': [{ type: 'message-end', delta: { finishReason: 'ERROR', error: 'no' } }, 'ERROR', 'no'],
      'of a timeout': [{ type: 'message-end', delta: { finishReason: 'TIMEOUT' } }, 'TIMEOUT', 'TIMEOUT'],
    },
    others: [
      { type: 'message-end', delta: { finishReason: 'MAX_TOKENS' } },
      { type: 'message-end' },
      { type: 'content-delta', delta: { message: { content: { text: 'ERROR' } } } },
    ],
  },
  {
    preset: 'cohere',
    target: 'cohere.chatStream',
    told: { 'of an answer': [{ eventType: 'stream-end', finishReason: 'ERROR' }, 'ERROR', 'ERROR'] },
    others: [{ eventType: 'stream-end', finishReason: 'ERROR_TOXIC' }],
  },
  {
    preset: 'mcp',
    target: 'mcp.callToolStream',
    told: {
      'of a request': [{ type: 'error', error: new RangeError('bad') }, 'RangeError', 'bad'],
      'that is nothing': [{ type: 'error' }, 'error', 'error'],
      'of a tool': [{ type: 'result', result: { isError: true, content: [] } }, 'tool_error', 'tool_error'],
    },
    others: [{ type: 'result', result: { content: [] } }, { type: 'taskStatus', task: {} }, undefined],
  },
  {
    preset: 'mistral',
    target: 'mistral.chat.stream',
    told: { 'of a reason': [{ data: { choices: [{ finishReason: 'error' }] } }, 'error', stopped] },
    others: [{ data: { choices: [{ finishReason: 'length' }] } }, { data: { choices: [] } }, {}],
  },
];

for (const { preset, target, told, others } of CASES) {
  describe(`an item of ${target}`, () => {
    const errorOf = PRESETS[preset].targets.find(({ spanName }) => spanName === target)?.errorOf;

    for (const [title, [item, type, message]] of Object.entries(told)) {
      it(`tells of an error: ${title}`, () => {
        const error = errorOf?.(item);
        expect([errorType(error), errorMessage(error)]).to.deep.equal([type, message]);
      });
    }

    it('tells of none otherwise', () => {
      for (const other of others) expect(errorOf?.(other), JSON.stringify(other)).to.equal(undefined);
    });
  });
}
