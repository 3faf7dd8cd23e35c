import { costOf, lostOf, mostOf, waitOf, type Candidate, type Goal, type Trial } from "./judge";
import type { PlanSettings } from "./settings";

/** What no plan knows of. */
export function leftOutOf(settings: PlanSettings, tried: readonly PlanSettings[], simulated: { inAll: number; inPart: number }): string[] {
  const { maxConcurrentInvocationsPerInstance: atOnce } = settings;
  const others = tried.filter(({ maxConcurrentInvocationsPerInstance: count }) => count !== atOnce);
  return [
    "hosts that fail, and instance types that are sold out or beyond the account's quota",
    "the time that requests take to be accepted, downloaded, uploaded and notified, and what storage, functions and requests cost",
    ...(atOnce > 1 ? ["that a job may run more slowly beside others on its instance"] : []),
    others.length === 0
      ? "other values of maxConcurrentInvocationsPerInstance: how fast jobs run beside each other stands in no trace"
      : `how fast jobs run beside each other, which stands in no trace: taken is ${speedsOf(others)}`,
    "what jobs that a scale-in hit wait and cost when they run again: they count as killed, and hold their instances until they are given up",
    ...(simulated.inPart > 0
      ? [
          `${simulated.inPart} of ${simulated.inPart + simulated.inAll} candidates were simulated in the most unfavourable corner of the unknowns only, ` +
            "and left out for what they came to there",
        ]
      : []),
  ];
}

/** With which speed each number of requests at once was tried. */
function speedsOf(tried: readonly PlanSettings[]): string {
  const words = tried.map(
    ({ instanceType, maxConcurrentInvocationsPerInstance, speedFactor }) =>
      `${Number(speedFactor.toPrecision(3))} times today's speed with ${maxConcurrentInvocationsPerInstance} at once on ${instanceType}`,
  );
  return [...new Set(words)].join(", ");
}

/** 45 s, 12 min, 3.4 h. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function dollars(usd: number): string {
  return `${Math.round(usd).toLocaleString("en-US")} USD per month`;
}

function cost(trial: Trial): string {
  return trial.settings.usdPerHour === undefined ? `${costOf(trial).toFixed(1)} instance hours` : dollars(costOf(trial));
}

/** Wait and cost of one trial beside today's, at the most in the whole band. */
function beside(trial: Trial, today: Trial): string {
  return `p95 waits of ${duration(waitOf(trial))} instead of ${duration(waitOf(today))} and ${cost(trial)} instead of ${cost(today)}, at the most`;
}

function lost(trial: Trial, today: Trial): string {
  const parts = [
    [mostOf(trial, ({ killed }) => killed), "killed by a scale-in"],
    [mostOf(trial, ({ expired }) => expired), "expired"],
    [Math.max(0, lostOf(trial, today) - mostOf(trial, ({ killed, expired }) => killed + expired)), "timed out"],
  ] as const;
  return parts.flatMap(([count, what]) => (count > 0 ? [`${count} ${what}`] : [])).join(", ");
}

function goalWords({ waitP95Seconds, usdPerMonth }: Goal): string {
  const parts = [
    ...(waitP95Seconds === undefined ? [] : [`a p95 wait of ${duration(waitP95Seconds)}`]),
    ...(usdPerMonth === undefined ? [] : [dollars(usdPerMonth)]),
  ];
  return parts.join(" and ");
}

/** Why a candidate is recommended, in one or two sentences. */
export function whyRecommended(trial: Trial, today: Trial, goal: Goal, tried: number): string {
  const words = goalWords(goal);
  const reaches = words === "" ? "waits no longer than today" : `reaches ${words}`;
  const figure = goal.usdPerMonth !== undefined && goal.waitP95Seconds === undefined ? "shortest waits" : "least cost";
  if (Object.keys(trial.changes).length === 0) {
    return `Of ${tried} candidates that were tried, none ${words === "" ? "costs less without waiting longer" : `with ${figure} reaches ${words}`}: today's settings stay.`;
  }
  return `It has the ${figure} of the ${tried} candidates that were tried of which each ${reaches} and loses no job, whatever the unknowns are: ${beside(trial, today)}.`;
}

/** Why none is recommended. @param nearest the one that comes nearest */
export function whyNone(nearest: Trial, today: Trial, goal: Goal, tried: number): string {
  const gone = lost(nearest, today);
  const words = goalWords(goal) || "today's waits without losing jobs";
  return (
    `None of ${tried} candidates that were tried reaches ${words} in the whole band of unknowns. ` +
    `The nearest has ${beside(nearest, today)}${gone === "" ? "" : `; jobs lost: ${gone}`}.`
  );
}

/** What one change does. */
export function whatChanges({ changes, meetsGoal }: Candidate, trial: Trial, today: Trial, goal: Goal): string {
  const gone = lost(trial, today);
  const words = goalWords(goal);
  const verdict = words === "" ? "" : meetsGoal ? ` It reaches ${words}.` : ` It does not reach ${words}.`;
  const names = Object.keys(changes).join(", ");
  return `${names === "" ? "Nothing changed" : `With ${names} changed`}: ${beside(trial, today)}${gone === "" ? "" : `; jobs lost: ${gone}`}.${verdict}`;
}
