/** The lines of a text that comes in pieces of any size. */
exports.splitLines = async function* splitLines(chunks) {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop();
    yield* lines;
  }
  if (rest !== '') yield rest;
};
