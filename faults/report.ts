import { describe, faultKinds, type FaultKind } from "../local/faults/kinds";
import { violationKinds, type Verdict, type ViolationKind } from "./invariants";

/** What all runs came to. */
export interface Summary {
  runs: number;
  jobs: number;
  ends: Record<string, number>;
  inDoubt: number;
  exhausted: number;
  deadLetters: number;
  redriven: number;
  refused: number;
  attempts: number;
  injected: Record<FaultKind, number>;
  violations: Record<ViolationKind, number>;
  /** Seeds of the runs that broke a promise. */
  failedSeeds: number[];
}

/** Adds verdicts up. */
export function summarize(verdicts: readonly Verdict[]): Summary {
  const sum = (of: (verdict: Verdict) => number) => verdicts.reduce((total, verdict) => total + of(verdict), 0);
  const states = [...new Set(verdicts.flatMap(({ ends }) => Object.keys(ends)))].sort();
  return {
    runs: verdicts.length,
    jobs: sum(({ accepted }) => accepted),
    ends: Object.fromEntries(states.map((state) => [state, sum(({ ends }) => ends[state as keyof typeof ends] ?? 0)])),
    inDoubt: sum(({ inDoubt }) => inDoubt),
    exhausted: sum(({ exhausted }) => exhausted),
    deadLetters: sum(({ deadLetters }) => deadLetters),
    redriven: sum(({ redriven }) => redriven),
    refused: sum(({ refused }) => refused),
    attempts: sum(({ attempts }) => attempts),
    injected: Object.fromEntries(faultKinds.map((kind) => [kind, sum(({ injected }) => injected[kind] ?? 0)])) as Record<FaultKind, number>,
    violations: Object.fromEntries(
      violationKinds.map((kind) => [kind, sum(({ violations }) => violations.filter((violation) => violation.kind === kind).length)]),
    ) as Record<ViolationKind, number>,
    failedSeeds: verdicts.filter(({ violations }) => violations.length > 0).map(({ seed }) => seed),
  };
}

/** What each broken promise is called. */
const words: Record<ViolationKind, string> = {
  lost: "lost",
  twoEnds: "with two ends",
  neverEnded: "never ended",
  doubled: "effects doubled",
  wrongEnd: "ended as nothing explains",
  ranTwice: 'run twice under `onDoubt: "wait"`',
  repeated: "run or told again without a doubt",
  early: "told or called before it was recorded",
  record: "with a record as none may be",
  told: "not as a caller was told",
  late: "recorded late",
  scaledIn: "killed by a scale-in of our own",
};

/** The summary as two Markdown tables. */
export function table(summary: Summary): string {
  const ends = Object.entries(summary.ends).map(([state, count]) => `${count} ${state}`);
  return [
    `${summary.jobs} jobs in ${summary.runs} runs, ${summary.attempts} attempts: ${ends.join(", ")}. ` +
      `In doubt ended ${summary.inDoubt} under \`onDoubt: "wait"\`, and ${summary.exhausted} under "rerun", each of whose three attempts was hit. ` +
      `${summary.refused} requests were refused while too many jobs were open. ${summary.deadLetters} dead letters were put back ${summary.redriven} times.`,
    "",
    "| fault | what happens | injected |",
    "| --- | --- | ---: |",
    ...faultKinds.map((kind) => `| \`${kind}\` | ${describe(kind)} | ${summary.injected[kind]} |`),
    "",
    "| promise broken | jobs |",
    "| --- | ---: |",
    ...violationKinds.map((kind) => `| ${words[kind]} | ${summary.violations[kind]} |`),
  ].join("\n");
}
