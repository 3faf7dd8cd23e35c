/** What Lambda takes of a function's environment, written as JSON, in bytes. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const environmentBytes = 4096;

/** Bytes of names and values as Lambda counts them: those of the JSON text. A value that is known later counts as empty. */
export function bytesOfEnvironment(environment: Readonly<Record<string, unknown>>): number {
  const known = Object.entries(environment).map(([name, value]) => [name, typeof value === "string" ? value : ""]);
  return Buffer.byteLength(JSON.stringify(Object.fromEntries(known)));
}
