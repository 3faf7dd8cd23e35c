import { readFile } from "node:fs/promises";
import path from "node:path";
import { Option, type Command } from "commander";
import type { SageMakerAsyncClient } from "../client";
import { contentTypeOfBytes, contentTypeOfName } from "../core/messages/contentTypes";
import { comparisonOf, differences, type Answer, type Comparison } from "./difference";
import { exitCodeOf, exitCodes, worst, type ExitCode } from "./exitCodes";
import { UsageError } from "./failure";
import { defaultWaitSeconds } from "./following";
import { header, integer, number } from "./options";
import { printable, type Paint } from "./output";
import { codedIn, type Session } from "./session";

/** How answers are got and compared. */
export interface ComparisonOptions {
  as?: Comparison;
  tolerance?: number;
  contentType?: string;
  accept?: string;
  waitTimeout: number;
}

/** One input, as both sides get it. */
export interface ComparedInput {
  file: string;
  body: Uint8Array;
  contentType: string;
}

/** What the first of the two sides is called, which is this service. */
const first = "asynchronous";

/** The other side. */
export interface OtherSide<Name extends string> {
  /** Member of the report for machines. */
  name: Name;
  /** The same for people. */
  shown: string;
  ask(input: ComparedInput): Promise<Answer>;
}

/** How one file's answers compare. */
export interface CompareReport<Other extends string> {
  file: string;
  same: boolean;
  comparedAs: Comparison;
  /** Bytes of the answers. */
  bytes: Record<typeof first | Other, number>;
  differences: ({ at: string } & Record<typeof first | Other, unknown>)[];
}

/** How a comparison ended. */
export interface Compared {
  code: ExitCode;
  /** Files whose answers were the same. */
  same: number;
  /** Files whose answers were not; those that could not be compared are in neither. */
  differing: number;
}

/** Adds the options of {@link ComparisonOptions}. */
export function addComparisonOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--as <form>",
        "compare bytes, JSON values, or numbers within --tolerance; default: JSON when both answers are, else bytes",
      ).choices(["bytes", "json", "numbers"]),
    )
    .addOption(
      new Option("--tolerance <number>", "how far numbers may be apart: of 1, or of the larger one if that is more").argParser(
        number(0, ""),
      ),
    )
    .addOption(new Option("--content-type <type>", "of the inputs").argParser(header))
    .addOption(new Option("--accept <type>", "what the model should answer with").argParser(header))
    .addOption(
      new Option("--wait-timeout <seconds>", "how long to wait for a job").argParser(integer(1, 604_800)).default(defaultWaitSeconds),
    );
}

/** @throws UsageError when options contradict each other */
export function checkComparison({ as, tolerance }: ComparisonOptions): void {
  if (tolerance !== undefined && as !== undefined && as !== "numbers") {
    throw new UsageError(`--tolerance: got it with --as ${as}; it is for --as numbers, which it implies`);
  }
}

/**
 * Asks both sides for each file, one after the other, and shows how their answers compare.
 *
 * @returns how it ended
 */
export async function compareFiles<Other extends string>(
  session: Session,
  files: readonly string[],
  service: () => Promise<SageMakerAsyncClient>,
  other: OtherSide<Other>,
  options: ComparisonOptions,
): Promise<Compared> {
  const ends: ExitCode[] = [];
  let differing = 0;
  const result = () => ({ code: worst(ends), same: ends.filter((end) => end === exitCodes.done).length, differing });
  // One after the other: an endpoint may have one small instance.
  for (const file of files) {
    if (session.signal.aborted) return { ...result(), code: exitCodes.interrupted };
    try {
      const body = await readFile(file);
      const contentType = options.contentType ?? contentTypeOfName(file) ?? contentTypeOfBytes(body) ?? "application/octet-stream";
      const input = { file, body, contentType };
      // First what may be refused at once: a job that nobody compares would wake the endpoint for nothing.
      const b = await other.ask(input);
      const a = await askService(await service(), input, options, session.signal);
      const report = compared(file, a, b, other.name, options);
      session.output.show(report, (paint) => render(report, other, paint));
      if (!report.same) differing++;
      ends.push(report.same ? exitCodes.done : exitCodes.failed);
    } catch (error) {
      const coded = codedIn(session, error);
      session.output.error(coded, { file });
      ends.push(exitCodeOf(coded.code));
    }
  }
  return result();
}

/** The result of a job of an asynchronous service. */
export async function askService(
  client: SageMakerAsyncClient,
  { file, body, contentType }: ComparedInput,
  { accept, waitTimeout }: ComparisonOptions,
  signal: AbortSignal,
): Promise<Answer> {
  const result = await client.invoke(body, {
    as: "bytes",
    contentType,
    fileName: path.basename(file),
    timeoutSeconds: waitTimeout,
    signal,
    ...(accept !== undefined && { accept }),
  });
  if (!result.success) throw result.error;
  return { body: result.data, contentType: result.contentType };
}

function compared<Other extends string>(
  file: string,
  a: Answer,
  b: Answer,
  other: Other,
  { as, tolerance }: ComparisonOptions,
): CompareReport<Other> {
  const comparedAs = as ?? (tolerance === undefined ? comparisonOf(a, b) : "numbers");
  const found = differences(a, b, comparedAs, tolerance ?? 0);
  const both = <Value>(mine: Value, theirs: Value) => ({ [first]: mine, [other]: theirs }) as Record<typeof first | Other, Value>;
  return {
    file,
    same: found.length === 0,
    comparedAs,
    bytes: both(a.body.length, b.body.length),
    differences: found.map(({ at, left, right }) => ({ at, ...both(left, right) })),
  };
}

function render<Other extends string>(
  { file, same, comparedAs, bytes, differences: found }: CompareReport<Other>,
  { name, shown: otherShown }: OtherSide<Other>,
  paint: Paint,
): string {
  if (same) return `${paint("green", "same")}     ${file}  (as ${comparedAs}, ${bytes[first]} bytes)`;
  const lines = found.map((each) => printable(`\n  ${each.at}: ${first} ${shown(each[first])}, ${otherShown} ${shown(each[name])}`));
  return `${paint("red", "differs")}  ${file}  (as ${comparedAs})${lines.join("")}`;
}

function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 100 ? `${text.slice(0, 97)}...` : text;
}
