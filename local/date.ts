/** `Date` of a machine whose clock says what `now` returns, in milliseconds since the epoch. */
export function dateOf(now: () => number): DateConstructor {
  return class extends Date {
    constructor(...given: unknown[]) {
      if (given.length === 0) super(now());
      else super(...(given as [number]));
    }
    static override now(): number {
      return now();
    }
  } as unknown as DateConstructor;
}
