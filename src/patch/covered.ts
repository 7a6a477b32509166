/**
 * Properties in which `disable()` found something else than what we had put there: somebody has wrapped our wrapper. With
 * `enable()` ours comes back to life below it, and a second one above would make two spans.
 */
export class CoveredSlots {
  private readonly slots = new WeakMap<object, Map<PropertyKey, unknown>>();

  add(holder: object, key: PropertyKey, value: unknown): void {
    const values = this.slots.get(holder) ?? new Map<PropertyKey, unknown>();
    this.slots.set(holder, values.set(key, value));
  }

  /** Whether the property still holds what it held then. */
  has(holder: object, key: PropertyKey, value: unknown): boolean {
    const values = this.slots.get(holder);
    return values !== undefined && values.has(key) && values.get(key) === value;
  }
}
