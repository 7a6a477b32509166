/** What the servers of model providers have in common. */

/** The JSON that a client has sent, if any. */
async function read(request) {
  const body = [];
  for await (const part of request) body.push(part);
  return JSON.parse(Buffer.concat(body).toString() || '{}');
}

/** Answers with server-sent events; the model `silent` answers nothing at all. */
function eventStream(response, data, model, names = []) {
  if (model === 'silent') return;
  response.writeHead(200, {
    'content-type': 'text/event-stream',
    'x-request-id': 'request-1',
    'request-id': 'request-1',
  });
  data.forEach((each, index) => {
    if (names[index] !== undefined) response.write(`event: ${names[index]}\n`);
    response.write(`data: ${each}\n\n`);
  });
  response.end();
}

function refuse(response, error) {
  response.writeHead(403, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error }));
}

module.exports = { eventStream, read, refuse };
