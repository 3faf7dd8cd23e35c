import { LoadProblem } from "./problem";

/** What a column holds: a moment, or a length of time with its unit. */
export type ColumnRole = "arrival" | "duration" | "start" | "finish";

/** Where a trace has what a load needs. */
export interface Columns {
  /** Name of the column, or its number from 0 in a trace without names. */
  arrival: string | number;
  /** A length of time… */
  duration?: { column: string | number; unitSeconds: number };
  /** … or two moments. */
  between?: { start: string | number; finish: string | number };
}

/** Columns that the user names: they win over those that are found. */
export type NamedColumns = Partial<Record<ColumnRole, string>>;

/** Names by which columns are found, without case and punctuation; the earlier ones win. */
const known: Record<ColumnRole, readonly string[]> = {
  arrival: [
    ...["arrival", "arrivaltime", "arrivedat", "acceptedat", "submittedat", "receivedat", "createdat", "requesttime", "timestamp", "time"],
    ...["datetime", "ts", "submitted", "received", "created", "accepted", "date"],
  ],
  duration: [
    "duration",
    "processingtime",
    "modeltime",
    "runtime",
    "computetime",
    "elapsed",
    "latency",
    "model",
    "processing",
    "compute",
    "took",
  ],
  start: ["startedat", "starttime", "start", "started", "began", "beganat"],
  finish: ["finishedat", "endedat", "completedat", "endtime", "finishtime", "end", "finished", "ended", "completed"],
};

const units: Readonly<Record<string, number>> = {
  ms: 0.001,
  milliseconds: 0.001,
  millis: 0.001,
  s: 1,
  sec: 1,
  secs: 1,
  seconds: 1,
  min: 60,
  minutes: 60,
  h: 3600,
  hours: 3600,
};

/** What to write where names say nothing. */
const advice = "Name them: --columns arrival=NAME,duration=NAME, or with start=NAME,finish=NAME in the place of duration.";

/**
 * Finds the columns of a trace by their names.
 *
 * @param named what the user says; a duration may have its unit behind a colon, as in `latency:ms`
 * @throws LoadProblem that names the columns that there are, and those that are missing
 */
export function findColumns(name: string, names: readonly string[], named: NamedColumns = {}): Columns {
  const missing = Object.values(named).filter((column) => !names.includes(withoutUnit(column, names)));
  const has = `It has the columns ${names.map((each) => JSON.stringify(each)).join(", ")}.`;
  if (missing.length > 0) {
    throw new LoadProblem(`${name} has no column ${missing.map((each) => JSON.stringify(each)).join(", ")}. ${has}`, advice);
  }
  const find = (role: ColumnRole) => named[role] ?? foundBy(names, known[role], role === "duration");
  const [arrival, duration, start, finish] = [find("arrival"), find("duration"), find("start"), find("finish")];
  // Whoever names start and finish does not want the duration that would be found.
  const named_ = named.start !== undefined && named.finish !== undefined && named.duration === undefined;
  const between = start !== undefined && finish !== undefined ? { start, finish } : undefined;
  const arrives = arrival ?? start;
  const lacks = [
    ...(arrives === undefined ? ["when jobs arrive (such as arrival, createdAt or timestamp)"] : []),
    ...(duration === undefined && between === undefined ? ["how long the model takes (such as duration, latency_ms or runtime)"] : []),
  ];
  if (arrives === undefined || lacks.length > 0)
    throw new LoadProblem(`${name} has no column that says ${lacks.join(", nor one that says ")}. ${has}`, advice);
  if (duration === undefined || (named_ && between !== undefined)) return { arrival: arrives, ...(between !== undefined && { between }) };
  const column = withoutUnit(duration, names);
  const unit = column === duration ? undefined : duration.slice(column.length + 1);
  const unitSeconds = unit === undefined ? unitIn(column) : units[unit];
  if (unitSeconds === undefined) {
    throw new LoadProblem(`--columns: got the unit ${JSON.stringify(unit)} of ${column}, expected ${Object.keys(units).join(", ")}`);
  }
  return { arrival: arrives, duration: { column, unitSeconds } };
}

/** One line that says which columns are read as what. */
export function toldOf({ arrival, duration, between }: Columns): string {
  const shown = (column: string | number) => (typeof column === "number" ? `column ${column + 1}` : column);
  const unit = Object.keys(units).find((word) => word.endsWith("s") && word.length > 4 && units[word] === duration?.unitSeconds);
  const length =
    duration === undefined ? `${shown(between?.start ?? "")} to ${shown(between?.finish ?? "")}` : `${shown(duration.column)} (${unit})`;
  return `arrival from ${shown(arrival)}, duration from ${length}`;
}

function foundBy(names: readonly string[], synonyms: readonly string[], withUnit: boolean): string | undefined {
  const plain = names.map((name) => ({ name, words: plainOf(name) }));
  for (const synonym of synonyms) {
    const found = plain.find(({ words }) => words === synonym || (withUnit && isWithUnit(words, synonym)));
    if (found !== undefined) return found.name;
  }
  // A column that is called by a unit alone: `seconds`.
  return withUnit ? plain.find(({ words }) => words.length > 2 && Object.hasOwn(units, words))?.name : undefined;
}

function isWithUnit(words: string, synonym: string): boolean {
  return words.startsWith(synonym) && Object.hasOwn(units, words.slice(synonym.length).replace(/^in/, ""));
}

/** The unit that a column's name ends with; seconds when it names none. */
function unitIn(column: string): number {
  const words = column
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/);
  const unit = words.filter((word) => word !== "").at(-1) ?? "";
  return units[unit] ?? 1;
}

function withoutUnit(column: string, names: readonly string[]): string {
  const [, before, unit] = /^(.*):([^:]*)$/.exec(column) ?? [];
  return names.includes(column) || before === undefined || unit === undefined ? column : before;
}

function plainOf(name: string): string {
  // `timings.acceptedAt` of a record is known by its last part.
  return name
    .slice(name.lastIndexOf(".") + 1)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "");
}
