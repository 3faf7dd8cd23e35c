/** How two answers are compared. */
export type Comparison = "bytes" | "json" | "numbers";

/** One place where two answers differ. */
export interface Difference {
  /** JSONPath such as `$.scores[0]`; `byte 17` or `value 3` for what isn't JSON. */
  at: string;
  left: unknown;
  right: unknown;
}

/** More differences than these say nothing new. */
const shownDifferences = 20;

/** An answer of a model. */
export interface Answer {
  body: Uint8Array;
  contentType: string | undefined;
}

/** What two answers can be compared as, unless their user says: JSON when both are, else bytes. */
export function comparisonOf(a: Answer, b: Answer): Comparison {
  return json(a.body) === undefined || json(b.body) === undefined ? "bytes" : "json";
}

/**
 * Where two answers differ; empty when they are the same.
 *
 * @param tolerance for `numbers`: how far two numbers may be apart, of 1 or of the larger of them, whichever is more
 */
export function differences(a: Answer, b: Answer, as: Comparison, tolerance: number): Difference[] {
  if (as === "bytes") return byteDifferences(a.body, b.body);
  const [left, right] = [json(a.body), json(b.body)];
  const same = as === "numbers" ? near(tolerance) : Object.is;
  const found: Difference[] = [];
  if (left !== undefined && right !== undefined) compare("$", left.value, right.value, same, found);
  else if (as === "numbers" && left === undefined && right === undefined) compareTokens(text(a.body), text(b.body), same, found);
  else found.push({ at: "$", left: left === undefined ? "not JSON" : "JSON", right: right === undefined ? "not JSON" : "JSON" });
  return found;
}

type Same = (a: unknown, b: unknown) => boolean;

function near(tolerance: number): Same {
  return (a, b) => {
    if (typeof a !== "number" || typeof b !== "number") return Object.is(a, b);
    return Object.is(a, b) || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));
  };
}

function compare(at: string, a: unknown, b: unknown, same: Same, found: Difference[]): void {
  if (found.length >= shownDifferences) return;
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let index = 0; index < Math.max(a.length, b.length); index++) compare(`${at}[${index}]`, a[index], b[index], same, found);
  } else if (isObject(a) && isObject(b)) {
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const key = /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
      compare(`${at}${key}`, a[name], b[name], same, found);
    }
  } else if (!same(a, b)) found.push({ at, left: a, right: b });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** CSV and other text: numbers by their distance, everything else as it is. */
function compareTokens(a: string, b: string, same: Same, found: Difference[]): void {
  const tokens = (content: string) =>
    content
      .split(/[\s,;]+/)
      .filter((token) => token !== "")
      .map((token) => (Number.isNaN(Number(token)) ? token : Number(token)));
  const [left, right] = [tokens(a), tokens(b)];
  for (let index = 0; index < Math.max(left.length, right.length) && found.length < shownDifferences; index++) {
    if (!same(left[index], right[index])) found.push({ at: `value ${index + 1}`, left: left[index], right: right[index] });
  }
}

function byteDifferences(a: Uint8Array, b: Uint8Array): Difference[] {
  if (Buffer.from(a).equals(b)) return [];
  const length = Math.min(a.length, b.length);
  let first = 0;
  while (first < length && a[first] === b[first]) first++;
  const shown = (bytes: Uint8Array) =>
    first < bytes.length
      ? `0x${(bytes[first] as number).toString(16).padStart(2, "0")} of ${bytes.length} bytes`
      : `its end, after ${bytes.length} bytes`;
  return [{ at: `byte ${first}`, left: shown(a), right: shown(b) }];
}

function json(body: Uint8Array): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) as unknown };
  } catch {
    return undefined;
  }
}

function text(body: Uint8Array): string {
  return Buffer.from(body).toString();
}
