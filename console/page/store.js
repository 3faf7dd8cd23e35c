import { useEffect, useState } from "preact/hooks";
/** Makes one. */
export function createStore(initial) {
    let value = initial;
    const listeners = new Set();
    return {
        get: () => value,
        set(change) {
            value = { ...value, ...change };
            for (const listener of [...listeners])
                listener();
        },
        follow(listener) {
            listeners.add(listener);
            return () => listeners.delete(listener);
        },
    };
}
/** A part of a store, drawn anew when it has changed. */
export function useStore(store, select) {
    const [part, setPart] = useState(() => select(store.get()));
    useEffect(() => {
        const look = () => setPart(() => select(store.get()));
        look();
        return store.follow(look);
    }, [store]);
    return part;
}
