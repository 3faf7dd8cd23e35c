/** One job of a load: when it is submitted and how long the model works on it. */
export interface Arrival {
  atSeconds: number;
  modelSeconds: number;
  /** Of a batch, which may wait for all others. */
  low?: true;
}

/** A load with its random numbers, in the order of arrival. */
export type Load = (random: () => number, hours: number) => Arrival[];

/** The loads of the published figures. */
export const loads = {
  /** A job of five minutes every twenty: an endpoint that would like to sleep. */
  sparse: (random, hours) => every(1200, hours).map((at) => ({ atSeconds: at + 120 * random(), modelSeconds: between(240, 360, random) })),
  /** 200 jobs at once, every three hours. */
  bursts: (random, hours) =>
    every(10_800, hours).flatMap((at) => {
      const begin = at + 600 * random();
      return Array.from({ length: 200 }, () => ({ atSeconds: begin + 5 * random(), modelSeconds: between(60, 120, random) }));
    }),
  /** 30 to 50 minutes each, one every ten: four instances' work, any of which a scale-in may hit. */
  long: (random, hours) => every(600, hours).map((at) => ({ atSeconds: at + 120 * random(), modelSeconds: between(1800, 3000, random) })),
  /** Up to 0.05 jobs per second at noon, almost none at night; 20 to 120 seconds each. */
  diurnal: (random, hours) =>
    poisson(0.05, hours, random)
      .filter((at) => random() < (1 - Math.cos((2 * Math.PI * at) / 86_400)) / 2)
      .map((atSeconds) => ({ atSeconds, modelSeconds: between(20, 120, random) })),
  /** Quiet and busy stretches of very different lengths, and model times over three orders of magnitude: like a shared service's log. */
  trace: (random, hours) => {
    const arrivals: Arrival[] = [];
    let at = 0;
    while (at < hours * 3600) {
      const busyEnd = at + pareto(300, 1.5, 7200, random);
      const rate = 0.01 + 0.09 * random();
      while (at < busyEnd) {
        at += exponential(rate, random);
        arrivals.push({ atSeconds: at, modelSeconds: Math.min(3300, Math.exp(3.4 + 1.3 * normal(random))) });
      }
      at += pareto(120, 1.1, 10_800, random);
    }
    return arrivals.filter(({ atSeconds }) => atSeconds < hours * 3600);
  },
} satisfies Record<string, Load>;

/** Name of one of the {@link loads}. */
export type LoadName = keyof typeof loads;

/** The service ends an invocation then. */
const longestModelSeconds = 3600;

/**
 * Reads a load of the user's own: lines of `arrival,duration` in seconds, the arrival from any beginning; a first line
 * with names is skipped.
 *
 * @throws Error naming the line that can't be read
 */
export function readCsv(text: string): Arrival[] {
  const lines = text.split(/\r?\n/).map((line, index) => ({ line: line.trim(), number: index + 1 }));
  const rows = lines.filter(({ line, number }) => line !== "" && !(number === 1 && !/\d/.test(line)));
  const arrivals = rows.map(({ line, number }) => {
    const [at, duration, ...more] = line.split(",").map((cell) => (/^-?\d+(\.\d+)?$/.test(cell.trim()) ? Number(cell) : undefined));
    const refuse = (expected: string) => new Error(`line ${number}: got ${JSON.stringify(line)}, expected ${expected}`);
    if (at === undefined || duration === undefined || more.length > 0) throw refuse("two numbers of seconds: arrival,duration");
    if (duration <= 0 || duration > longestModelSeconds) {
      throw refuse(`a duration above 0 and up to ${longestModelSeconds} seconds, after which SageMaker ends an invocation`);
    }
    return { atSeconds: at, modelSeconds: duration };
  });
  if (arrivals.length === 0) throw new Error("no jobs: expected lines of arrival,duration in seconds, such as 0,60");
  const first = arrivals.reduce((least, { atSeconds }) => Math.min(least, atSeconds), Infinity);
  return arrivals.map((arrival) => ({ ...arrival, atSeconds: arrival.atSeconds - first })).sort((a, b) => a.atSeconds - b.atSeconds);
}

function every(seconds: number, hours: number): number[] {
  return Array.from({ length: Math.floor((hours * 3600) / seconds) }, (_, index) => index * seconds);
}

function poisson(rate: number, hours: number, random: () => number): number[] {
  const times: number[] = [];
  for (let at = exponential(rate, random); at < hours * 3600; at += exponential(rate, random)) times.push(at);
  return times;
}

function between(least: number, most: number, random: () => number): number {
  return least + (most - least) * random();
}

function exponential(rate: number, random: () => number): number {
  return -Math.log(1 - random()) / rate;
}

function pareto(least: number, shape: number, most: number, random: () => number): number {
  return Math.min(most, least / (1 - random()) ** (1 / shape));
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
