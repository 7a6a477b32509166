/** As many URLs as are remembered: a program may import one module again and again, with another query each time. */
const LIMIT = 1000;

/** A map that forgets what was set first. */
export class RecentMap<Key, Value> extends Map<Key, Value> {
  override set(key: Key, value: Value): this {
    if (this.size >= LIMIT && !this.has(key)) this.delete(this.keys().next().value as Key);
    return super.set(key, value);
  }
}
