import type { Outcome } from "./outcome";
import type { PlanSettings } from "./settings";

/** What a plan is to reach. Without either it looks for less cost at no longer waits than today's. */
export interface Goal {
  /** The longest that 95 of 100 jobs may wait. */
  waitP95Seconds?: number;
  usdPerMonth?: number;
}

/** Settings, and what becomes of the load under them. */
export interface Candidate {
  settings: PlanSettings;
  /** What differs from today's settings, by the program's names, as `pulumi config set` takes it. */
  changes: Record<string, string>;
  /** Of the corners of the band that were simulated, the one with the longest waits. */
  worst: Outcome;
  /** The one with the shortest. */
  best: Outcome;
  /** Over these corners, from least to most. */
  band: { waitP95Seconds: [number, number]; instanceHours: [number, number]; usdPerMonth?: [number, number] };
  /** How many corners of the band were simulated; less than all of them: only the most unfavourable ones. */
  corners: number;
  /** Whether it reaches the goal, and loses no job, in every corner that was simulated. */
  meetsGoal: boolean;
  /** Whether nothing that was tried both waits and costs less. */
  pareto: boolean;
}

/** A simulated candidate, before it is compared. */
export interface Trial {
  settings: PlanSettings;
  changes: Record<string, string>;
  outcomes: Outcome[];
}

/** The most of a figure in all corners. */
export function mostOf(trial: Trial, figure: (outcome: Outcome) => number): number {
  return trial.outcomes.reduce((most, outcome) => Math.max(most, figure(outcome)), -Infinity);
}

/** What a trial costs at the most: dollars per month, or instance hours where no price is known. */
export function costOf(trial: Trial): number {
  return mostOf(trial, ({ usdPerMonth, instanceHours }) => usdPerMonth ?? instanceHours);
}

/** What it waits at the most. */
export function waitOf(trial: Trial): number {
  return mostOf(trial, ({ waitSeconds }) => waitSeconds.p95);
}

/** Jobs that scaling loses at the most. Time-outs are lost only where the present settings have fewer: they come from slower instances. */
export function lostOf(trial: Trial, today: Trial): number {
  const timedOut = mostOf(trial, (outcome) => outcome.timedOut) - mostOf(today, (outcome) => outcome.timedOut);
  return mostOf(trial, ({ killed, expired }) => killed + expired) + Math.max(0, timedOut);
}

/** Ranks trials for a goal. */
export class Judge {
  private readonly waitLimitSeconds: number;
  private readonly usdLimit: number;
  /** What is to be small once the goal is reached. */
  readonly least: "cost" | "wait";

  constructor(
    goal: Goal,
    private readonly today: Trial,
  ) {
    const hasGoal = goal.waitP95Seconds !== undefined || goal.usdPerMonth !== undefined;
    this.waitLimitSeconds = goal.waitP95Seconds ?? (hasGoal ? Infinity : waitOf(today));
    this.usdLimit = goal.usdPerMonth ?? Infinity;
    this.least = goal.usdPerMonth !== undefined && goal.waitP95Seconds === undefined ? "wait" : "cost";
  }

  /** How far it is from the goal: 0 when it reaches it; infinite when it loses jobs, or its cost is not known. */
  missedBy(trial: Trial): number {
    if (lostOf(trial, this.today) > 0) return Infinity;
    const price = mostOf(trial, ({ usdPerMonth }) => usdPerMonth ?? Infinity);
    const beyond = (value: number, limit: number) => (value <= limit ? 0 : value / Math.max(limit, 1) - 1 + Number.EPSILON);
    return beyond(waitOf(trial), this.waitLimitSeconds) + (this.usdLimit === Infinity ? 0 : beyond(price, this.usdLimit));
  }

  /** Whether a trial with another price unit can be compared: without a price only with one without. */
  private isPriced(trial: Trial): boolean {
    return trial.settings.usdPerHour !== undefined;
  }

  /** Less than 0 when the first is better. */
  compare(one: Trial, other: Trial): number {
    const lost = lostOf(one, this.today) - lostOf(other, this.today);
    if (lost !== 0) return lost;
    const missed = this.missedBy(one) - this.missedBy(other);
    if (missed !== 0 && !Number.isNaN(missed)) return missed;
    // A type whose price nobody knows is not cheap.
    if (this.isPriced(one) !== this.isPriced(other)) return this.isPriced(one) ? -1 : 1;
    const [first, second] = this.least === "cost" ? [costOf, waitOf] : [waitOf, costOf];
    return first(one) - first(other) || second(one) - second(other);
  }

  /** The best, or one that is as good to a hundredth and changes less. */
  choose(trials: readonly Trial[]): Trial | undefined {
    const best = [...trials].sort((one, other) => this.compare(one, other))[0];
    if (!best) return undefined;
    const figure = this.least === "cost" ? costOf : waitOf;
    const asGood = trials.filter(
      (trial) =>
        this.missedBy(trial) <= this.missedBy(best) && this.isPriced(trial) === this.isPriced(best) && figure(trial) <= figure(best) * 1.01,
    );
    const changes = (trial: Trial) => Object.keys(trial.changes).length;
    return asGood.sort((one, other) => changes(one) - changes(other) || this.compare(one, other))[0] ?? best;
  }

  /** Candidates of trials, those on the front of cost and wait marked. */
  candidates(trials: readonly Trial[]): Map<Trial, Candidate> {
    const front = paretoOf(trials.filter((trial) => lostOf(trial, this.today) === 0));
    return new Map(trials.map((trial) => [trial, this.candidateOf(trial, front.has(trial))]));
  }

  private candidateOf(trial: Trial, pareto: boolean): Candidate {
    const { settings, changes, outcomes } = trial;
    const byWait = [...outcomes].sort((one, other) => one.waitSeconds.p95 - other.waitSeconds.p95);
    const span = (figure: (outcome: Outcome) => number): [number, number] => {
      const values = outcomes.map(figure);
      return [Math.min(...values), Math.max(...values)];
    };
    const isPriced = outcomes.every(({ usdPerMonth }) => usdPerMonth !== undefined);
    return {
      settings,
      changes,
      worst: byWait.at(-1) as Outcome,
      best: byWait[0] as Outcome,
      band: {
        waitP95Seconds: span(({ waitSeconds }) => waitSeconds.p95),
        instanceHours: span(({ instanceHours }) => instanceHours),
        ...(isPriced && { usdPerMonth: span(({ usdPerMonth }) => usdPerMonth as number) }),
      },
      corners: outcomes.length,
      meetsGoal: this.missedBy(trial) === 0,
      pareto,
    };
  }
}

/** Those of which no other is better in wait and cost. Only what has a price is compared with what has one. */
function paretoOf(trials: readonly Trial[]): Set<Trial> {
  const front = new Set<Trial>();
  for (const priced of [true, false]) {
    let leastWait = Infinity;
    const group = trials.filter(({ settings }) => (settings.usdPerHour !== undefined) === priced);
    if (!priced && front.size > 0) break;
    for (const trial of group.sort((one, other) => costOf(one) - costOf(other) || waitOf(one) - waitOf(other))) {
      if (waitOf(trial) >= leastWait) continue;
      leastWait = waitOf(trial);
      front.add(trial);
    }
  }
  return front;
}
