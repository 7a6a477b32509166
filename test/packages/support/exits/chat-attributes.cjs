/**
 * What the run of a streamed chat says: of a request at a temperature of 0.5, and of an answer whose usage, three tokens and two, comes at its
 * end.
 *
 * @param exit name
 * @param chat `{ provider, model, reason, response }`; `response` has the attributes that only some providers give
 */
const chatAttributes = (exit, { provider, model, reason = 'stop', response = {} }) => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': provider,
  'gen_ai.request.model': model,
  'gen_ai.request.stream': true,
  'gen_ai.request.temperature': 0.5,
  'server.address': '127.0.0.1',
  'gen_ai.response.finish_reasons': [exit === 'end' ? reason : 'error'],
  'gen_ai.response.time_to_first_chunk': (seconds) => seconds > 0,
  'gen_ai.usage.input_tokens': exit === 'end' ? 3 : undefined,
  'gen_ai.usage.output_tokens': exit === 'end' ? 2 : undefined,
  ...response,
});

module.exports = { chatAttributes };
