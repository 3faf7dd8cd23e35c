/** Mulberry32: small, fast, and good enough to choose faults and interleavings with. */
export function seededRandom(seed) {
    let state = seed | 0;
    const next = () => {
        state = (state + 0x6d2b79f5) | 0;
        let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
        mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
    const integer = (least, most) => least + Math.floor(next() * (most - least + 1));
    return {
        next,
        integer,
        chance: (probability) => next() < probability,
        pick: (items) => items[integer(0, items.length - 1)],
    };
}
