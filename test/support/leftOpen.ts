/** What a test opened and must close, such as a cloud. */
interface Closable {
  close(): Promise<unknown>;
}

const open = new Map<Closable, "test" | "file">();
let inTest = false;

/** Remembers what was opened until it is {@link closed}. @param owner whose it is. @default the test's that runs, else the file's */
export function opened(closable: Closable, owner: "test" | "file" = inTest ? "test" : "file"): void {
  open.set(closable, owner);
}

/** Forgets what a test closes itself. */
export function closed(closable: Closable): void {
  open.delete(closable);
}

/** A test begins, its `beforeEach` included: what is opened from now on is the test's own. */
export function testBegins(): void {
  inTest = true;
}

/** Closes what a test left open because it ran out of time; by then its own `afterEach` has run. */
export function closeLeftByTest(): Promise<void> {
  inTest = false;
  return closeLeft((owner) => owner === "test");
}

/** Closes whatever is left, at the end of a run. */
export function closeLeftByFiles(): Promise<void> {
  return closeLeft(() => true);
}

async function closeLeft(wanted: (owner: "test" | "file") => boolean): Promise<void> {
  const left = [...open].flatMap(([closable, owner]) => (wanted(owner) ? [closable] : []));
  for (const closable of left) open.delete(closable);
  await Promise.allSettled(left.map((closable) => closable.close()));
}
