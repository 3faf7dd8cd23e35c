import { stripVTControlCharacters, styleText } from "node:util";
import { withoutDeadLink } from "../core/messages/deadLink";
import type { CodedError } from "../core/records/errors";
import { columnsOf, padded, width } from "./width";
import { wrap } from "./wrap";

/** Colours text, where the stream shows colours. */
export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

/** Where a command's words go. */
export interface Streams {
  stdout: NodeJS.WriteStream;
  stderr: NodeJS.WriteStream;
}

/**
 * What a command says, in one of three forms: colours and aligned columns on a terminal, plain lines in a pipe (those of a list with
 * tabs), and with `--json` one object a line, errors included.
 */
export class Output {
  readonly paint: Paint;
  private readonly paintError: Paint;

  constructor(
    readonly json: boolean,
    private readonly streams: Streams,
  ) {
    this.paint = painter(streams.stdout);
    this.paintError = painter(streams.stderr);
  }

  /** The stream of a live list; undefined when nobody would see it. */
  get live(): NodeJS.WriteStream | undefined {
    return !this.json && this.streams.stderr.isTTY && !process.env["CI"] ? this.streams.stderr : undefined;
  }

  /** The standard output where `--watch` can draw over what it drew; undefined where each change is a line of its own. */
  get watched(): NodeJS.WriteStream | undefined {
    return !this.json && this.streams.stdout.isTTY && !process.env["CI"] ? this.streams.stdout : undefined;
  }

  /** Whether people read the standard output as it comes; false in a pipe. */
  get isTerminal(): boolean {
    return this.streams.stdout.isTTY;
  }

  /** How wide the terminal of the standard output is; undefined in a pipe. */
  get columns(): number | undefined {
    return this.streams.stdout.isTTY ? columnsOf(this.streams.stdout) : undefined;
  }

  /** Text for a terminal, in lines that are no wider than it, each after `indent` blanks; as it is in a pipe. */
  fit(text: string, indent: number): string {
    return wrap(text, this.columns ?? Infinity, indent);
  }

  /** Says one thing: the object with `--json`, else the text. */
  show(object: object, text: (paint: Paint) => string): void {
    this.streams.stdout.write(`${this.json ? jsonLine(object) : this.shown(text)}\n`);
  }

  /** What {@link show} writes for people: in colours, and without what would steer the terminal. */
  shown(text: (paint: Paint) => string): string {
    return harmless(text(this.paint));
  }

  /** Says many things of one kind: an object each with `--json`, else a row each. */
  table<Item extends object>(items: readonly Item[], columns: readonly Column<Item>[]): void {
    if (this.json) for (const item of items) this.show(item, () => "");
    else if (items.length > 0) this.streams.stdout.write(`${this.rows(items, columns).join("\n")}\n`);
  }

  /** Bytes as they are: a result. Resolves when they have been taken. */
  raw(bytes: Uint8Array | string): Promise<void> {
    return new Promise((resolve, reject) => this.streams.stdout.write(bytes, (error) => (error ? reject(error) : resolve())));
  }

  /** A hint for people, beside what was asked for. Scripts are spared. */
  note(text: string): void {
    if (this.json) return;
    const { stderr } = this.streams;
    // A command below a sentence stays one line, to be copied.
    const lines = text
      .split("\n")
      .map((line) => (line.startsWith("  ") ? line : wrap(line, stderr.isTTY ? columnsOf(stderr) : Infinity, 0)));
    stderr.write(`${this.paintError("dim", lines.join("\n"))}\n`);
  }

  /** Something is wrong, and the command may go on. */
  error(coded: CodedError, about: { jobId?: string; file?: string } = {}): void {
    if (this.json) {
      this.streams.stdout.write(`${jsonLine({ ...about, error: coded })}\n`);
      return;
    }
    const subject = about.jobId ?? about.file;
    const label = this.paintError("red", "error:");
    const { stderr } = this.streams;
    const columns = stderr.isTTY ? columnsOf(stderr) : Infinity;
    const fit = (text: string) => wrap(printable(text), columns, errorIndent);
    const advice = coded.advice === "" ? "" : `\n${this.paintError("dim", fit(coded.advice))}`;
    const message = subject === undefined || coded.message.includes(subject) ? coded.message : `${subject}: ${coded.message}`;
    stderr.write(`${label} ${fit(message).slice(errorIndent)}${advice}\n`);
  }

  /**
   * Many things of one kind, a row each: on a terminal below a heading and no wider than it, for which the last columns are left out; in
   * a pipe with tabs.
   */
  rows<Item extends object>(items: readonly Item[], all: readonly Column<Item>[]): string[] {
    const cellsOf = (columns: readonly Column<Item>[]) => items.map((item) => columns.map(({ value }) => oneLine(value(item) ?? "")));
    if (!this.isTerminal) return cellsOf(all).map((row) => row.join("\t"));
    const widthOf = (column: Column<Item>) => Math.max(width(column.name), ...cellsOf([column]).map(([cell = ""]) => width(cell)));
    const { columns, widths } = fitting(all, all.map(widthOf), this.columns);
    const aligned = (row: readonly string[]) =>
      row.map((cell, index) => (index === row.length - 1 ? cell : padded(cell, widths[index] as number)));
    const heading = aligned(columns.map(({ name }) => name)).map((cell) => this.paint("bold", cell));
    const rows = cellsOf(columns).map((row, rowIndex) =>
      aligned(row).map((cell, index) => {
        const style = columns[index]?.style?.(items[rowIndex] as Item);
        return style === undefined ? cell : this.paint(style, cell);
      }),
    );
    return [heading, ...rows].map((row) => row.join("  ").trimEnd());
  }
}

/** The first columns that a terminal has room for side by side, two at the least: without them a row would say nothing. */
function fitting<Item>(
  columns: readonly Column<Item>[],
  widths: readonly number[],
  most = Infinity,
): { columns: readonly Column<Item>[]; widths: readonly number[] } {
  let count = columns.length;
  const needed = () => widths.slice(0, count).reduce((sum, each) => sum + each + 2, -2);
  while (count > 2 && needed() > most) count--;
  return { columns: columns.slice(0, count), widths: widths.slice(0, count) };
}

/** What follows the first line of an error stands below its first word. */
const errorIndent = "error: ".length;

/** One column of a table. */
export interface Column<Item> {
  name: string;
  value: (item: Item) => string | undefined;
  style?: (item: Item) => Parameters<typeof styleText>[0] | undefined;
}

/**
 * Facts about one thing, a line each, their names in one column. Facts without a value are left out.
 *
 * @param columns width of the terminal; undefined in a pipe, whose lines have any length
 */
export function facts(
  entries: readonly (readonly [name: string, value: string | number | undefined])[],
  paint: Paint,
  columns: number | undefined,
): string {
  const known = entries.filter(([, value]) => value !== undefined && value !== "");
  const nameWidth = Math.max(0, ...known.map(([name]) => width(name)));
  return known
    .map(([name, value]) => {
      const words = printable(String(value));
      const room = columns ?? Infinity;
      // An address that has no room beside its name stands below it: a terminal would cut it in two.
      if (words.split(/\s/).some((word) => nameWidth + 4 + width(word) > room)) return `  ${paint("dim", name)}\n${wrap(words, room, 4)}`;
      return `  ${paint("dim", padded(name, nameWidth))}  ${wrap(words, room, nameWidth + 4).slice(nameWidth + 4)}`;
    })
    .join("\n");
}

/** What a model, or an error that it wrote, says must not steer the terminal, nor lead to a console that has nothing of an embedded cloud. */
export function printable(text: string): string {
  return withoutDeadLink(stripVTControlCharacters(text).replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, ""));
}

/** The same for text that has colours of our own. */
function harmless(text: string): string {
  return text
    .split(/(\x1b\[[\d;]*m)/)
    .map((part, index) => (index % 2 === 0 ? printable(part) : part))
    .join("");
}

/** JSON leaves control characters above ASCII as they are. */
function jsonLine(object: object): string {
  return JSON.stringify(object).replace(/[\x7f-\x9f]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
}

/** Others' words in a row: they must not add another. */
export function oneLine(text: string): string {
  return printable(text).replace(/\s+/g, " ");
}

/** A name in a row: no line or cell begins inside of it, and its blanks stay. */
export function nameInRow(name: string): string {
  return printable(name.replace(/[\t\n\r]/g, " "));
}

function painter(stream: NodeJS.WriteStream): Paint {
  // A pipe has no hasColors; a terminal asks NO_COLOR, FORCE_COLOR and TERM.
  const coloured = stream.isTTY && stream.hasColors();
  return (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text);
}
