/** The answer of the model, word by word. */
export async function* answer(client, question, signal) {
  const { data: stream } = await client.chat.completions
    .create({ model: 'some-model', messages: [{ role: 'user', content: question }], stream: true }, { signal })
    .withResponse();
  for await (const { choices } of stream) {
    const word = choices[0]?.delta.content;
    if (word) yield word;
  }
}
