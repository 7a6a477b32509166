/** A scenario for an error that a client gives as its last item, made of that for its streams. */
const OTHERS = ['end', 'break', 'throw', 'abort', 'abandoned', 'exit'];

/**
 * @param name of the span
 * @param write gives the events of the answer
 * @param attributes of the span
 */
const toldErrorScenario = (scenario, { name, write, attributes }) => ({
  ...scenario,
  isErrorTold: true,
  without: Object.fromEntries(OTHERS.map((exit) => [exit, 'as without the error'])),
  answer(request, response, { secret }) {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of write(secret)) {
      response.write(`${event.type === undefined ? '' : `event: ${event.type}\n`}data: ${JSON.stringify(event)}\n\n`);
    }
    response.end('data: [DONE]\n\n');
  },
  spans: () => ({ name, outcome: 'failed', attributes }),
  metrics: () => ({ 'gen_ai.client.inference.duration': 1, 'gen_ai.client.inference.time_to_first_chunk': 1 }),
});

module.exports = { toldErrorScenario };
