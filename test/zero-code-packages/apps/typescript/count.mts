export async function* count(to: number): AsyncGenerator<number, void, undefined> {
  for (let item = 1; item <= to; item++) {
    await null;
    yield item;
  }
}
