import { describe, faultKinds } from "../local/faults/kinds";
import { violationKinds } from "./invariants";
/** Adds verdicts up. */
export function summarize(verdicts) {
    const sum = (of) => verdicts.reduce((total, verdict) => total + of(verdict), 0);
    const states = [...new Set(verdicts.flatMap(({ ends }) => Object.keys(ends)))].sort();
    return {
        runs: verdicts.length,
        jobs: sum(({ accepted }) => accepted),
        ends: Object.fromEntries(states.map((state) => [state, sum(({ ends }) => ends[state] ?? 0)])),
        inDoubt: sum(({ inDoubt }) => inDoubt),
        exhausted: sum(({ exhausted }) => exhausted),
        deadLetters: sum(({ deadLetters }) => deadLetters),
        redriven: sum(({ redriven }) => redriven),
        refused: sum(({ refused }) => refused),
        attempts: sum(({ attempts }) => attempts),
        injected: Object.fromEntries(faultKinds.map((kind) => [kind, sum(({ injected }) => injected[kind] ?? 0)])),
        violations: Object.fromEntries(violationKinds.map((kind) => [kind, sum(({ violations }) => violations.filter((violation) => violation.kind === kind).length)])),
        failedSeeds: verdicts.filter(({ violations }) => violations.length > 0).map(({ seed }) => seed),
    };
}
/** What each broken promise is called. */
const words = {
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
export function table(summary) {
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
