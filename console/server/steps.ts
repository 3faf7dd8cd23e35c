import type { AlarmView, MetricPoint, ScalingStep } from "../../client/overview/types";
import { duration } from "../../core/duration";
import type { WordedStep } from "../contract";

/** What changes of the instance count are explained with. */
export interface StepFacts {
  /** Newest first. */
  steps: readonly ScalingStep[];
  alarms: readonly AlarmView[];
  /** Requests in the queue by minute, oldest first. */
  backlog: readonly MetricPoint[];
}

/** An alarm decides by minutes that are over, which come late. */
const decidedWithinMilliseconds = 5 * 60_000;

/** Both halves of one scheduled change: the bounds, and the count that follows. */
const togetherMilliseconds = 30_000;

/** Changes of the instance count in words: `Woke to 3 instances: 12 waited, 5 an instance`. */
export function wordedSteps({ steps, alarms, backlog }: StepFacts): WordedStep[] {
  return steps.map((step, index) => {
    const to = countOf(step);
    const before = steps.slice(index + 1).find((each) => countOf(each) !== undefined);
    const why = reason(step, to, { steps, alarms, backlog });
    return { ...step, words: `${what(step, to, before && countOf(before))}${why === undefined ? "" : `: ${why}`}${howLong(step)}` };
  });
}

function countOf({ description }: ScalingStep): number | undefined {
  const found = /instance count to (\d+)/.exec(description)?.[1];
  return found === undefined ? undefined : Number(found);
}

function what({ description }: ScalingStep, to: number | undefined, before: number | undefined): string {
  if (to === undefined) return description.replace(/\.$/, "");
  const instances = `${to} ${to === 1 ? "instance" : "instances"}`;
  if (to === 0) return "Went to sleep";
  if (before === 0) return `Woke to ${instances}`;
  if (before === undefined || before === to) return `To ${instances}`;
  return `${before < to ? "Grew" : "Shrank"} from ${before} to ${instances}`;
}

function reason(step: ScalingStep, to: number | undefined, { steps, alarms, backlog }: StepFacts): string | undefined {
  const { cause, startedAt } = step;
  if (to !== undefined && /m(in|ax)imum capacity was set/i.test(cause)) {
    const at = Date.parse(startedAt);
    const schedule = steps.find(
      (other) => /scheduled action/i.test(other.cause) && Math.abs(Date.parse(other.startedAt) - at) < togetherMilliseconds,
    );
    if (schedule !== undefined) return "by schedule";
    return /minimum/i.test(cause) ? "jobs came, and so many stay while any is open" : "no more are allowed";
  }
  const name = /alarm (\S+)/.exec(cause)?.[1]?.replace(/[.,]$/, "");
  if (name === undefined) return undefined;
  const alarm = shortAlarm(name);
  if (alarm.endsWith("-idle")) return "nothing was open";
  if (/AlarmLow$/.test(alarm)) return "few waited";
  if (!/-wake$|AlarmHigh$/.test(alarm)) return `by ${alarm}`;
  const until = Date.parse(startedAt);
  const waited = Math.max(0, ...backlog.flatMap(([at, value]) => (at <= until && at > until - decidedWithinMilliseconds ? value : [])));
  if (waited === 0) return "requests waited";
  const target = alarms.find((each) => shortAlarm(each.name).endsWith("AlarmHigh"))?.threshold;
  return `${waited} waited${target === undefined ? "" : `, ${target} an instance`}`;
}

function howLong({ status, startedAt, endedAt }: ScalingStep): string {
  if (endedAt === undefined || status !== "Successful") return ` (${status === "InProgress" ? "under way" : status.toLowerCase()})`;
  return ` (took ${duration(Date.parse(endedAt) - Date.parse(startedAt))})`;
}

/** An alarm's or policy's name without what Pulumi and Application Auto Scaling put around it. */
export function shortAlarm(name: string): string {
  return name.replace(/^TargetTracking-endpoint\/[^/]+\/variant\/[^/]+-(Alarm\w+)-.*$/, "Target tracking, $1").replace(/-[0-9a-f]{7}$/, "");
}
