import { facts, printable, type Output, type Paint } from "../../cli/output";
import { cut, width } from "../../cli/width";
import { duration } from "../../core/duration";
import type { JobReport } from "./jobs";

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

/** Where the words go: decides about colours and width. */
type Form = Pick<Output, "paint" | "columns">;

/** Longer texts are cut in the report; `--json` has them whole. */
const shownLines = 6;

/** The report of each job and a summary, for people. */
export function renderReport(verdicts: readonly Verdict[], milestones: Milestones, form: Form): string {
  const jobs = verdicts.map((verdict) => renderJob(verdict, form)).join("\n");
  return `\n${jobs}\n${renderSummary(verdicts, milestones, form.paint)}\n`;
}

/** What there is to do after a first run. */
export function renderNextSteps({ paint }: Form): string {
  const steps: [command: string, purpose: string][] = [
    ["npm start -- scan.png photo.jpg", "reads your own images"],
    ["npm start --silent -- --json", "the same as one JSON document"],
    ["npm run cloud -- --port 4566", "keeps the cloud up for any AWS SDK"],
    ["local:modelCommand", "in Pulumi.local.yaml: your own model"],
    ["docs/README.md", "your own code on a job's end; the way to AWS"],
  ];
  const commandWidth = Math.max(...steps.map(([command]) => command.length));
  const lines = steps.map(([command, purpose]) => `  ${paint("cyan", command.padEnd(commandWidth))}  ${purpose}`);
  return `\n${paint("bold", "Next")}\n${lines.join("\n")}\n`;
}

function renderJob(verdict: Verdict, { paint, columns }: Form): string {
  const { input, jobId, state, text, bytes, contentType, error, outputLocation, failureLocation, timings, problem, broken } = verdict;
  const right = problem === undefined;
  const mark = right ? paint("green", "✔") : paint("red", "✘");
  const shownState = paint(state === "COMPLETED" ? "green" : broken && right ? "yellow" : "red", state);
  const lines = [`${mark} ${paint("bold", input)}  ${shownState}${broken && right ? "  as it should: it is broken on purpose" : ""}`];
  if (text !== undefined) lines.push(...shortened(text, columns).map((line) => `    ${paint("dim", "│")} ${line}`));
  const known = facts(
    [
      ["answer", bytes === undefined ? undefined : `${bytes} bytes, no text${contentType === undefined ? "" : ` (${contentType})`}`],
      ["error", error && `${error.code}: ${error.message}`],
      ["advice", error?.advice],
      ["result", outputLocation],
      ["failure", failureLocation],
      ["time", renderTimes(timings)],
      ["job", jobId],
      ["problem", problem],
    ],
    paint,
    columns,
  );
  return `${[...lines, known].join("\n")}\n`;
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

/** Before a line of a job's text. */
const margin = 6;

function shortened(text: string, columns = Infinity): string[] {
  const all = printable(text)
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "");
  const fits = (line: string) => (width(line) <= columns - margin ? line : `${cut(line, columns - margin - 1)}…`);
  const lines = all.map(fits);
  if (lines.length <= shownLines + 1) return lines;
  return [...lines.slice(0, shownLines), `… ${lines.length - shownLines} more lines`];
}
