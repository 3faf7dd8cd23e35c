import { present } from "../../core/present";
import { isoTime } from "../../core/records/isoTime";
import { isTerminal, type JobRecord } from "../../core/records/job";
import type { Explanation, Facts, SourceName, Unreadable } from "./types";

/** An explanation without what all have in common. */
export type Told = Omit<Explanation, "jobId" | "facts" | "since" | "nextAt" | "whatYouCanDo"> & {
  since?: string | undefined;
  nextAt?: string | undefined;
  whatYouCanDo?: string[];
};

/** Puts an explanation together: what was decided, the facts, and what would let the unreadable sources be read. */
export function explained(facts: Facts, told: Told): Explanation {
  const { state, situation, summary, why, since, next, nextAt, whatYouCanDo = [] } = told;
  return {
    jobId: facts.jobId,
    state,
    situation,
    summary,
    why,
    ...present({ since }),
    next,
    ...present({ nextAt }),
    whatYouCanDo: [...whatYouCanDo, ...facts.unreadable.flatMap(grantAdvice)],
    facts: shownFacts(facts),
  };
}

/** What each source is, in words. */
export const sourceWords: Record<SourceName, string> = {
  record: "the job's record",
  waiting: "the line of low jobs",
  input: "the input",
  output: "the result",
  failure: "the failure object",
  endpoint: "the endpoint",
  endpointConfig: "the endpoint's configuration",
  scaling: "the scalable target and its activities",
  schedules: "the scheduled changes of its bounds",
  metrics: "the endpoint's metrics",
  alarms: "the alarms",
  deadLetters: "the dead-letter queue",
  resultLog: "the log of the function that records ends",
  containerLog: "the container's log",
};

function grantAdvice({ source, statement }: Unreadable): string[] {
  if (statement === undefined) return [];
  return [`To let explain read ${sourceWords[source]}, add this statement to your policy: ${JSON.stringify(statement)}`];
}

/** Attributes of the record that explain; the rest is the caller's own words and the table's bookkeeping. */
const shownAttributes = [
  "state",
  "attempt",
  "maxAttempts",
  "onDoubt",
  "inferenceId",
  "inputLocation",
  "inputInCall",
  "outputLocation",
  "failureLocation",
  "createdAt",
  "invokingAt",
  "submittedAt",
  "receivedAt",
  "finishedAt",
  "endedAt",
  "dueAt",
  "requestTtlSeconds",
  "invocationTimeoutSeconds",
  "refusal",
  "containerRefusals",
  "error",
] as const satisfies readonly (keyof JobRecord)[];

function shownFacts(facts: Facts): Record<string, unknown> {
  const { jobId: _, now, hasTable: __, endpointName, record, unreadable, ...sources } = facts;
  return {
    lookedAt: isoTime(now),
    endpointName,
    ...present({ record: record === undefined || record === "missing" ? record : shownRecord(record) }),
    ...present(sources),
    ...(unreadable.length === 0 ? {} : { unknown: unreadable }),
  };
}

function shownRecord(record: JobRecord): Record<string, unknown> {
  // An ended job is due until its end is announced, which is nobody's concern here.
  const shown = shownAttributes.filter((name) => name !== "dueAt" || !isTerminal(record.state));
  return present(Object.fromEntries(shown.map((name) => [name, record[name]])));
}
