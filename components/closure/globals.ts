/** A reference to a global variable as Pulumi writes it for a captured value. */
const reference = /\bglobal(?:\.([\p{ID_Start}$_][\p{ID_Continue}$]*)|\["((?:[^"\\]|\\.)+)"\])/gu;

/**
 * Global variables of this process to which a function's text refers, and which Lambda does not have. Pulumi writes a captured value that
 * equals one of a global variable as a reference to that variable: right for Node's own objects, undefined in Lambda for the `true` or the
 * text that a library of the program keeps in one. Seen with @pulumi/pulumi 3.276.0.
 */
export function borrowedGlobals(text: string): string[] {
  const names = [...text.matchAll(reference)].map(([, member, quoted]) => member ?? quoted ?? "");
  const held = globalThis as unknown as Record<string, unknown>;
  return [...new Set(names)].filter((name) => held[name] === true || typeof held[name] === "string").sort();
}
