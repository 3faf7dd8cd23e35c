/**
 * Breaks text between words so that no line is wider than `columns`; a longer word stays whole, and line breaks stay.
 *
 * @param indent blanks before each line
 */
export function wrap(text, columns, indent) {
  const margin = " ".repeat(indent);
  const lines = [];
  for (const paragraph of text.split("\n")) {
    let line = margin;
    let empty = true;
    for (const word of paragraph.split(" ")) {
      if (!empty && line.length + 1 + word.length > columns) {
        lines.push(line);
        line = margin + word;
      } else {
        line += empty ? word : ` ${word}`;
      }
      empty = false;
    }
    lines.push(line);
  }
  return lines.join("\n");
}
