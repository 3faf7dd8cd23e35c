import type { Candidate, Goal, Plan } from "../../planner";
import type { Column, Paint } from "../output";
import { shellWord } from "../target";
import { wrap } from "../wrap";
import { changesOf, lostJobs, shownRange, shownShare, shownUsd, shownWait, shownWaits } from "./figures";

/** A plan, and what is reported with it. */
export interface PlanReport {
  plan: Plan;
  goal: Goal;
  /** How the load was read. */
  told: string;
  /** Where the settings of today come from. */
  settingsFrom: string;
  /** Where prices come from. */
  prices: string;
  /** Whether one change was tried (`--set`), and no search made. */
  tried: boolean;
  /** The stack that `pulumi config set` is meant for; undefined where none was named. */
  stack?: string;
}

/** A candidate and what it is called in tables. */
export interface Row {
  label: string;
  candidate: Candidate;
}

/** How many candidates a table shows besides today's and the recommended one. */
const mostOthers = 6;

/** What is shown of a plan's candidates: today's, the recommended or nearest one, and others that nothing beats, by cost. */
export function rowsOf({ plan, tried }: PlanReport): Row[] {
  const { current, recommended, nearest, candidates } = plan;
  const chosen = recommended ?? nearest;
  const rest = candidates.filter((candidate) => candidate.pareto && candidate !== chosen && candidate !== current);
  const others = [...rest].sort((a, b) => costOf(a) - costOf(b)).slice(0, mostOthers);
  return [
    { label: "today", candidate: current },
    ...(chosen === undefined || chosen === current ? [] : [{ label: tried ? "new" : recommended ? "best" : "near", candidate: chosen }]),
    ...others.map((candidate, index) => ({ label: String(index + 1), candidate })),
  ];
}

/** What candidates are sorted by: dollars, or instance hours where no price is known. */
export function costOf({ band: { usdPerMonth, instanceHours } }: Candidate): number {
  return (usdPerMonth ?? instanceHours)[1];
}

/** The table's columns: at most 80 characters together. P95 and dollars a month span the band; all else is of the longest waits in it. */
export const planColumns: readonly Column<Row>[] = [
  { name: "", value: ({ label }) => label },
  { name: "P50", value: ({ candidate: { worst } }) => shownWait(worst.waitSeconds.p50) },
  { name: "P95", value: ({ candidate: { band } }) => shownWaits(...band.waitP95Seconds) },
  { name: "P99", value: ({ candidate: { worst } }) => shownWait(worst.waitSeconds.p99) },
  {
    name: "LOST",
    value: ({ candidate: { worst } }) => String(lostJobs(worst)),
    style: ({ candidate: { worst } }) => (lostJobs(worst) > 0 ? "red" : undefined),
  },
  { name: "HOURS", value: ({ candidate: { worst } }) => worst.instanceHours.toFixed(worst.instanceHours < 100 ? 1 : 0) },
  { name: "USD/MONTH", value: ({ candidate }) => shownMonth(candidate) },
  { name: "USD/JOB", value: ({ candidate: { worst } }) => (worst.usdPerJob === undefined ? noJobPrice(worst) : shownUsd(worst.usdPerJob)) },
  { name: "IDLE", value: ({ candidate: { worst } }) => shownShare(worst.idleShare) },
];

function noJobPrice({ usdPerMonth }: Candidate["worst"]): string {
  return usdPerMonth === undefined ? "no price" : "none ends";
}

/** What a candidate costs a month, over the band. */
export function shownMonth({ band: { usdPerMonth } }: Candidate): string {
  return usdPerMonth === undefined ? "no price" : shownRange(...usdPerMonth, shownUsd);
}

/** The line before a plan's table. */
export function titleOf({ plan: { load, completed, current }, told, settingsFrom, goal }: PlanReport): string {
  const goals = [
    ...(goal.waitP95Seconds === undefined ? [] : [`p95 wait of at most ${shownWait(goal.waitP95Seconds)}`]),
    ...(goal.usdPerMonth === undefined ? [] : [`at most ${shownUsd(goal.usdPerMonth)} USD a month`]),
  ];
  const days = `${shortDays(load.days)}`;
  return [
    told,
    `${jobsOf(load.jobs)} in ${days}; today is ${settingsFrom}${goals.length > 0 ? `; the goal: ${goals.join(", ")}` : ""}`,
    ...timeOutsOf(current),
    ...(completed ? [] : ["The search was ended early: this is what was known by then."]),
  ].join("\n");
}

/** What no column has: runs that the service ends, whatever scales. */
function timeOutsOf({ worst: { timedOut, jobs }, settings: { invocationTimeoutSeconds } }: Candidate): string[] {
  if (timedOut === 0) return [];
  const [run, fail] = timedOut === 1 ? ["runs", "fails"] : ["run", "fail"];
  return [
    `${timedOut.toLocaleString("en-US")} of ${jobsOf(jobs)} ${run} longer than invocationTimeoutSeconds, ${invocationTimeoutSeconds} s, and ${fail} today (not in LOST).`,
  ];
}

function jobsOf(count: number): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? "job" : "jobs"}`;
}

function shortDays(days: number): string {
  return days < 2 ? `${(days * 24).toFixed(0)} h` : `${Math.round(days * 10) / 10} days`;
}

/** What stands below the table: what changes, why, how to set it, and what a plan does not know. */
export function explanationOf(report: PlanReport, paint: Paint, columns: number | undefined): string {
  const { plan, prices, tried, goal } = report;
  const { recommended, nearest, current } = plan;
  const fit = (text: string, indent = 0) => wrap(text, columns ?? Infinity, indent);
  const rows = rowsOf(report).slice(1);
  const changes = rows.map(({ label, candidate }) => `${paint("bold", label.padEnd(5))} ${fit(changesOf(candidate), 6).trimStart()}`);
  const chosen = recommended ?? nearest;
  const hasGoal = goal.waitP95Seconds !== undefined || goal.usdPerMonth !== undefined;
  const isChange = chosen !== undefined && chosen !== current && Object.keys(chosen.changes).length > 0;
  const parts = [
    changes.join("\n"),
    paint(recommended === undefined && hasGoal && !tried ? "red" : "green", fit(plan.why)),
    ...(isChange && !tried
      ? [
          setLines(report, chosen)
            .map((line) => `  ${paint("cyan", line)}`)
            .join("\n"),
        ]
      : []),
    ...(isChange ? [worstHours(current, chosen, rows[0]?.label ?? "")] : []),
    paint("dim", [bandOf(plan), `Prices: ${prices}.`, `Left out: ${plan.leftOut.join("; ")}.`].map((text) => fit(text)).join("\n")),
  ];
  return parts.filter((part) => part !== "").join("\n\n");
}

/** Commands that make a candidate's changes. */
export function setLines({ stack }: Pick<PlanReport, "stack">, { changes }: Candidate): string[] {
  const where = stack === undefined ? "" : ` --stack ${shellWord(stack)}`;
  return Object.entries(changes).map(([name, value]) => `pulumi config set${where} ${name} ${shellWord(value)}`);
}

/** The band of what nobody knows of the service, in a sentence. */
export function bandOf({ band }: Plan): string {
  const { metricDelaySeconds, startupSeconds } = band;
  const span = ([least, most]: readonly number[]) => (least === most ? `${least} s` : `${least} to ${most} s`);
  return `P95 and dollars a month are bands, over what no document says of the service: metrics ${span(metricDelaySeconds)} late, ${span(startupSeconds)} until an instance serves, and whether the backlog counts running requests. A recommendation holds in all of the band; one figure alone is of its most unfavourable corner.`;
}

/** What a candidate does to the worst hours of today. */
export function hoursBeside(current: Candidate, chosen: Candidate): { at: string; jobs: number; today: number; then: number }[] {
  return current.worst.worstHours.slice(0, 3).map(({ at, hour, jobs, p95WaitSeconds }) => ({
    at: new Date(at).toISOString().slice(0, 16).replace("T", " "),
    jobs,
    today: p95WaitSeconds,
    then: chosen.worst.hourlyP95WaitSeconds[hour] ?? NaN,
  }));
}

function worstHours(current: Candidate, chosen: Candidate, label: string): string {
  const hours = hoursBeside(current, chosen);
  if (hours.length === 0) return "";
  const lines = hours.map(
    ({ at, jobs, today, then }) => `  ${at} UTC  ${jobsOf(jobs).padStart(11)}  p95 ${shownWait(today)} today, ${shownWait(then)} ${label}`,
  );
  return ["The worst hours of today:", ...lines].join("\n");
}

/** A plan as Markdown, for a pull request. */
export function planMarkdown(report: PlanReport): string {
  const { plan, prices, tried } = report;
  const rows = rowsOf(report);
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const head = ["", ...planColumns.slice(1).map(({ name }) => name), "settings"];
  const lines = rows.map((row) => [...planColumns.map(({ value }) => value(row) ?? ""), `\`${changesOf(row.candidate)}\``]);
  const chosen = plan.recommended ?? plan.nearest;
  const commands = chosen === undefined || tried ? [] : setLines(report, chosen);
  return [
    `### ${tried ? "What this change does to wait and bill" : "Plan"}: ${cell(plan.load.name)}`,
    titleOf(report).split("\n").join("  \n"),
    [head, head.map(() => "---"), ...lines.map((cells) => cells.map(cell))].map((cells) => `| ${cells.join(" | ")} |`).join("\n"),
    ...(plan.recommended === undefined && !tried ? ["**No candidate meets the goal.**"] : []),
    plan.why,
    ...(commands.length > 0 ? [["```sh", ...commands, "```"].join("\n")] : []),
    `<sub>${bandOf(plan)} Prices: ${prices}. Left out: ${plan.leftOut.join("; ")}.</sub>`,
  ].join("\n\n");
}

/** A plan for programs: all of it, typed arrays as arrays. */
export function planJson({ plan, goal, told, settingsFrom, prices, stack }: PlanReport): object {
  const { current, recommended, nearest, candidates } = plan;
  const chosen = recommended ?? nearest;
  return {
    ...plan,
    told,
    goal,
    settingsFrom,
    prices,
    current: plain(current, true),
    // Series of all candidates would be megabytes.
    candidates: candidates.map((candidate) => plain(candidate, false)),
    ...(recommended && { recommended: plain(recommended, true) }),
    ...(nearest && { nearest: plain(nearest, true) }),
    set: chosen === undefined ? [] : setLines(stack === undefined ? {} : { stack }, chosen),
  };
}

function plain(candidate: Candidate, withSeries: boolean): object {
  const outcome = ({ series, hourlyP95WaitSeconds, ...rest }: Candidate["worst"]) => {
    if (!withSeries) return rest;
    const { instances, wanted, backlog } = series;
    const arrays = { instances: listOf(instances), wanted: listOf(wanted), backlog: listOf(backlog) };
    return { ...rest, hourlyP95WaitSeconds: listOf(hourlyP95WaitSeconds), series: { ...series, ...arrays } };
  };
  return { ...candidate, worst: outcome(candidate.worst), best: outcome(candidate.best) };
}

/** Numbers as JSON has them: what is no number is null, and three decimals say enough. */
function listOf(values: Float32Array): (number | null)[] {
  return Array.from(values, (value) => (Number.isFinite(value) ? Math.round(value * 1000) / 1000 : null));
}
