import { isInexact, losesDigits } from "../core/messages/numbers";

/** What JSON.parse tells a reviver, and how JSON.stringify is handed digits: newer than the types of the language. */
interface SourceText {
  parse(text: string, reviver: (name: string, value: unknown, context?: { source?: string }) => unknown): unknown;
  rawJSON: (text: string) => unknown;
}

const sourceText = JSON as unknown as SourceText;

/** A JSON text as a value that JSON.stringify writes with the digits of the text, also where JavaScript's numbers don't hold them. */
export function exactJson(text: string): { value: unknown } {
  if (!losesDigits(text)) return { value: JSON.parse(text) };
  const { rawJSON } = sourceText;
  return {
    value: sourceText.parse(text, (_, value, context) => {
      const digits = typeof value === "number" ? context?.source : undefined;
      return digits !== undefined && isInexact(digits) ? rawJSON(digits) : value;
    }),
  };
}
