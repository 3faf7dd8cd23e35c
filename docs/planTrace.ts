import { seededRandom } from "../local/faults/random";

const hour = 3600;
const day = 24 * hour;
/** A Monday, midnight. */
const start = Date.parse("2026-01-19T00:00:00Z");
/** Jobs an hour at the busiest time of a working day, and at any of a weekend. */
const [peak, weekend] = [72, 6];
/** The nightly batch: when it comes, in seconds of the day, and its jobs. */
const [batchAt, batchJobs] = [1.45 * hour, 60];

/** The week of jobs that docs/planning.md plans: people by day, a batch each night; a run takes about a minute. The same at each call. */
export function planTrace(): string {
  const random = seededRandom(19);
  const arrivals: number[] = [];
  for (let at = 0; at < 7 * day; at += (-Math.log(1 - random.next()) * hour) / peak) {
    const course = Math.max(0, Math.sin((Math.PI * ((at % day) / hour - 6)) / 14)) ** 2;
    const perHour = at < 5 * day ? weekend + (peak - weekend) * course : weekend;
    if (random.chance(perHour / peak)) arrivals.push(at);
  }
  for (let night = batchAt; night < 7 * day; night += day) {
    for (let job = 0; job < batchJobs; job++) arrivals.push(night + random.next() * 30);
  }
  const rows = arrivals
    .sort((a, b) => a - b)
    .map((seconds) => {
      // Most take about a minute, and few several: runs of models are skewed that way.
      const milliseconds = 20_000 + 40_000 * -Math.log(1 - random.next());
      return `${new Date(Math.round(start + seconds * 1000)).toISOString()},${Math.round(milliseconds)}`;
    });
  return ["createdAt,duration_ms", ...rows, ""].join("\n");
}

if (require.main === module) process.stdout.write(planTrace());
