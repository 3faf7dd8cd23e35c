import { Option, type Command } from "commander";
import type { JobStatus, ListedJob } from "../../client";
import { jobStates, type JobState } from "../../core/records/job";
import { age, duration } from "../../core/duration";
import { integer, pairs, since, state, type Since } from "../options";
import type { Column } from "../output";
import { addCommand, addCommonOptions, withService, type Service, type Session } from "../session";
import { stateStyle } from "../states";
import type { TargetOptions } from "../target";
import { watching, watchOption, type Change } from "../watching";

interface ListOptions extends TargetOptions {
  state?: JobState;
  since: Since;
  limit: number;
  metadata?: Record<string, string>;
  utc?: boolean;
  watch?: boolean;
}

const own: Column<ListedJob>[] = [
  { name: "JOB", value: ({ jobId }) => jobId },
  { name: "STATE", value: ({ state }) => state, style: ({ state }) => stateStyle(state) },
];

/** For programs: the times as they are recorded. */
const piped: Column<ListedJob>[] = [
  ...own,
  { name: "ACCEPTED", value: ({ createdAt }) => createdAt },
  { name: "ENDED", value: ({ endedAt }) => endedAt },
];

const utc = (time: string) => time.replace("T", " ").replace(/\.\d+Z$/, "Z");

/** For people: what matters most comes first, since a narrow terminal has no room for the last. @param now in milliseconds since the epoch */
const forPeople = (now: number, { utc: isExact }: ListOptions): Column<ListedJob>[] => [
  ...own,
  isExact
    ? { name: "ACCEPTED", value: ({ createdAt }) => utc(createdAt) }
    : { name: "AGE", value: ({ createdAt }) => age(now - Date.parse(createdAt)) },
  {
    name: "TOOK",
    value: ({ createdAt, endedAt }) => (endedAt === undefined ? undefined : duration(Date.parse(endedAt) - Date.parse(createdAt))),
  },
];

/** What a look found. */
interface Listed {
  jobs: ListedJob[];
  /** Whether `--limit` left some out. */
  more: boolean;
  from: Date;
  /** The service's time, in milliseconds since the epoch. */
  now: number;
}

/** A look costs one query per hundred jobs. */
const everyMilliseconds = 2000;

/** `sagemaker-async list` */
export function addList(program: Command, session: Session): Command {
  const command = addCommand(program, "list", "List jobs by the time of their acceptance.", [
    "sagemaker-async list --stack dev",
    "sagemaker-async list --stack dev --state FAILED --since 7d --json",
    "sagemaker-async list --stack dev --metadata batch=scans-2026",
    "sagemaker-async list --stack dev --watch",
  ])
    .addOption(new Option("--state <state>", "only jobs in this state").choices(jobStates).argParser(state(jobStates)))
    .addOption(new Option("--since <time>", "accepted since: a span or a time").argParser(since).default(since("24h"), "24h"))
    .addOption(new Option("--limit <count>", "at most so many").argParser(integer(1, 100_000)).default(100))
    .addOption(new Option("--metadata <name=value>", "only jobs with it; repeatable, then all of them").argParser(pairs))
    .option("--utc", "exact times on a terminal too, which shows how long ago they were")
    .option(...watchOption);
  return addCommonOptions(command, { target: true }).action(async (options: ListOptions) => {
    await withService(session, options, async (service) => {
      if (options.watch) return void (await watchList(session, service, options));
      const { jobs, more, from, now } = await read(session, service, options);
      session.output.table(jobs, session.output.isTerminal ? forPeople(now, options) : piped);
      if (jobs.length === 0) session.output.note(noJobs(options, from));
      if (more) session.output.note(`There are more: --limit ${options.limit} was reached.`);
    });
  });
}

async function read({ signal }: Session, { client }: Service, { state, since, limit, metadata }: ListOptions): Promise<Listed> {
  const service = await client();
  const now = () => service.serviceTime();
  const from = await since(now);
  const query = { ...(state !== undefined && { state }), since: from, signal };
  const jobs: ListedJob[] = [];
  let more = false;
  // One beyond the limit tells whether there are more.
  const found = metadata === undefined ? service.list({ ...query, limit: limit + 1 }) : withMetadata(service.statuses(query), metadata);
  for await (const job of found) {
    if (jobs.length === limit) {
      more = true;
      break;
    }
    jobs.push(job);
  }
  return { jobs, more, from, now: (await now()).getTime() };
}

/** The index of a list has no metadata: each job's record is read. */
async function* withMetadata(jobs: AsyncIterable<JobStatus>, wanted: Record<string, string>): AsyncGenerator<ListedJob> {
  for await (const { jobId, state, endpointName, metadata, timings } of jobs) {
    if (Object.entries(wanted).some(([name, value]) => metadata?.[name] !== value)) continue;
    const { acceptedAt: createdAt = "", recordedAt: endedAt } = timings;
    yield { jobId, state, endpointName, createdAt, ...(endedAt !== undefined && { endedAt }) };
  }
}

function noJobs({ state }: ListOptions, from: Date): string {
  return `No ${state ?? ""} jobs since ${from.toISOString()}.`.replace("  ", " ");
}

async function watchList(session: Session, service: Service, options: ListOptions): Promise<void> {
  const { output } = session;
  await watching(session, {
    look: () => read(session, service, options),
    frame: ({ jobs, from, now, more }, paint) => {
      if (jobs.length === 0) return noJobs(options, from);
      const rows = output.rows(jobs, forPeople(now, options));
      return [...rows, ...(more ? [paint("dim", `There are more: --limit ${options.limit} was reached.`)] : [])].join("\n");
    },
    // The newest stand first in a list; what is written in a stream stands in the order of its time.
    changes: ({ jobs }) => jobs.map(changeOf).reverse(),
    everyMilliseconds,
  });
}

function changeOf(job: ListedJob): Change {
  return { key: job.jobId, value: job.state, object: job, line: piped.map(({ value }) => value(job) ?? "").join("\t") };
}
