import { pieces, width } from "./width";

/**
 * Breaks text between words so that no line is wider than `columns`; a longer word stays whole, unless it is of a script that has no
 * blanks between words, and line breaks stay.
 *
 * @param indent blanks before each line
 */
export function wrap(text: string, columns: number, indent: number): string {
  const margin = " ".repeat(indent);
  const room = columns - indent;
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    let taken = 0;
    let isEmpty = true;
    for (const word of paragraph.split(" ")) {
      const [first = "", ...others] = width(word) > room && isBreakable(word) ? pieces(word, room) : [word];
      if (!isEmpty && taken + 1 + width(first) > room) {
        lines.push(margin + line);
        line = "";
        taken = 0;
      } else if (!isEmpty) {
        line += " ";
        taken++;
      }
      line += first;
      taken += width(first);
      for (const other of others) {
        lines.push(margin + line);
        line = other;
        taken = width(other);
      }
      isEmpty = false;
    }
    lines.push(margin + line);
  }
  return lines.join("\n");
}

/** Whether a word is of a script that has no blanks; a path or an address stays whole, to be copied. */
function isBreakable(word: string): boolean {
  return !word.includes("/") && width(word) > Array.from(word).length;
}
