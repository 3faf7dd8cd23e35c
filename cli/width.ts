/** Text of which each UTF-16 unit is a character one column wide: nearly all that the command line shows. */
const plain = /^[ -~\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027]*$/;

let measure: ((text: string) => number) | undefined;
let segmenter: Intl.Segmenter | undefined;

/** How wide a terminal is: some, in a container or below `script`, say that they have no columns. */
export function columnsOf({ columns }: Pick<NodeJS.WriteStream, "columns">): number {
  return columns || 80;
}

/** How many columns of a terminal a text takes: two for a character of Chinese or Japanese, none for an accent or a colour. */
export function width(text: string): number {
  if (plain.test(text)) return text.length;
  // Most commands never need it, and should not wait for it.
  measure ??= (require("string-width") as typeof import("string-width")).default;
  return measure(text);
}

/** Text with blanks up to so many columns. */
export function padded(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - width(text)));
}

/** What of a text without colours has room in so many columns. */
export function cut(text: string, columns: number): string {
  return pieces(text, columns)[0] ?? "";
}

/** How many rows of a terminal with so many columns a text without colours takes: one at the least. */
export function rowsOf(text: string, columns: number): number {
  return Math.max(1, pieces(text, columns).length);
}

/** A text in pieces as a terminal breaks it: between characters as people see them, each whole. */
export function pieces(text: string, columns: number): string[] {
  const found: string[] = [];
  let piece = "";
  let taken = 0;
  for (const character of charactersOf(text)) {
    const own = width(character);
    if (piece !== "" && taken + own > columns) {
      found.push(piece);
      piece = "";
      taken = 0;
    }
    piece += character;
    taken += own;
  }
  return piece === "" ? found : [...found, piece];
}

function charactersOf(text: string): Iterable<string> {
  if (plain.test(text)) return text;
  segmenter ??= new Intl.Segmenter();
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}
