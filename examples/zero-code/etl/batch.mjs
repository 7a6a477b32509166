/** Arrays of `size` items; the last one may be shorter. */
export async function* batch(items, size) {
  let current = [];
  for await (const item of items) {
    current.push(item);
    if (current.length === size) {
      yield current;
      current = [];
    }
  }
  if (current.length > 0) yield current;
}
