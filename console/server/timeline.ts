import type { JobStatus } from "../../client/types";
import type { ScalingStep } from "../../client/overview/types";
import type { Phase } from "../contract";

/** What besides the record says where a job's time went. Milliseconds since the epoch. */
export interface PhaseHints {
  now: number;
  /** When the container got the request, where somebody has seen it; SageMaker does not tell. */
  startedAt?: number;
  /** When the first instance ran after the request had come, where there was none; undefined: there was one, or nobody knows. */
  awakeAt?: number;
  /** Whether it is known that no container ever got it: it waited until its end. */
  neverRan?: boolean;
  /** Whether no instance runs now. */
  isAsleep: boolean;
  /** When the last handler had finished, where somebody has seen it. */
  handledAt?: number;
}

/** A start of instances takes up to an hour; one that began earlier has nothing to do with a request. */
const wakeMilliseconds = 3_600_000;

const at = (time: string | undefined) => (time === undefined ? undefined : Date.parse(time));

/**
 * A job's life in phases, oldest first, each beginning where the one before it ended.
 *
 * Known are: accepted, taken by the service, received and finished by it (its clock), recorded. Between received and finished the job
 * waits for an instance, waits for its turn, and runs; where those began follows from the instances' own times, and is an estimate.
 */
export function phasesOf({ timings, ended }: Pick<JobStatus, "timings" | "ended">, hints: PhaseHints): Phase[] {
  const accepted = at(timings.acceptedAt);
  if (accepted === undefined) return [];
  const recorded = at(timings.recordedAt);
  const taken = at(timings.submittedAt) ?? at(timings.receivedAt);
  const finished = at(timings.finishedAt);
  const phases: Phase[] = [];
  let from = accepted;
  // Clocks of three machines: none takes a job back in time.
  const until = (name: Phase["name"], to: number | undefined, estimated = false) => {
    const end = to === undefined ? undefined : Math.max(from, to);
    if (end === undefined || end > from) phases.push({ name, from, ...(end === undefined ? {} : { to: end }), estimated });
    from = end ?? from;
    return end === undefined;
  };
  if (until("accepted", taken ?? recorded) || taken === undefined) return phases;
  const worked = finished ?? recorded;
  const { awakeAt, startedAt, isAsleep, handledAt } = hints;
  if (worked === undefined && isAsleep && awakeAt === undefined && startedAt === undefined) {
    until("waking", undefined);
    return phases;
  }
  const bound = worked ?? hints.now;
  if (awakeAt !== undefined && awakeAt > from) until("waking", Math.min(awakeAt, startedAt ?? bound, bound), startedAt === undefined);
  if (hints.neverRan) {
    until("queued", worked);
    return phases;
  }
  if (startedAt !== undefined) until("queued", Math.min(startedAt, bound));
  else if (worked === undefined) {
    until("queued", undefined, true);
    return phases;
  }
  if (until("running", worked, startedAt === undefined)) return phases;
  if (finished !== undefined && until("recording", recorded)) return phases;
  if (ended && handledAt !== undefined) until("handlers", handledAt);
  return phases;
}

/** When the first instance ran after a request had come to an endpoint without any, as the changes of the instance count tell. */
export function awakeAfter(steps: readonly ScalingStep[], takenAt: string | undefined): number | undefined {
  if (takenAt === undefined) return undefined;
  const oldestFirst = [...steps].reverse();
  const countOf = ({ description }: ScalingStep) => Number(/instance count to (\d+)/.exec(description)?.[1]);
  const earliest = Date.parse(takenAt) - wakeMilliseconds;
  const waking = oldestFirst.find((step, index) => {
    const before = oldestFirst.slice(0, index).findLast((each) => !Number.isNaN(countOf(each)));
    const wakes = countOf(step) > 0 && (before === undefined || countOf(before) === 0);
    return wakes && step.endedAt !== undefined && step.endedAt > takenAt && Date.parse(step.startedAt) > earliest;
  });
  return waking?.endedAt === undefined ? undefined : Date.parse(waking.endedAt);
}
