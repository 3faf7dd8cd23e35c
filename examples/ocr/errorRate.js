/**
 * Character error rate of recognized text: edits (insert, delete, replace) that turn `read` into `expected`,
 * divided by the length of `expected`. Runs of white space count as one blank, since where lines break is layout.
 */
export function characterErrorRate(read, expected) {
    const from = [...read.replace(/\s+/g, " ").trim()];
    const to = [...expected.replace(/\s+/g, " ").trim()];
    let distances = to.map((_, index) => index + 1);
    for (const [row, character] of from.entries()) {
        let diagonal = row;
        let left = row + 1;
        distances = distances.map((above, column) => {
            const distance = Math.min(above + 1, left + 1, diagonal + (to[column] === character ? 0 : 1));
            diagonal = above;
            left = distance;
            return distance;
        });
    }
    return (distances.at(-1) ?? from.length) / Math.max(to.length, 1);
}
