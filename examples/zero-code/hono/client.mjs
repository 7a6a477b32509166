/** The words of a response. With a limit, disconnects as soon as it has that many. */
export async function readWords(url, limit = Infinity) {
  const response = await fetch(url);
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.split(' ').length > limit) break; // closes the connection
  }
  return text.trimEnd().split(' ');
}
