import { isInexact, losesDigits } from "../core/messages/numbers";
const sourceText = JSON;
/** A JSON text as a value that JSON.stringify writes with the digits of the text, also where JavaScript's numbers don't hold them. */
export function exactJson(text) {
  if (!losesDigits(text)) return { value: JSON.parse(text) };
  const { rawJSON } = sourceText;
  return {
    value: sourceText.parse(text, (_, value, context) => {
      const digits = typeof value === "number" ? context?.source : undefined;
      return digits !== undefined && isInexact(digits) ? rawJSON(digits) : value;
    }),
  };
}
