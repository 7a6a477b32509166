/** The lines of a response. With a limit, disconnects as soon as it has that many. */
export async function readLines(url, limit = Infinity) {
  const response = await fetch(url);
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.split('\n').length > limit) break; // closes the connection
  }
  return text.split('\n').slice(0, -1);
}
