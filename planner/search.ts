import { availableParallelism } from "node:os";
import { cornersOf, usualBand, type Band } from "./band";
import { Candidates, changesOf, isPossible } from "./candidates";
import { Judge, type Candidate, type Goal, type Trial } from "./judge";
import { checkLoad, periodOf, type Load } from "./load";
import { Pool } from "./pool";
import type { PlanSettings, Unknowns } from "./settings";
import { leftOutOf, whatChanges, whyNone, whyRecommended } from "./words";

export type { Candidate, Goal } from "./judge";

/** What was found for one load. */
export interface Plan {
  load: { name: string; jobs: number; days: number; startsAt: number };
  /** What of the service isn't known. Each candidate's figures are the range over it. */
  band: Band;
  current: Candidate;
  /** All that were tried, the best first; the present settings are among them. */
  candidates: Candidate[];
  /** What to set: it reaches the goal in the whole band. The present settings when nothing better was found. */
  recommended?: Candidate;
  /** Without a recommendation: what comes nearest to the goal. */
  nearest?: Candidate;
  why: string;
  /** What the plan doesn't know of. */
  leftOut: string[];
  /** False when it was ended before everything was looked at. */
  completed: boolean;
}

/** How a plan is made. */
export interface PlanOptions {
  /** What else the model could run on: of each, instance type, speed, price and how many requests at once. */
  types?: readonly PlanSettings[] | undefined;
  /** @default usualBand */
  band?: Band | undefined;
  /** How many candidates are tried. @default 200 */
  candidates?: number | undefined;
  /** Threads that simulate. @default 2, or as many as the machine has processors */
  threads?: number | undefined;
  /** Ends it early; what is known by then is what the plan consists of. */
  signal?: AbortSignal | undefined;
  /** Told of each simulation's end. */
  onProgress?: ((done: number, of: number) => void) | undefined;
}

const defaultCandidates = 200;
const defaultThreads = 2;
/** Share of the candidates that are spread over all combinations; the others are near the best of them. */
const spreadShare = 0.6;
/** How many of the best are looked around in one round. */
const parents = 6;
/** How often others take the place of those among the best that come out worse in the whole band. */
const rounds = 3;
/** How many of the best are simulated in the whole band, besides the present settings. */
const finalists = 10;

/**
 * Looks for settings that serve a load better than the present ones.
 *
 * Every candidate is simulated in the most unfavourable corner of the unknowns; the best go through all corners, and only
 * one that reaches the goal in all of them is recommended.
 *
 * @throws Error for a load or settings that can't be simulated; what the signal was aborted with when nothing is known yet
 */
export async function plan(load: Load, current: PlanSettings, goal: Goal, options: PlanOptions = {}): Promise<Plan> {
  const { band = usualBand, candidates: count = defaultCandidates, types = [] } = options;
  const search = new Search(load, current, band, options, count);
  try {
    await search.begin();
    const candidates = new Candidates(load, current, types);
    await search.try(take(candidates.spread(), Math.ceil(count * spreadShare)));
    while (!search.ended && search.trials.length < count) {
      const judge = search.judge(goal);
      const before = search.trials.length;
      const best = search.sorted(judge).slice(0, parents);
      const near = best.flatMap((trial) => [...candidates.near(trial.settings)]);
      await search.try(near.slice(0, count - before));
      if (search.trials.length === before) break;
    }
    await search.finish(goal);
    return search.result(goal);
  } finally {
    await search.close();
  }
}

/**
 * What one change of the settings does to a load, over the whole band of unknowns.
 *
 * @throws as {@link plan}
 */
export async function tryChange(
  load: Load,
  current: PlanSettings,
  changed: PlanSettings,
  goal: Goal,
  options: Omit<PlanOptions, "types" | "candidates"> = {},
): Promise<Plan> {
  if (!isPossible(changed)) throw new Error("the program does not take these settings together");
  const search = new Search(load, current, options.band ?? usualBand, options, 1);
  try {
    await search.begin();
    await search.try([changed]);
    await search.finish(goal);
    return search.resultOfChange(goal);
  } finally {
    await search.close();
  }
}

function* take<T>(items: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const item of items) {
    if (left-- <= 0) return;
    yield item;
  }
}

class Search {
  /** The present settings first. */
  readonly trials: Trial[] = [];
  ended = false;
  private readonly corners: Unknowns[];
  private readonly pool: Pool;
  private done = 0;
  private readonly abort = () => {
    this.ended = true;
    void this.pool.close(new Error("aborted"));
  };

  constructor(
    private readonly load: Load,
    private readonly current: PlanSettings,
    private readonly band: Band,
    private readonly options: PlanOptions,
    private readonly count: number,
  ) {
    checkLoad(load);
    this.corners = cornersOf(band);
    options.signal?.throwIfAborted();
    this.pool = new Pool(load, options.threads ?? Math.min(defaultThreads, availableParallelism()));
    options.signal?.addEventListener("abort", this.abort, { once: true });
  }

  /** The present settings, in the whole band. */
  async begin(): Promise<void> {
    await this.try([this.current]);
    if (this.trials.length === 0) this.options.signal?.throwIfAborted();
  }

  /** Simulates each in the most unfavourable corner. */
  async try(candidates: Iterable<PlanSettings>): Promise<void> {
    const known = new Set(this.trials.map(({ settings }) => JSON.stringify(settings)));
    const fresh = [...candidates].filter((settings) => !known.has(JSON.stringify(settings)));
    const found = await Promise.all(
      fresh.map(async (settings): Promise<Trial | undefined> => {
        const outcome = await this.simulate(settings, this.corners[0] as Unknowns);
        return outcome && { settings, changes: changesOf(this.current, settings), outcomes: [outcome] };
      }),
    );
    // In the order of the candidates, so that the same load has the same plan whichever thread is faster.
    this.trials.push(...found.filter((trial) => trial !== undefined));
  }

  /** The best and the present settings in the whole band, and the course of those that are shown. */
  async finish(goal: Goal): Promise<void> {
    const today = this.trials[0] as Trial;
    const judge = this.judge(goal);
    await this.complete(today);
    // What comes out worse in the whole band makes room for the next: until the first ones all were simulated in all of it.
    for (let round = 0; round < rounds; round++) {
      const best = this.sorted(judge).slice(0, finalists);
      const left = best.filter((trial) => !this.isWhole(trial));
      if (left.length === 0) break;
      await Promise.all(left.map((trial) => this.complete(trial)));
    }
    // A change that is tried is shown whether or not it is the better one.
    const shown = new Set([today, this.count === 1 ? (this.trials[1] ?? today) : this.chosen(goal).trial]);
    await Promise.all([...shown].map((trial) => this.draw(trial)));
  }

  judge(goal: Goal): Judge {
    return new Judge(goal, this.trials[0] as Trial);
  }

  result(goal: Goal): Plan {
    const today = this.trials[0] as Trial;
    const judge = this.judge(goal);
    const candidates = judge.candidates(this.trials);
    const { trial, reaches } = this.chosen(goal);
    const candidate = candidates.get(trial) as Candidate;
    const tried = this.trials.length;
    return {
      ...this.common(candidates, judge),
      ...(reaches ? { recommended: candidate } : { nearest: candidate }),
      why: reaches ? whyRecommended(trial, today, goal, tried) : whyNone(trial, today, goal, tried),
    };
  }

  resultOfChange(goal: Goal): Plan {
    const today = this.trials[0] as Trial;
    const changed = this.trials[1] ?? today;
    const judge = this.judge(goal);
    const candidates = judge.candidates(this.trials);
    const candidate = candidates.get(changed) as Candidate;
    return {
      ...this.common(candidates, judge),
      ...(candidate.meetsGoal && { recommended: candidate }),
      nearest: candidate,
      why: whatChanges(candidate, changed, today, goal),
    };
  }

  async close(): Promise<void> {
    this.options.signal?.removeEventListener("abort", this.abort);
    await this.pool.close();
  }

  private common(
    candidates: Map<Trial, Candidate>,
    judge: Judge,
  ): Pick<Plan, "load" | "band" | "current" | "candidates" | "leftOut" | "completed"> {
    const { load, trials } = this;
    const sorted = this.sorted(judge);
    const inAll = trials.filter((trial) => this.isWhole(trial)).length;
    return {
      load: { name: load.name, jobs: load.arrivalSeconds.length, days: periodOf(load) / 86_400, startsAt: load.startsAt },
      band: this.band,
      current: candidates.get(trials[0] as Trial) as Candidate,
      candidates: sorted.map((trial) => candidates.get(trial) as Candidate),
      leftOut: leftOutOf(
        this.current,
        trials.map(({ settings }) => settings),
        { inAll, inPart: trials.length - inAll },
      ),
      completed: !this.ended,
    };
  }

  /** The best of those that were simulated in the whole band, if it reaches the goal; else what comes nearest. */
  private chosen(goal: Goal): { trial: Trial; reaches: boolean } {
    const judge = this.judge(goal);
    const whole = this.trials.filter((trial) => this.isWhole(trial));
    const reaching = judge.choose(whole.filter((trial) => judge.missedBy(trial) === 0));
    if (reaching) return { trial: reaching, reaches: true };
    return { trial: (whole.length > 0 ? this.sorted(judge, whole) : this.sorted(judge))[0] as Trial, reaches: false };
  }

  private isWhole({ outcomes }: Trial): boolean {
    return outcomes.length === this.corners.length;
  }

  sorted(judge: Judge, trials: readonly Trial[] = this.trials): Trial[] {
    return [...trials].sort((one, other) => judge.compare(one, other));
  }

  private async complete(trial: Trial): Promise<void> {
    const others = this.corners.slice(trial.outcomes.length);
    const outcomes = await Promise.all(others.map((corner) => this.simulate(trial.settings, corner)));
    if (outcomes.every((outcome) => outcome !== undefined)) trial.outcomes.push(...outcomes);
  }

  /** The courses of the corners with the longest and the shortest waits. */
  private async draw(trial: Trial): Promise<void> {
    const order = trial.outcomes
      .map((outcome, at) => ({ outcome, at }))
      .sort((a, b) => a.outcome.waitSeconds.p95 - b.outcome.waitSeconds.p95);
    const ends = new Set([order[0]?.at, order.at(-1)?.at]);
    await Promise.all(
      [...ends].map(async (at = 0) => {
        const drawn = await this.simulate(trial.settings, this.corners[at] as Unknowns, true);
        if (drawn) trial.outcomes[at] = drawn;
      }),
    );
  }

  /** Undefined when the search has been ended. */
  private async simulate(settings: PlanSettings, unknowns: Unknowns, withSeries = false): Promise<Trial["outcomes"][number] | undefined> {
    if (this.ended) return undefined;
    try {
      const outcome = await this.pool.run({ settings, unknowns, withSeries });
      this.done += 1;
      this.options.onProgress?.(this.done, Math.max(this.done, this.expected));
      return outcome;
    } catch (error) {
      if (this.ended) return undefined;
      throw error;
    }
  }

  private get expected(): number {
    const { corners, count } = this;
    const whole = 1 + Math.min(count, finalists);
    return 1 + count + whole * (corners.length - 1) + 4;
  }
}
