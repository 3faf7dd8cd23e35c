/**
 * Inputs in which what a program ignores is as it was.
 *
 * @param paths such as `tags`, `tags.owner`, `rules[0].id`, `tags["a.b"]` or `rules[*].id`
 * @returns the inputs themselves where nothing is ignored
 * @see https://www.pulumi.com/docs/iac/concepts/resources/options/ignorechanges/
 */
export function withIgnored(
  inputs: Record<string, unknown>,
  before: Readonly<Record<string, unknown>>,
  paths: readonly string[],
): Record<string, unknown> {
  return paths.reduce<Record<string, unknown>>((now, path) => restored(now, before, stepsOf(path)) as Record<string, unknown>, inputs);
}

const step = /\["((?:[^"\\]|\\.)*)"\]|\[(\d+|\*)\]|([^.[\]]+)/g;

function stepsOf(path: string): string[] {
  return [...path.matchAll(step)].map(([, quoted, index, name]) => quoted?.replace(/\\(.)/g, "$1") ?? index ?? name ?? "");
}

function restored(now: unknown, before: unknown, [first, ...rest]: readonly string[]): unknown {
  if (first === undefined) return before;
  // What is not there on both sides has nothing that could be as it was.
  if (!isObject(now) || !isObject(before)) return now;
  const copy: Record<string, unknown> = Array.isArray(now) ? ([...(now as unknown[])] as unknown as Record<string, unknown>) : { ...now };
  for (const name of first === "*" ? Object.keys(before) : [first]) {
    const value = restored(copy[name], before[name], rest);
    if (value === undefined) delete copy[name];
    else copy[name] = value;
  }
  return copy;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
