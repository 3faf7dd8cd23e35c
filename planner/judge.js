/** The most of a figure in all corners. */
export function mostOf(trial, figure) {
  return trial.outcomes.reduce((most, outcome) => Math.max(most, figure(outcome)), -Infinity);
}
/** What a trial costs at the most: dollars per month, or instance hours where no price is known. */
export function costOf(trial) {
  return mostOf(trial, ({ usdPerMonth, instanceHours }) => usdPerMonth ?? instanceHours);
}
/** What it waits at the most. */
export function waitOf(trial) {
  return mostOf(trial, ({ waitSeconds }) => waitSeconds.p95);
}
/** Jobs that scaling loses at the most. Time-outs are lost only where the present settings have fewer: they come from slower instances. */
export function lostOf(trial, today) {
  const timedOut = mostOf(trial, (outcome) => outcome.timedOut) - mostOf(today, (outcome) => outcome.timedOut);
  return mostOf(trial, ({ killed, expired }) => killed + expired) + Math.max(0, timedOut);
}
/** Ranks trials for a goal. */
export class Judge {
  today;
  waitLimitSeconds;
  usdLimit;
  /** What is to be small once the goal is reached. */
  least;
  constructor(goal, today) {
    this.today = today;
    const hasGoal = goal.waitP95Seconds !== undefined || goal.usdPerMonth !== undefined;
    this.waitLimitSeconds = goal.waitP95Seconds ?? (hasGoal ? Infinity : waitOf(today));
    this.usdLimit = goal.usdPerMonth ?? Infinity;
    this.least = goal.usdPerMonth !== undefined && goal.waitP95Seconds === undefined ? "wait" : "cost";
  }
  /** How far it is from the goal: 0 when it reaches it; infinite when it loses jobs, or its cost is not known. */
  missedBy(trial) {
    if (lostOf(trial, this.today) > 0) return Infinity;
    const price = mostOf(trial, ({ usdPerMonth }) => usdPerMonth ?? Infinity);
    const beyond = (value, limit) => (value <= limit ? 0 : value / Math.max(limit, 1) - 1 + Number.EPSILON);
    return beyond(waitOf(trial), this.waitLimitSeconds) + (this.usdLimit === Infinity ? 0 : beyond(price, this.usdLimit));
  }
  /** Whether a trial with another price unit can be compared: without a price only with one without. */
  isPriced(trial) {
    return trial.settings.usdPerHour !== undefined;
  }
  /** Less than 0 when the first is better. */
  compare(one, other) {
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
  choose(trials) {
    const best = [...trials].sort((one, other) => this.compare(one, other))[0];
    if (!best) return undefined;
    const figure = this.least === "cost" ? costOf : waitOf;
    const asGood = trials.filter(
      (trial) =>
        this.missedBy(trial) <= this.missedBy(best) && this.isPriced(trial) === this.isPriced(best) && figure(trial) <= figure(best) * 1.01,
    );
    const changes = (trial) => Object.keys(trial.changes).length;
    return asGood.sort((one, other) => changes(one) - changes(other) || this.compare(one, other))[0] ?? best;
  }
  /** Candidates of trials, those on the front of cost and wait marked. */
  candidates(trials) {
    const front = paretoOf(trials.filter((trial) => lostOf(trial, this.today) === 0));
    return new Map(trials.map((trial) => [trial, this.candidateOf(trial, front.has(trial))]));
  }
  candidateOf(trial, pareto) {
    const { settings, changes, outcomes } = trial;
    const byWait = [...outcomes].sort((one, other) => one.waitSeconds.p95 - other.waitSeconds.p95);
    const span = (figure) => {
      const values = outcomes.map(figure);
      return [Math.min(...values), Math.max(...values)];
    };
    const isPriced = outcomes.every(({ usdPerMonth }) => usdPerMonth !== undefined);
    return {
      settings,
      changes,
      worst: byWait.at(-1),
      best: byWait[0],
      band: {
        waitP95Seconds: span(({ waitSeconds }) => waitSeconds.p95),
        instanceHours: span(({ instanceHours }) => instanceHours),
        ...(isPriced && { usdPerMonth: span(({ usdPerMonth }) => usdPerMonth) }),
      },
      corners: outcomes.length,
      meetsGoal: this.missedBy(trial) === 0,
      pareto,
    };
  }
}
/** Those of which no other is better in wait and cost. Only what has a price is compared with what has one. */
function paretoOf(trials) {
  const front = new Set();
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
