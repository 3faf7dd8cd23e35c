/** More differences than these say nothing new. */
const shownDifferences = 20;
/** What two answers can be compared as, unless their user says: JSON when both are, else bytes. */
export function comparisonOf(a, b) {
  return json(a.body) === undefined || json(b.body) === undefined ? "bytes" : "json";
}
/**
 * Where two answers differ; empty when they are the same.
 *
 * @param tolerance for `numbers`: how far two numbers may be apart, of 1 or of the larger of them, whichever is more
 */
export function differences(a, b, as, tolerance) {
  if (as === "bytes") return byteDifferences(a.body, b.body);
  const [left, right] = [json(a.body), json(b.body)];
  const same = as === "numbers" ? near(tolerance) : Object.is;
  const found = [];
  if (left !== undefined && right !== undefined) compare("$", left.value, right.value, same, found);
  else if (as === "numbers" && left === undefined && right === undefined) compareTokens(text(a.body), text(b.body), same, found);
  else found.push({ at: "$", asynchronous: left === undefined ? "not JSON" : "JSON", realTime: right === undefined ? "not JSON" : "JSON" });
  return found;
}
function near(tolerance) {
  return (a, b) => {
    if (typeof a !== "number" || typeof b !== "number") return Object.is(a, b);
    return Object.is(a, b) || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));
  };
}
function compare(at, a, b, same, found) {
  if (found.length >= shownDifferences) return;
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let index = 0; index < Math.max(a.length, b.length); index++) compare(`${at}[${index}]`, a[index], b[index], same, found);
  } else if (isObject(a) && isObject(b)) {
    for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const key = /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
      compare(`${at}${key}`, a[name], b[name], same, found);
    }
  } else if (!same(a, b)) found.push({ at, asynchronous: a, realTime: b });
}
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
/** CSV and other text: numbers by their distance, everything else as it is. */
function compareTokens(a, b, same, found) {
  const tokens = (content) =>
    content
      .split(/[\s,;]+/)
      .filter((token) => token !== "")
      .map((token) => (Number.isNaN(Number(token)) ? token : Number(token)));
  const [left, right] = [tokens(a), tokens(b)];
  for (let index = 0; index < Math.max(left.length, right.length) && found.length < shownDifferences; index++) {
    if (!same(left[index], right[index])) found.push({ at: `value ${index + 1}`, asynchronous: left[index], realTime: right[index] });
  }
}
function byteDifferences(a, b) {
  if (Buffer.from(a).equals(b)) return [];
  const length = Math.min(a.length, b.length);
  let first = 0;
  while (first < length && a[first] === b[first]) first++;
  const shown = (bytes) =>
    first < bytes.length
      ? `0x${bytes[first].toString(16).padStart(2, "0")} of ${bytes.length} bytes`
      : `its end, after ${bytes.length} bytes`;
  return [{ at: `byte ${first}`, asynchronous: shown(a), realTime: shown(b) }];
}
function json(body) {
  try {
    return { value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) };
  } catch {
    return undefined;
  }
}
function text(body) {
  return Buffer.from(body).toString();
}
