import { useEffect, useState } from "preact/hooks";

/** A value that parts of the page follow. */
export interface Store<Value> {
  get(): Value;
  set(change: Partial<Value>): void;
  follow(listener: () => void): () => void;
}

/** Makes one. */
export function createStore<Value extends object>(initial: Value): Store<Value> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(change) {
      value = { ...value, ...change };
      for (const listener of [...listeners]) listener();
    },
    follow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** A part of a store, drawn anew when it has changed. */
export function useStore<Value extends object, Part>(store: Store<Value>, select: (value: Value) => Part): Part {
  const [part, setPart] = useState(() => select(store.get()));
  useEffect(() => {
    const look = () => setPart(() => select(store.get()));
    look();
    return store.follow(look);
  }, [store]);
  return part;
}
