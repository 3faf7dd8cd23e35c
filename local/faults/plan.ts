import { readFileSync } from "node:fs";
import { z } from "zod";
import { jobFaults, kindOf, serviceFaults, type JobFaultKind, type ServiceFaultKind, type Site } from "./kinds";
import { seededRandom, type Random } from "./random";

const jobFault = z.strictObject({
  kind: z.enum(Object.keys(jobFaults) as JobFaultKind[]),
  /** Whose fault it is: the job that was the n-th to be seen, from 1. */
  job: z.number().int().min(1),
  /** Which of the job's opportunities for this kind, from 1. */
  nth: z.number().int().min(1).default(1),
  /** How often in a row. */
  times: z.number().int().min(1).default(1),
  /** How late, for what is late. */
  delaySeconds: z.number().min(0).default(180),
});

const serviceFault = z.strictObject({
  kind: z.enum(Object.keys(serviceFaults) as ServiceFaultKind[]),
  /** When, from the start of the run. */
  atSeconds: z.number().min(0),
  /** For how long, for what lasts. */
  durationSeconds: z.number().min(0).default(60),
  /** Which function, by the end of its name: `submit`, `result`. Absent: all. */
  function: z.string().optional(),
  /** How far a clock is off. */
  minutes: z.number().min(-60).max(60).default(15),
});

const plan = z.strictObject({
  /** What the plan was drawn from; the simulator's interleavings follow it too. */
  seed: z.number().int().default(1),
  /** How many jobs the simulator submits. */
  jobs: z.number().int().min(1).default(50),
  faults: z.array(z.union([jobFault, serviceFault])),
});

/** One fault that happens to one job. */
export type JobFault = z.infer<typeof jobFault>;
/** One fault that happens to the service as a whole. */
export type ServiceFault = z.infer<typeof serviceFault>;
/** Which faults happen, and when: the same file drives the simulator and the embedded cloud. */
export type FaultPlan = z.infer<typeof plan>;

/** Whether a fault is of one job. */
export function isJobFault(fault: JobFault | ServiceFault): fault is JobFault {
  return "job" in fault;
}

/**
 * Reads a plan.
 *
 * @throws Error naming the file, the field and what it accepts
 */
export function readPlan(file: string): FaultPlan {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`, { cause: error });
  }
  const read = plan.safeParse(content);
  if (read.success) return read.data;
  throw new Error(`${file}: ${z.prettifyError(read.error)}`);
}

/** How many opportunities of a kind a job usually offers: which one a fault takes is drawn from them. */
const opportunities: Record<Site, number> = {
  notification: 1,
  event: 1,
  invocation: 3,
  tableWrite: 6,
  tableRead: 3,
  objects: 3,
  invoke: 1,
  otherCall: 2,
  accepted: 1,
  queue: 1,
  container: 1,
};

/** How many refusals in a row a call does not get over: as many as the SDK has tries, and as the functions have for an invocation. */
const outlasting: Partial<Record<JobFaultKind, number>> = { "table-throttled": 3, "s3-503": 3, "invoke-503": 6, "container-503": 4 };

/**
 * Draws a plan: no, one or a few faults a job, and some of the service.
 *
 * A job gets at most one fault that leaves an attempt in doubt, and the service at most one that takes running jobs away,
 * so that a bounded number of attempts suffices: a job that may run again must never end in doubt.
 */
export function drawPlan(seed: number, jobs: number): FaultPlan {
  const random = seededRandom(seed * 7919 + 1);
  const faults = Array.from({ length: jobs }, (_, index) => drawJobFaults(random, index + 1)).flat();
  return { seed, jobs, faults: [...faults, ...drawServiceFaults(random)] };
}

/** What happens together in practice, or brings two at once to the same job. */
const combinations: readonly (readonly JobFaultKind[])[] = [
  // The sweeper has to find the end, and something happens to it there.
  ["notification-lost", "lambda-killed-before"],
  ["notification-lost", "lambda-killed-between"],
  ["notification-lost", "table-throttled"],
  // Both deliveries find an attempt that another can mend.
  ["container-exit", "notification-doubled"],
  ["expired-in-queue", "notification-doubled"],
  // Two attempts are under way.
  ["invoke-answer-lost", "container-5xx"],
  ["invoke-answer-lost", "waits-in-queue"],
  ["invoke-answer-lost", "cancelled"],
  ["event-doubled", "lambda-killed-between"],
];

function drawJobFaults(random: Random, job: number): JobFault[] {
  const count = random.pick([0, 1, 1, 1, 2, 3]);
  const kinds = Object.keys(jobFaults) as JobFaultKind[];
  const drawn: JobFault[] = [];
  const wanted: JobFaultKind[] = random.chance(0.2) ? [...random.pick(combinations)] : [];
  while (drawn.length < count || wanted.length > 0) {
    const kind = wanted.shift() ?? random.pick(kinds);
    const { sites, doubt } = kindOf(kind);
    if (doubt && drawn.some((other) => kindOf(other.kind).doubt)) continue;
    const most = sites.reduce((sum, site) => sum + opportunities[site], 0);
    const outlasts = kind in outlasting && random.chance(0.5);
    drawn.push({
      kind,
      job,
      nth: random.integer(1, most),
      times: outlasts ? (outlasting[kind] as number) : 1,
      delaySeconds: kind === "cancelled" ? random.pick([0, random.integer(0, 60)]) : random.integer(30, 900),
    });
  }
  return drawn;
}

function drawServiceFaults(random: Random): ServiceFault[] {
  const at = (kind: ServiceFaultKind, further: Partial<ServiceFault> = {}): ServiceFault => ({
    kind,
    atSeconds: random.integer(1, 240),
    durationSeconds: random.integer(5, 120),
    minutes: 15,
    ...further,
  });
  // All in one direction: any two clocks are at most 15 minutes apart.
  const direction = random.pick([-1, 1]);
  const clocks = ["submit", "result", "inbox", "sweep", "floor"].map((name) =>
    at("clock-skew", { function: name, atSeconds: 0, minutes: direction * random.pick([15, 15, random.integer(1, 14)]) }),
  );
  return [
    ...clocks.filter(() => random.chance(0.3)),
    ...Array.from({ length: random.integer(0, 3) }, () => at("two-sweepers")),
    ...(random.chance(0.4) ? [at("endpoint-updating")] : []),
    ...(random.chance(0.6) ? [at(random.pick(["scale-in-sigterm", "deployment"]))] : []),
    ...Array.from({ length: random.integer(0, 3) }, () => at("scale-in", { atSeconds: random.integer(60, 1500) })),
    ...(random.chance(0.4) ? [at("flood")] : []),
    ...(random.chance(0.5) ? [at("redrive", { atSeconds: random.integer(200, 1500) })] : []),
    ...(random.chance(0.5) ? [at("client-clock", { atSeconds: 0, minutes: random.pick([-60, 60]) })] : []),
    ...(random.chance(0.5) ? [at("batch")] : []),
  ];
}
