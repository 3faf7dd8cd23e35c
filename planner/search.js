import { availableParallelism } from "node:os";
import { cornersOf, usualBand } from "./band";
import { Candidates, changesOf, isPossible } from "./candidates";
import { Judge } from "./judge";
import { checkLoad, periodOf } from "./load";
import { Pool } from "./pool";
import { leftOutOf, whatChanges, whyNone, whyRecommended } from "./words";
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
export async function plan(load, current, goal, options = {}) {
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
export async function tryChange(load, current, changed, goal, options = {}) {
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
function* take(items, count) {
  let left = count;
  for (const item of items) {
    if (left-- <= 0) return;
    yield item;
  }
}
class Search {
  load;
  current;
  band;
  options;
  count;
  /** The present settings first. */
  trials = [];
  ended = false;
  corners;
  pool;
  done = 0;
  abort = () => {
    this.ended = true;
    void this.pool.close(new Error("aborted"));
  };
  constructor(load, current, band, options, count) {
    this.load = load;
    this.current = current;
    this.band = band;
    this.options = options;
    this.count = count;
    checkLoad(load);
    this.corners = cornersOf(band);
    options.signal?.throwIfAborted();
    this.pool = new Pool(load, options.threads ?? Math.min(defaultThreads, availableParallelism()));
    options.signal?.addEventListener("abort", this.abort, { once: true });
  }
  /** The present settings, in the whole band. */
  async begin() {
    await this.try([this.current]);
    if (this.trials.length === 0) this.options.signal?.throwIfAborted();
  }
  /** Simulates each in the most unfavourable corner. */
  async try(candidates) {
    const known = new Set(this.trials.map(({ settings }) => JSON.stringify(settings)));
    const fresh = [...candidates].filter((settings) => !known.has(JSON.stringify(settings)));
    const found = await Promise.all(
      fresh.map(async (settings) => {
        const outcome = await this.simulate(settings, this.corners[0]);
        return outcome && { settings, changes: changesOf(this.current, settings), outcomes: [outcome] };
      }),
    );
    // In the order of the candidates, so that the same load has the same plan whichever thread is faster.
    this.trials.push(...found.filter((trial) => trial !== undefined));
  }
  /** The best and the present settings in the whole band, and the course of those that are shown. */
  async finish(goal) {
    const today = this.trials[0];
    const judge = this.judge(goal);
    await this.complete(today);
    // What comes out worse in the whole band makes room for the next: until the first ones all were simulated in all of it.
    for (let round = 0; round < rounds; round++) {
      const best = this.sorted(judge).slice(0, finalists);
      const left = best.filter((trial) => !this.isWhole(trial));
      if (left.length === 0) break;
      await Promise.all(left.map((trial) => this.complete(trial)));
    }
    const shown = new Set([today, this.chosen(goal).trial]);
    await Promise.all([...shown].map((trial) => this.draw(trial)));
  }
  judge(goal) {
    return new Judge(goal, this.trials[0]);
  }
  result(goal) {
    const today = this.trials[0];
    const judge = this.judge(goal);
    const candidates = judge.candidates(this.trials);
    const { trial, reaches } = this.chosen(goal);
    const candidate = candidates.get(trial);
    const tried = this.trials.length;
    return {
      ...this.common(candidates, judge),
      ...(reaches ? { recommended: candidate } : { nearest: candidate }),
      why: reaches ? whyRecommended(trial, today, goal, tried) : whyNone(trial, today, goal, tried),
    };
  }
  resultOfChange(goal) {
    const today = this.trials[0];
    const changed = this.trials[1] ?? today;
    const judge = this.judge(goal);
    const candidates = judge.candidates(this.trials);
    const candidate = candidates.get(changed);
    return {
      ...this.common(candidates, judge),
      ...(candidate.meetsGoal && { recommended: candidate }),
      nearest: candidate,
      why: whatChanges(candidate, changed, today, goal),
    };
  }
  async close() {
    this.options.signal?.removeEventListener("abort", this.abort);
    await this.pool.close();
  }
  common(candidates, judge) {
    const { load, trials } = this;
    const sorted = this.sorted(judge);
    const inAll = trials.filter((trial) => this.isWhole(trial)).length;
    return {
      load: { name: load.name, jobs: load.arrivalSeconds.length, days: periodOf(load) / 86_400, startsAt: load.startsAt },
      band: this.band,
      current: candidates.get(trials[0]),
      candidates: sorted.map((trial) => candidates.get(trial)),
      leftOut: leftOutOf(this.current, { inAll, inPart: trials.length - inAll }),
      completed: !this.ended,
    };
  }
  /** The best of those that were simulated in the whole band, if it reaches the goal; else what comes nearest. */
  chosen(goal) {
    const judge = this.judge(goal);
    const whole = this.trials.filter((trial) => this.isWhole(trial));
    const reaching = judge.choose(whole.filter((trial) => judge.missedBy(trial) === 0));
    if (reaching) return { trial: reaching, reaches: true };
    return { trial: (whole.length > 0 ? this.sorted(judge, whole) : this.sorted(judge))[0], reaches: false };
  }
  isWhole({ outcomes }) {
    return outcomes.length === this.corners.length;
  }
  sorted(judge, trials = this.trials) {
    return [...trials].sort((one, other) => judge.compare(one, other));
  }
  async complete(trial) {
    const others = this.corners.slice(trial.outcomes.length);
    const outcomes = await Promise.all(others.map((corner) => this.simulate(trial.settings, corner)));
    if (outcomes.every((outcome) => outcome !== undefined)) trial.outcomes.push(...outcomes);
  }
  /** The courses of the corners with the longest and the shortest waits. */
  async draw(trial) {
    const order = trial.outcomes
      .map((outcome, at) => ({ outcome, at }))
      .sort((a, b) => a.outcome.waitSeconds.p95 - b.outcome.waitSeconds.p95);
    const ends = new Set([order[0]?.at, order.at(-1)?.at]);
    await Promise.all(
      [...ends].map(async (at = 0) => {
        const drawn = await this.simulate(trial.settings, this.corners[at], true);
        if (drawn) trial.outcomes[at] = drawn;
      }),
    );
  }
  /** Undefined when the search has been ended. */
  async simulate(settings, unknowns, withSeries = false) {
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
  get expected() {
    const { corners, count } = this;
    const whole = 1 + Math.min(count, finalists);
    return 1 + count + whole * (corners.length - 1) + 4;
  }
}
