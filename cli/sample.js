/** Kinds of sample payloads. */
export const sampleKinds = ["json", "page"];
/** "It works." in black on white, 360 × 96, in Source Serif 4 (OFL). */
const page =
  "iVBORw0KGgoAAAANSUhEUgAAAWgAAABgAQAAAAAYutWhAAABeElEQVR42u3VsUoEMRAG4Dm2SBnBQgUxWFnbXXEQX0V8AcVmi+XmYAtLX2mXLSx9hfgGY2WE" +
  "kF9zuljIZhUVLDJVAl8xycwkhO8EFV100UUX/TmEv6Pp93RHP9LZvN0C5us66L/U8d9oTxxpRaLiAjBKGuLOTOqObKAlXSpPHI4qqYlJ5XR81aJkx7jDpNd6" +
  "WgcDDFDRuqjdfiV8G+xdVvdJD1DuoBI2nud0FbjFTdy9l7Wd0w+xCnyDNu5BGp7TLmmFNipIDW8xo489FIaoIVfwJq8lnCfdJ32OoGZ086HPEGhOXz5Dv2li" +
  "kM1qX8vjqHcYGz2v3zNZWki+8n7pr0ddG4Qqq8Opvxh1Y4Av6e19r3XqsqzeDSdIld9qjz6rY9KpqzSElcfgOTOXsQpq2+RJtx6D2CmtgZhcH/Wo2wndUUyV" +
  "S9o1RhbYmK5mNakxak/WEUh3S9LTesNAet8CYavdiuzEKQE8jfv7cdEjlN+16KKLLvr/6henouE13KnatwAAAABJRU5ErkJggg==";
/** `json`: what the Hugging Face containers take; `page`: an image with a line of text, for models that read. */
export function sample(kind) {
  if (kind === "page") return { name: "sample.png", body: Buffer.from(page, "base64"), contentType: "image/png" };
  return { name: "sample.json", body: Buffer.from(JSON.stringify({ inputs: "It works." })), contentType: "application/json" };
}
/** The model of the embedded cloud reads pages unless its user brings another. */
export function defaultSample(endpointUrl) {
  return endpointUrl === undefined ? "json" : "page";
}
