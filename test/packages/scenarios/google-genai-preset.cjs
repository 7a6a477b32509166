/** The preset for Google's Gen AI client: a method that the constructor makes, of an object that the client holds. */
const { eventStream, read, refuse } = require('../support/model-server.cjs');

const part = (text) => ({ candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0 }] });

async function answer(request, response) {
  await read(request);
  if (request.url.includes('forbidden'))
    refuse(response, { code: 403, message: 'not yours', status: 'PERMISSION_DENIED' });
  else
    eventStream(
      response,
      [part('good '), part('morning')].map((each) => JSON.stringify(each)),
    );
}

const withClient = ({ GoogleGenAI }, { withServer }, use) =>
  withServer(answer, (port) =>
    use(new GoogleGenAI({ apiKey: 'key', httpOptions: { baseUrl: `http://127.0.0.1:${port}` } })),
  );

const span = (outcome, items, { model = 'any', ...more } = {}) => ({
  name: `generate_content ${model}`,
  outcome,
  items,
  ...more,
});
const textOf = (chunks) => chunks.map(({ text }) => text).join('');
const generate = (client, model = 'any') => client.models.generateContentStream({ model, contents: 'hello?' });

module.exports = {
  title: '@google/genai, by its preset',
  specifier: '@google/genai',
  presets: ['google-genai'],
  cases: {
    'a stream that is read to its end': {
      run: (genai, tools) =>
        withClient(genai, tools, async (client) => textOf(await tools.collect(await generate(client)))),
      spans: [span('completed', 2)],
    },
    'a stream that is left': {
      run: (genai, tools) =>
        withClient(genai, tools, async (client) => textOf(await tools.collect(await generate(client), 1))),
      spans: [span('returned', 1)],
    },
    'a chat': {
      run: (genai, tools) =>
        withClient(genai, tools, async (client) => {
          const chat = client.chats.create({ model: 'any' });
          const stream = await chat.sendMessageStream({ message: 'hello?' });
          return [textOf(await tools.collect(stream)), chat.getHistory().length];
        }),
      spans: [span('completed', 2)],
    },
    'a request that is refused': {
      run: (genai, tools) => withClient(genai, tools, (client) => tools.rejection(() => generate(client, 'forbidden'))),
      spans: [span('failed', 0, { model: 'forbidden', error: 'ApiError', failed: true })],
    },
    'the client and what it is made of': {
      run: (genai, tools) =>
        withClient(genai, tools, async (client) => {
          class Client extends genai.GoogleGenAI {}
          return [
            client instanceof genai.GoogleGenAI,
            new Client({ apiKey: 'key' }) instanceof Client,
            Object.keys(client),
            Object.keys(client.models),
            tools.shapeOfFunction(client.models.generateContentStream),
          ];
        }),
      spans: [],
    },
  },
};
