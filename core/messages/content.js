/**
 * Reads a model's answer by its content type: JSON is parsed, text is a string, the rest stays bytes.
 * What claims to be JSON or UTF-8 and isn't falls through to the next form, so that nothing is lost.
 */
export function readContent(body, contentType) {
    const type = (contentType ?? "").split(";", 1).join().trim().toLowerCase();
    const isJson = type === "application/json" || type.endsWith("+json");
    if (!isJson && !type.startsWith("text/"))
        return { kind: "bytes", value: body };
    let text;
    try {
        text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    }
    catch {
        return { kind: "bytes", value: body };
    }
    if (!isJson)
        return { kind: "text", value: text };
    try {
        return { kind: "json", value: JSON.parse(text) };
    }
    catch {
        return { kind: "text", value: text };
    }
}
