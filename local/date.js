/** `Date` of a machine whose clock says what `now` returns, in milliseconds since the epoch. */
export function dateOf(now) {
    return class extends Date {
        constructor(...given) {
            if (given.length === 0)
                super(now());
            else
                super(...given);
        }
        static now() {
            return now();
        }
    };
}
