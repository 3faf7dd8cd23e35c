const open = new Map();
let inTest = false;
/** Remembers what was opened until it is {@link closed}. @param owner whose it is. @default the test's that runs, else the file's */
export function opened(closable, owner = inTest ? "test" : "file") {
    open.set(closable, owner);
}
/** Forgets what a test closes itself. */
export function closed(closable) {
    open.delete(closable);
}
/** A test begins, its `beforeEach` included: what is opened from now on is the test's own. */
export function testBegins() {
    inTest = true;
}
/** Closes what a test left open because it ran out of time; by then its own `afterEach` has run. */
export function closeLeftByTest() {
    inTest = false;
    return closeLeft((owner) => owner === "test");
}
/** Closes whatever is left, at the end of a run. */
export function closeLeftByFiles() {
    return closeLeft(() => true);
}
async function closeLeft(wanted) {
    const left = [...open].flatMap(([closable, owner]) => (wanted(owner) ? [closable] : []));
    for (const closable of left)
        open.delete(closable);
    await Promise.allSettled(left.map((closable) => closable.close()));
}
