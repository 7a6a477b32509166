/** Reads an answer as it comes. With a limit, disconnects when it has that many words. */
export async function ask(url, question, limit = Infinity) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ question }),
  });
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body) {
    text += decoder.decode(chunk, { stream: true });
    if (text.split(' ').length > limit) break; // closes the connection
  }
  return text.trim().split(' ').slice(0, limit).join(' ');
}
