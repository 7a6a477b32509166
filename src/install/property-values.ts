/**
 * Values of properties. Two such lists tell where nothing is to be put above what others have put over ours: with `enable()` ours
 * comes back to life below it, and a second one would make two spans.
 */
export class PropertyValues {
  private readonly byHolder = new WeakMap<object, Map<PropertyKey, unknown>>();

  set(holder: object, key: PropertyKey, value: unknown): void {
    const values = this.byHolder.get(holder) ?? new Map<PropertyKey, unknown>();
    this.byHolder.set(holder, values.set(key, value));
  }

  has(holder: object, key: PropertyKey): boolean {
    return this.byHolder.get(holder)?.has(key) === true;
  }

  /** Whether the property is in the list with this value. */
  holds(holder: object, key: PropertyKey, value: unknown): boolean {
    return this.has(holder, key) && this.byHolder.get(holder)?.get(key) === value;
  }
}
