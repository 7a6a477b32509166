/** Leaves cancelled orders out, and turns cents into euros. */
export async function* transform(rows) {
  for await (const { id, customer, cents, cancelled } of rows) {
    if (!cancelled) yield { id, customer, euros: (cents / 100).toFixed(2) };
  }
}
