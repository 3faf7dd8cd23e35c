/** A result in the form in which JavaScript and JSON like it best. */
export type Content = { kind: "json"; value: unknown } | { kind: "text"; value: string } | { kind: "bytes"; value: Uint8Array };

/**
 * Reads a model's answer by its content type: JSON is parsed, text is a string, the rest stays bytes.
 * What claims to be JSON or UTF-8 and isn't falls through to the next form, so that nothing is lost.
 */
export function readContent(body: Uint8Array, contentType: string | undefined): Content {
  const type = (contentType ?? "").split(";", 1).join().trim().toLowerCase();
  const isJson = type === "application/json" || type.endsWith("+json");
  if (!isJson && !type.startsWith("text/")) return { kind: "bytes", value: body };
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch {
    return { kind: "bytes", value: body };
  }
  if (!isJson) return { kind: "text", value: text };
  try {
    return { kind: "json", value: JSON.parse(text) as unknown };
  } catch {
    return { kind: "text", value: text };
  }
}
