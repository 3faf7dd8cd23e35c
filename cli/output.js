import { stripVTControlCharacters, styleText } from "node:util";
import { wrap } from "./wrap";
/**
 * What a command says, in one of three forms: colours and aligned columns on a terminal, plain lines with tabs in a pipe,
 * and with `--json` one object a line, errors included.
 */
export class Output {
  json;
  streams;
  paint;
  paintError;
  constructor(json, streams) {
    this.json = json;
    this.streams = streams;
    this.paint = painter(streams.stdout);
    this.paintError = painter(streams.stderr);
  }
  /** The stream of a live list; undefined when nobody would see it. */
  get live() {
    return !this.json && this.streams.stderr.isTTY && !process.env["CI"] ? this.streams.stderr : undefined;
  }
  /** Whether people read the standard output as it comes; false in a pipe. */
  get isTerminal() {
    return this.streams.stdout.isTTY;
  }
  /** How wide the terminal of the standard output is; undefined in a pipe. */
  get columns() {
    return this.streams.stdout.isTTY ? this.streams.stdout.columns : undefined;
  }
  /** Text for a terminal, in lines that are no wider than it, each after `indent` blanks; as it is in a pipe. */
  fit(text, indent) {
    return wrap(text, this.columns ?? Infinity, indent);
  }
  /** Says one thing: the object with `--json`, else the text. */
  show(object, text) {
    this.streams.stdout.write(`${this.json ? jsonLine(object) : harmless(text(this.paint))}\n`);
  }
  /** Says many things of one kind: an object each with `--json`, else a row each. */
  table(items, columns) {
    if (this.json) for (const item of items) this.show(item, () => "");
    else if (items.length > 0) this.streams.stdout.write(this.rows(items, columns));
  }
  /** Bytes as they are: a result. Resolves when they have been taken. */
  raw(bytes) {
    return new Promise((resolve, reject) => this.streams.stdout.write(bytes, (error) => (error ? reject(error) : resolve())));
  }
  /** A hint for people, beside what was asked for. Scripts are spared. */
  note(text) {
    if (this.json) return;
    const { stderr } = this.streams;
    // A command below a sentence stays one line, to be copied.
    const lines = text.split("\n").map((line) => (line.startsWith("  ") ? line : wrap(line, stderr.isTTY ? stderr.columns : Infinity, 0)));
    stderr.write(`${this.paintError("dim", lines.join("\n"))}\n`);
  }
  /** Something is wrong, and the command may go on. */
  error(coded, about = {}) {
    if (this.json) {
      this.streams.stdout.write(`${jsonLine({ ...about, error: coded })}\n`);
      return;
    }
    const subject = about.jobId ?? about.file;
    const label = this.paintError("red", "error:");
    const { stderr } = this.streams;
    const columns = stderr.isTTY ? stderr.columns : Infinity;
    const fit = (text) => wrap(printable(text), columns, errorIndent);
    const advice = coded.advice === "" ? "" : `\n${this.paintError("dim", fit(coded.advice))}`;
    const message = subject === undefined || coded.message.includes(subject) ? coded.message : `${subject}: ${coded.message}`;
    stderr.write(`${label} ${fit(message).slice(errorIndent)}${advice}\n`);
  }
  rows(items, columns) {
    const cells = items.map((item) => columns.map(({ value }) => oneLine(value(item) ?? "")));
    if (!this.streams.stdout.isTTY) return cells.map((row) => `${row.join("\t")}\n`).join("");
    const shown = [columns.map(({ name }) => name), ...cells];
    const widths = columns.map((_, index) => Math.max(...shown.map((row) => row[index].length)));
    return shown
      .map((row, rowIndex) => {
        const padded = row.map((cell, index) => {
          const text = index === row.length - 1 ? cell : cell.padEnd(widths[index]);
          if (rowIndex === 0) return this.paint("bold", text);
          const style = columns[index]?.style?.(items[rowIndex - 1]);
          return style === undefined ? text : this.paint(style, text);
        });
        return `${padded.join("  ").trimEnd()}\n`;
      })
      .join("");
  }
}
/** What follows the first line of an error stands below its first word. */
const errorIndent = "error: ".length;
/**
 * Facts about one thing, a line each, their names in one column. Facts without a value are left out.
 *
 * @param columns width of the terminal; undefined in a pipe, whose lines have any length
 */
export function facts(entries, paint, columns) {
  const known = entries.filter(([, value]) => value !== undefined && value !== "");
  const width = Math.max(0, ...known.map(([name]) => name.length));
  return known
    .map(([name, value]) => {
      const text = wrap(printable(String(value)), columns ?? Infinity, width + 4);
      return `  ${paint("dim", name.padEnd(width))}  ${text.slice(width + 4)}`;
    })
    .join("\n");
}
/** What a model, or an error that it wrote, says must not steer the terminal. */
export function printable(text) {
  return stripVTControlCharacters(text).replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, "");
}
/** The same for text that has colours of our own. */
function harmless(text) {
  return text
    .split(/(\x1b\[[\d;]*m)/)
    .map((part, index) => (index % 2 === 0 ? printable(part) : part))
    .join("");
}
/** JSON leaves control characters above ASCII as they are. */
function jsonLine(object) {
  return JSON.stringify(object).replace(/[\x7f-\x9f]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}
/** Others' words in a row: they must not add another. */
export function oneLine(text) {
  return printable(text).replace(/\s+/g, " ");
}
function painter(stream) {
  // A pipe has no hasColors; a terminal asks NO_COLOR, FORCE_COLOR and TERM.
  const coloured = stream.isTTY && stream.hasColors();
  return (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text);
}
