import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { parse, type Info } from "csv-parse";
import type { Load } from "../load";
import { JobCollector } from "./collect";
import { findColumns, toldOf, type Columns, type NamedColumns } from "./columns";
import { formOf, formWords, hasZone, readMoment, readNumber, type MomentForm } from "./moments";
import { LoadProblem, WrongRows } from "./problem";

/** A load, and how it was read. */
export interface ReadLoad {
  load: Load;
  /** One line: which columns were read as what, and what was done to the rows. */
  told: string;
}

/** Options of {@link readTrace}. */
export interface TraceOptions {
  /** Columns by name, where they can't be found by their names. */
  columns?: NamedColumns;
  /** Ends reading. */
  signal?: AbortSignal;
}

/** A row as it stands in the file. */
interface Row {
  line: number;
  /** A cell's text; undefined when the row has none there. */
  cell: (column: string | number) => string | undefined;
  /** The whole row, to be quoted. */
  text: () => string;
}

const expectedDuration = "more than 0 seconds";

/**
 * Reads a trace: CSV with comma, semicolon or tab, or JSON lines; with an arrival and a duration in each row. It is read in pieces, so
 * that its size is bounded by what a load takes and not by its text.
 *
 * @param name what the trace is called in messages and tables
 * @throws LoadProblem that names the wrong rows by their lines; nothing is skipped
 */
export async function readTrace(
  name: string,
  chunks: AsyncIterable<Uint8Array | string>,
  { columns: named, signal }: TraceOptions = {},
): Promise<ReadLoad> {
  const { first, all } = await peek(chunks);
  const start = first.replace(/^\ufeff/, "").trimStart();
  if (start === "") throw new LoadProblem(`${name} is empty.`, "A trace has a row for each job: when it arrives and how long it takes.");
  if (start.startsWith("[")) {
    throw new LoadProblem(
      `${name} is a JSON array, expected one JSON object a line, or CSV.`,
      `jq -c '.[]' FILE > lines.jsonl makes lines of it.`,
    );
  }
  const reading = new Reading(name, named);
  const take = start.startsWith("{") ? readJsonLines(all, reading) : readCsv(all, start, reading);
  for await (const row of take) {
    signal?.throwIfAborted();
    reading.row(row);
  }
  return reading.end();
}

/** What is known of a trace while its rows are read. */
class Reading {
  readonly wrong = new WrongRows();
  private readonly jobs: JobCollector;
  private columns: Columns | undefined;
  private form: MomentForm | undefined;
  private spanForm: MomentForm | undefined;
  private withoutZone = false;

  constructor(
    readonly name: string,
    private readonly named: NamedColumns | undefined,
  ) {
    this.jobs = new JobCollector(name);
  }

  /** @throws LoadProblem when the columns can't be found */
  header(names: readonly string[]): void {
    this.columns ??= findColumns(this.name, names, this.named);
  }

  /** Two columns without names. */
  unnamed(cells: readonly string[]): void {
    if (this.named !== undefined || cells.length !== 2) {
      throw new LoadProblem(
        `${this.name} begins without the names of its columns: got ${cells.length} values, expected two (arrival, duration in seconds), or a first line of names.`,
      );
    }
    this.columns = { arrival: 0, duration: { column: 1, unitSeconds: 1 } };
  }

  row(row: Row): void {
    const { arrival, duration, between } = this.columns as Columns;
    const at = this.moment(row, arrival, "arrival");
    const seconds = duration === undefined ? this.span(row, between as NonNullable<typeof between>) : this.length(row, duration);
    if (at !== undefined && seconds !== undefined) this.jobs.add(at, seconds);
  }

  end(): ReadLoad {
    this.wrong.refuse(this.name);
    const { columns, jobs, form } = this;
    if (columns === undefined || jobs.count === 0) {
      throw new LoadProblem(`${this.name} has no jobs: nothing stands below the names of its columns.`);
    }
    const notes = [
      ...(form === "relative" ? ["second 0 is a Monday, 00:00 UTC"] : []),
      ...(this.withoutZone ? ["times without a zone are UTC"] : []),
      ...(jobs.unsorted > 0 ? [`sorted by arrival (${count(jobs.unsorted, "row")} stood behind a later one)`] : []),
    ];
    const told = [`${this.name}: ${count(jobs.count, "job")}, ${toldOf(columns)}`, ...notes].join("; ");
    return { load: jobs.load(form !== "relative"), told };
  }

  private moment(row: Row, column: string | number, what: "arrival" | "span"): number | undefined {
    const text = row.cell(column)?.trim() ?? "";
    const remembered = what === "arrival" ? this.form : this.spanForm;
    const form = remembered ?? formOf(text);
    const value = form === undefined ? undefined : readMoment(text, form);
    if (form === undefined || value === undefined) {
      this.wrong.add(
        row.line,
        text === "" ? row.text() : text,
        `${shown(column)}: ${form === undefined ? "a time such as 2026-01-25T08:00:00Z, or seconds from 0" : formWords[form]}`,
      );
      return undefined;
    }
    if (what === "arrival") this.form = form;
    else this.spanForm = form;
    if (form === "iso" && !hasZone(text)) this.withoutZone = true;
    return value;
  }

  private length(row: Row, { column, unitSeconds }: NonNullable<Columns["duration"]>): number | undefined {
    const text = row.cell(column)?.trim() ?? "";
    const value = readNumber(text);
    if (value !== undefined && value > 0 && Number.isFinite(value)) return value * unitSeconds;
    this.wrong.add(
      row.line,
      text === "" ? row.text() : text,
      `${shown(column)}: ${unitSeconds === 1 ? expectedDuration : "a number above 0"}`,
    );
    return undefined;
  }

  private span(row: Row, { start, finish }: NonNullable<Columns["between"]>): number | undefined {
    const from = this.moment(row, start, "span");
    const to = this.moment(row, finish, "span");
    if (from === undefined || to === undefined) return undefined;
    if (to > from) return to - from;
    this.wrong.add(row.line, `${row.cell(start)} to ${row.cell(finish)}`, `${shown(finish)} later than ${shown(start)}`);
    return undefined;
  }
}

async function* readCsv(chunks: AsyncIterable<string>, start: string, reading: Reading): AsyncGenerator<Row> {
  const line = start.slice(0, /[\r\n]|$/.exec(start)?.index);
  const delimiter = [",", ";", "\t"].reduce((best, each) => (line.split(each).length > line.split(best).length ? each : best));
  const parser = parse({ delimiter, bom: true, skip_empty_lines: true, relax_column_count: true, info: true, trim: true });
  const feeding = pipeline(Readable.from(chunks), parser);
  // Told by the loop below, which ends with the parser.
  feeding.catch(() => undefined);
  let names: string[] | undefined;
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      if (names === undefined && !record.some((cell) => formOf(cell) !== undefined)) {
        names = record;
        reading.header(names);
        continue;
      }
      if (names === undefined) {
        reading.unnamed(record);
        names = record.map((_, index) => String(index + 1));
      }
      const known = names;
      const text = () => record.join(delimiter);
      if (record.length !== known.length) {
        reading.wrong.add(info.lines, text(), `${known.length} values, as the first line has`);
        continue;
      }
      yield { line: info.lines, text, cell: (column) => record[typeof column === "number" ? column : known.indexOf(column)] };
    }
    await feeding;
  } catch (error) {
    if (error instanceof LoadProblem || !("code" in (error as object))) throw error;
    throw new LoadProblem(`${reading.name} is not CSV: ${(error as Error).message}`, "Quotes inside a quoted value are doubled.");
  } finally {
    parser.destroy();
  }
}

async function* readJsonLines(chunks: AsyncIterable<string>, reading: Reading): AsyncGenerator<Row> {
  let number = 0;
  for await (const text of linesOf(chunks)) {
    number += 1;
    const line = number;
    if (text.trim() === "") continue;
    const fields = readObject(text);
    if (fields === undefined) {
      reading.wrong.add(line, text, "a JSON object");
      continue;
    }
    reading.header(Object.keys(fields));
    yield { line, text: () => text, cell: (column) => fields[column] };
  }
}

/** An object's scalar fields as text, those of objects in it by `outer.inner`; undefined for anything else. */
function readObject(text: string): Record<string, string> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const fields: Record<string, string> = {};
  for (const [name, field] of Object.entries(value)) {
    if (typeof field !== "object" || field === null) fields[name] = String(field);
    else for (const [inner, of] of Object.entries(field)) if (typeof of !== "object") fields[`${name}.${inner}`] = String(of);
  }
  return fields;
}

async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() as string;
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** The beginning of a text, and the whole of it. */
async function peek(chunks: AsyncIterable<Uint8Array | string>): Promise<{ first: string; all: AsyncIterable<string> }> {
  const decoder = new TextDecoder();
  const texts = chunks[Symbol.asyncIterator]();
  const next = async () => {
    const { value, done } = await texts.next();
    return done ? undefined : typeof value === "string" ? value : decoder.decode(value as Uint8Array, { stream: true });
  };
  let first = "";
  let ended = false;
  while (!/\S.*[\r\n]/.test(first) && !ended) {
    const more = await next();
    ended = more === undefined;
    first += more ?? "";
  }
  const all = async function* () {
    yield first;
    if (ended) return;
    for (let more = await next(); more !== undefined; more = await next()) yield more;
  };
  return { first, all: all() };
}

function shown(column: string | number): string {
  return typeof column === "number" ? `value ${column + 1}` : column;
}

function count(number: number, what: string): string {
  return `${number.toLocaleString("en-US")} ${what}${number === 1 ? "" : "s"}`;
}
