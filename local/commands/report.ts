import { stripVTControlCharacters, styleText } from "node:util";
import { duration } from "../../core/duration";
import type { CodedError } from "../../core/records/errors";
import type { JobReport } from "./jobRunner";

/** A job, judged. */
export interface Verdict extends JobReport {
  /** Undefined when it went as it should. */
  problem?: string;
  /** It was meant to fail. */
  broken?: boolean;
}

/** When things had happened, in seconds from the start of the command. */
export interface Milestones {
  deployedSeconds: number;
  /** Undefined when no job has completed. */
  firstResultSeconds?: number;
  endSeconds: number;
}

/** Which stream the text is for decides about colours: none in a pipe or with NO_COLOR. */
type Stream = NodeJS.WritableStream;

/** Longer texts are cut in the report; `--json` has them whole. */
const shownLines = 6;

/** The report of each job and a summary, for people. */
export function renderReport(verdicts: readonly Verdict[], milestones: Milestones, stream: Stream): string {
  const paint = painter(stream);
  const jobs = verdicts.map((verdict) => renderJob(verdict, paint)).join("\n");
  return `\n${jobs}\n${renderSummary(verdicts, milestones, paint)}\n`;
}

/** What there is to do after a first run. */
export function renderNextSteps(stream: Stream): string {
  const paint = painter(stream);
  const steps: [command: string, purpose: string][] = [
    ["npm start -- scan.png photo.jpg", "reads your own images"],
    ["npm start --silent -- --json", "the same as one JSON document"],
    ["npm run cloud -- --port 4566", "keeps the cloud up for any AWS SDK or the AWS CLI"],
    ["local:modelCommand in Pulumi.local.yaml", "your own model server in the place of OCR"],
    ["docs/README.md", "your own code on a job's end, and the way to AWS"],
  ];
  const width = Math.max(...steps.map(([command]) => command.length));
  const lines = steps.map(([command, purpose]) => `  ${paint("cyan", command.padEnd(width))}  ${purpose}`);
  return `\n${paint("bold", "Next")}\n${lines.join("\n")}\n`;
}

/** A coded error as a sentence. */
export function renderError({ code, message, advice }: CodedError): string {
  return `${code}: ${message} ${advice}`;
}

type Paint = (style: Parameters<typeof styleText>[0], text: string) => string;

function painter(stream: Stream): Paint {
  return (style, text) => styleText(style, text, { stream });
}

function renderJob(
  { input, jobId, state, text, error, outputLocation, failureLocation, failureText, timings, problem, broken }: Verdict,
  paint: Paint,
): string {
  const right = problem === undefined;
  const mark = right ? paint("green", "✔") : paint("red", "✘");
  const shownState = paint(state === "COMPLETED" ? "green" : broken && right ? "yellow" : "red", state);
  const lines = [`${mark} ${paint("bold", input)}  ${shownState}${broken && right ? "  as it should: it is broken on purpose" : ""}`];
  if (text !== undefined) lines.push(...shortened(text).map((line) => `    ${paint("dim", "│")} ${line}`));
  const facts: [name: string, value: string | undefined][] = [
    ["error", error && `${paint("yellow", error.code)}  ${printable(error.message)}`],
    ["advice", error && printable(error.advice)],
    ["model", failureText && shortened(failureText).join(" ")],
    ["result", outputLocation],
    ["failure", failureLocation],
    ["time", renderTimes(timings)],
    ["job", jobId],
    ["problem", problem && paint("red", problem)],
  ];
  for (const [name, value] of facts) {
    if (value !== undefined && value !== "") lines.push(`    ${paint("dim", name.padEnd(8))}${value}`);
  }
  return `${lines.join("\n")}\n`;
}

/** Where a job's time went. */
function renderTimes({ acceptedAt, receivedAt, finishedAt, recordedAt }: JobReport["timings"]): string {
  const steps: [name: string, from: string | undefined, to: string | undefined][] = [
    ["to the service", acceptedAt, receivedAt],
    ["in queue and model", receivedAt, finishedAt],
    ["to the record", finishedAt, recordedAt],
    ["in all", acceptedAt, recordedAt],
  ];
  return steps
    .flatMap(([name, from, to]) => (from === undefined || to === undefined ? [] : `${duration(Date.parse(to) - Date.parse(from))} ${name}`))
    .join(", ");
}

function renderSummary(verdicts: readonly Verdict[], milestones: Milestones, paint: Paint): string {
  const { deployedSeconds, firstResultSeconds, endSeconds } = milestones;
  const problems = verdicts.filter(({ problem }) => problem !== undefined).length;
  const completed = verdicts.filter(({ state }) => state === "COMPLETED").length;
  const meant = verdicts.filter(({ broken, problem }) => broken && problem === undefined).length;
  const counts = [
    `${verdicts.length} ${verdicts.length === 1 ? "job" : "jobs"}: ${completed} completed`,
    ...(meant > 0 ? [`${meant} failed as it should`] : []),
    ...(problems > 0 ? [paint("red", `${problems} not as it should be`)] : []),
  ];
  const times = [
    `deployed after ${duration(deployedSeconds * 1000)}`,
    ...(firstResultSeconds === undefined ? [] : [`first result after ${duration(firstResultSeconds * 1000)}`]),
    `all done after ${duration(endSeconds * 1000)}`,
  ];
  return `${paint("bold", counts.join(", "))}\n${paint("dim", times.join(", "))}`;
}

function shortened(text: string): string[] {
  const lines = printable(text)
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
  if (lines.length <= shownLines + 1) return lines;
  return [...lines.slice(0, shownLines), `… ${lines.length - shownLines} more lines`];
}

/** What a model or its error says must not steer the terminal. */
function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/[\0-\x08\x0b-\x1f\x7f-\x9f]/g, "");
}
