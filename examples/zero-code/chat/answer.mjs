/** The answer of the model, piece by piece. */
export async function* answer(client, question) {
  const stream = await client.chat.completions.create({
    model: 'small-talk',
    messages: [{ role: 'user', content: question }],
    stream: true,
    // Servers such as vLLM then send with each chunk what has been used until then; OpenAI sends it with the last one.
    stream_options: { include_usage: true, continuous_usage_stats: true },
  });
  for await (const { choices } of stream) {
    const piece = choices[0]?.delta.content;
    if (piece) yield piece;
  }
}
