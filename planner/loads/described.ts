import type { Load } from "../load";
import { JobCollector, mostDays, undatedStart } from "./collect";
import { LoadProblem } from "./problem";

/** A load that is described and not measured. */
interface Description {
  perSecond: number;
  /** Whether `perSecond` is what the curve reaches at noon. */
  curve: "constant" | "day" | "office";
  weekdaysOnly: boolean;
  least: number;
  most: number;
  days: number;
}

const daySeconds = 86_400;
const unitSeconds: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  second: 1,
  seconds: 1,
  m: 60,
  min: 60,
  minute: 60,
  minutes: 60,
  h: 3600,
  hour: 3600,
  hours: 3600,
  d: daySeconds,
  day: daySeconds,
  days: daySeconds,
};
const unit = `(${Object.keys(unitSeconds).join("|")})`;
const rate = new RegExp(`^(?:(peak)\\s+)?([\\d.]+)\\s*(?:jobs\\s*)?(?:/|per)\\s*${unit}$`);
const times = new RegExp(`^([\\d.]+)(?:\\s*(?:-|–|to)\\s*([\\d.]+))?\\s*${unit}(?:\\s+each)?$`);
const length = /^(?:for\s+)?(\d+)\s*(days?|weeks?)$/;

/** What a description may consist of. */
const grammar =
  'a rate such as "0.05/s", "peak 0.05/s" or "200/hour", a duration such as "60 s", "20-120 s" or "5-10 min", and if it helps ' +
  '"day curve", "office hours" or "constant", "weekdays", and "14 days"';

const defaultDays = 7;

/**
 * A load in one line, such as `peak 0.05/s, day curve, 20-120 s`: arrivals by chance (Poisson) at the rate, durations evenly between the
 * two. The same description always makes the same jobs.
 *
 * @param text parts in any order between commas: rate and duration; `day curve` (noon has the rate, midnight nothing), `office hours`
 * (08:00 to 18:00 UTC) or `constant`; `weekdays`; `14 days`. @default constant, for 7 days from a Monday on
 * @throws LoadProblem naming each part that can't be read
 */
export function describedLoad(text: string): Load {
  const description = readDescription(text);
  const { perSecond, days, least, most } = description;
  const random = generator(1);
  const jobs = new JobCollector(text);
  const end = days * daySeconds;
  for (let at = exponential(perSecond, random); at < end; at += exponential(perSecond, random)) {
    // Thinned, both numbers always drawn: a curve does not change the durations of the jobs that it leaves.
    const kept = random() < shareAt(description, at);
    const duration = least + (most - least) * random();
    if (kept) jobs.add(at + undatedStart / 1000, duration);
  }
  if (jobs.count === 0) throw new LoadProblem(`"${text}" makes no job in ${days} days: give a higher rate or more days.`);
  const from = undatedStart / 1000;
  return jobs.load(true, { from, to: from + end });
}

function readDescription(text: string): Description {
  const description: Partial<Description> & Pick<Description, "weekdaysOnly"> = { weekdaysOnly: false };
  const problems: string[] = [];
  const set = (name: keyof Description, part: string, values: Partial<Description>) => {
    if (name !== "weekdaysOnly" && description[name] !== undefined) problems.push(`"${part}": there is one already`);
    Object.assign(description, values);
  };
  for (const part of text.split(",").map((each) => each.trim().toLowerCase().replace(/\s+/g, " "))) {
    const [, peak, count, per] = rate.exec(part) ?? [];
    const [, least, most = least, each] = times.exec(part) ?? [];
    const [, number, span] = length.exec(part) ?? [];
    if (part === "") continue;
    if (per !== undefined) {
      const perSecond = Number(count) / (unitSeconds[per] as number);
      if (!(perSecond > 0)) problems.push(`"${part}": expected a rate above 0`);
      set("perSecond", part, { perSecond });
      // A peak without a curve would be no peak.
      if (peak === "peak") description.curve ??= "day";
    } else if (number !== undefined && span !== undefined) {
      const days = Number(number) * (span.startsWith("week") ? 7 : 1);
      if (days < 1 || days > mostDays) problems.push(`"${part}": expected 1 to ${mostDays} days`);
      set("days", part, { days });
    } else if (each !== undefined) {
      const seconds = [Number(least), Number(most)].map((value) => value * (unitSeconds[each] as number)) as [number, number];
      if (!(seconds[0] > 0) || !(seconds[1] >= seconds[0])) problems.push(`"${part}": expected a duration above 0, the shorter one first`);
      set("least", part, { least: seconds[0], most: seconds[1] });
    } else if (/^day(ly)?[ -]?curve$/.test(part)) description.curve = "day";
    else if (/^(office|business)[ -]hours$/.test(part)) description.curve = "office";
    else if (part === "constant" || part === "steady") description.curve = "constant";
    else if (part === "weekdays" || part === "weekdays only") description.weekdaysOnly = true;
    else problems.push(`"${part}" can't be read`);
  }
  const { perSecond, least, most, curve = "constant", days = defaultDays, weekdaysOnly } = description;
  if (perSecond === undefined) problems.push("there is no rate of jobs");
  if (least === undefined) problems.push("there is no duration of a job");
  if (problems.length > 0 || perSecond === undefined || least === undefined || most === undefined) {
    throw new LoadProblem(`${JSON.stringify(text)} describes no load: ${problems.join("; ")}. Expected ${grammar}.`);
  }
  return { perSecond, least, most, curve, days, weekdaysOnly };
}

/** Which share of the rate a moment has. */
function shareAt({ curve, weekdaysOnly }: Description, seconds: number): number {
  if (weekdaysOnly && Math.floor(seconds / daySeconds) % 7 >= 5) return 0;
  if (curve === "constant") return 1;
  if (curve === "day") return (1 - Math.cos((2 * Math.PI * seconds) / daySeconds)) / 2;
  const hour = (seconds % daySeconds) / 3600;
  return hour >= 8 && hour < 18 ? 1 : 0;
}

function exponential(perSecond: number, random: () => number): number {
  return -Math.log(1 - random()) / perSecond;
}

/** Random numbers from 0 to 1 that are the same in each run: mulberry32, whose state is one number. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
