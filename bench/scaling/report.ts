import { table } from "../measure";
import { scalingPolicies } from "./policies";
import type { Outcome } from "./replay";

/** The mean of one policy's outcomes over the seeds of one load. */
export interface Row extends Outcome {
  load: string;
  policy: string;
  backlogCountsInFlight: boolean;
  /** Instance hours for each hour of the model's work on jobs that completed; undefined when none did. */
  hoursPerFinishedHour: number | undefined;
  costUsd: number;
}

/** What each reading of the documents is called. */
const readings = { false: "the backlog counts waiting requests only", true: "the backlog counts running requests too" };

/** Means of outcomes. @param priceUsd of an instance hour */
export function rowOf(
  load: string,
  policy: string,
  backlogCountsInFlight: boolean,
  outcomes: readonly [Outcome, ...Outcome[]],
  priceUsd: number,
): Row {
  const mean = (value: (outcome: Outcome) => number) => outcomes.reduce((sum, outcome) => sum + value(outcome), 0) / outcomes.length;
  const instanceHours = mean((outcome) => outcome.instanceHours);
  const completedHours = mean((outcome) => outcome.completedHours);
  return {
    load,
    policy,
    backlogCountsInFlight,
    submitted: mean((outcome) => outcome.submitted),
    completed: mean((outcome) => outcome.completed),
    killed: mean((outcome) => outcome.killed),
    expired: mean((outcome) => outcome.expired),
    instanceHours,
    completedHours,
    waitSeconds: { p50: mean(({ waitSeconds }) => waitSeconds.p50), p95: mean(({ waitSeconds }) => waitSeconds.p95) },
    // One run's course; a mean of several would be nobody's.
    instances: outcomes[0].instances,
    hoursPerFinishedHour: completedHours > 0 ? instanceHours / completedHours : undefined,
    costUsd: instanceHours * priceUsd,
  };
}

const head = ["", "jobs", "killed", "expired", "instance hours", "per finished hour", "wait p50 min", "wait p95 min", "USD"];

/** One table for each reading and load, and what their columns are. @param priceUsd of an instance hour */
export function asText(rows: readonly Row[], priceUsd: number): string {
  const tables = groups(rows).map(([title, group]) => `${title}\n${table([head, ...group.map(cells)])}`);
  const legend = [
    "killed: hit by a scale-in while they ran; a killed job did not finish. expired: waited longer than 6 hours.",
    "per finished hour: instance hours for each hour of the model's work on jobs that completed. wait: from submitting to the model's start.",
    `USD: instance hours at ${priceUsd} an hour; --price sets another price. What the backlog counts is not documented: hence two tables.`,
  ];
  return [...tables, legend.join("\n")].join("\n\n");
}

/** The same in Markdown, after a summary and the course of the instances under one load as a chart: what docs/benchmarks.md has too. */
export function asMarkdown(rows: readonly Row[]): string {
  const tables = groups(rows).map(([title, group]) => `**${title}**\n\n${markdown([head, ...group.map(cells)])}`);
  return [summary(rows), ...chart(rows), ...tables].join("\n\n");
}

/** A table in Markdown, whose first column is words. */
export function markdown([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (values: readonly string[]) => `| ${values.join(" | ")} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? "---" : "---:"))), ...rows.map(line)].join("\n");
}

/** Instance hours per finished hour under each reading, and how many jobs were killed for it at the most. */
function summary(rows: readonly Row[]): string {
  const policies = [...new Set(rows.map(({ policy }) => policy))];
  const loads = [...new Set(rows.map(({ load }) => load))];
  const cell = (load: string, policy: string) => {
    const both = rows.filter((row) => row.load === load && row.policy === policy);
    const hours = both.map(({ hoursPerFinishedHour }) => hoursPerFinishedHour?.toFixed(2) ?? "–");
    const killed = Math.max(...both.map((row) => row.killed));
    return [...new Set(hours)].join(" / ") + (killed > 0 ? `, ${killed.toFixed(killed < 10 ? 1 : 0)} killed` : "");
  };
  return markdown([["load", ...policies], ...loads.map((load) => [load, ...policies.map((policy) => cell(load, policy))])]);
}

function groups(rows: readonly Row[]): [string, Row[]][] {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const title = `${row.load}, when ${readings[`${row.backlogCountsInFlight}`]}`;
    found.set(title, [...(found.get(title) ?? []), row]);
  }
  return [...found];
}

function cells(row: Row): string[] {
  const { policy, submitted, killed, expired, instanceHours, hoursPerFinishedHour, waitSeconds, costUsd } = row;
  // A tenth of a job is a job in one of ten runs, which must not read as none.
  const count = (value: number) => (value === 0 ? "0" : value.toFixed(1));
  // A short load's figures would all be 0.
  const amount = (value: number) => value.toFixed(value < 10 ? 1 : 0);
  return [
    policy,
    submitted.toFixed(0),
    count(killed),
    count(expired),
    amount(instanceHours),
    hoursPerFinishedHour?.toFixed(2) ?? "",
    (waitSeconds.p50 / 60).toFixed(1),
    (waitSeconds.p95 / 60).toFixed(1),
    amount(costUsd),
  ];
}

/** More lines can't be told apart. */
const drawnPolicies: readonly string[] = [scalingPolicies.snippet.title, scalingPolicies.ours.title, scalingPolicies.oursWithDrain.title];

/** Instances hour by hour, of the day-and-night load when it was replayed: what mermaid draws. */
function chart(rows: readonly Row[]): string[] {
  const load = rows.find((row) => row.load === "diurnal") ?? rows[0];
  if (!load) return [];
  const drawn = rows.filter(
    ({ policy, ...row }) =>
      row.load === load.load && row.backlogCountsInFlight === load.backlogCountsInFlight && drawnPolicies.includes(policy),
  );
  const most = Math.max(...drawn.flatMap(({ instances }) => instances));
  const lines = drawn.map(({ instances }) => `  line [${instances.join(", ")}]`);
  return [
    `Instances at the end of each hour of one ${load.load} run, one line each: ${drawn.map(({ policy }) => policy).join(", ")}.`,
    [
      "```mermaid",
      "xychart-beta",
      `  x-axis "hour" 1 --> ${load.instances.length}`,
      `  y-axis "instances" 0 --> ${most}`,
      ...lines,
      "```",
    ].join("\n"),
  ];
}
