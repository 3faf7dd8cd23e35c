import { Option } from "commander";
import { jobStates } from "../../core/records/job";
import { age, duration } from "../../core/duration";
import { integer, since, state } from "../options";
import { addCommand, addCommonOptions, withService } from "../session";
import { stateStyle } from "../states";
const own = [
  { name: "JOB", value: ({ jobId }) => jobId },
  { name: "STATE", value: ({ state }) => state, style: ({ state }) => stateStyle(state) },
];
/** For programs: the times as they are recorded. */
const piped = [...own, { name: "ACCEPTED", value: ({ createdAt }) => createdAt }, { name: "ENDED", value: ({ endedAt }) => endedAt }];
/** For people: with an id of ours no wider than 80 columns. @param now the service's time, in milliseconds since the epoch */
const shown = (now) => [
  ...own,
  { name: "AGE", value: ({ createdAt }) => age(now - Date.parse(createdAt)) },
  { name: "ACCEPTED", value: ({ createdAt }) => createdAt.replace("T", " ").replace(/\.\d+Z$/, "Z") },
  {
    name: "TOOK",
    value: ({ createdAt, endedAt }) => (endedAt === undefined ? undefined : duration(Date.parse(endedAt) - Date.parse(createdAt))),
  },
];
/** `sagemaker-async list` */
export function addList(program, session) {
  const command = addCommand(program, "list", "List jobs by the time of their acceptance.", [
    "sagemaker-async list --stack dev",
    "sagemaker-async list --stack dev --state FAILED --since 7d --json",
  ])
    .addOption(new Option("--state <state>", "only jobs in this state").choices(jobStates).argParser(state(jobStates)))
    .addOption(new Option("--since <time>", "accepted since: a span or a time").argParser(since).default(since("24h"), "24h"))
    .addOption(new Option("--limit <count>", "at most so many").argParser(integer(1, 100_000)).default(100));
  return addCommonOptions(command, { target: true }).action(async (options) => {
    await withService(session, options, async ({ client }) => {
      const { state, limit } = options;
      const service = await client();
      const from = await options.since(() => service.serviceTime());
      const query = { ...(state !== undefined && { state }), since: from, signal: session.signal };
      const jobs = [];
      let more = false;
      // One beyond the limit tells whether there are more.
      for await (const job of service.list({ ...query, limit: limit + 1 })) {
        if (jobs.length === limit) {
          more = true;
          break;
        }
        jobs.push(job);
      }
      session.output.table(jobs, session.output.isTerminal ? shown((await service.serviceTime()).getTime()) : piped);
      if (jobs.length === 0) session.output.note(`No ${state ?? ""} jobs since ${from.toISOString()}.`.replace("  ", " "));
      if (more) session.output.note(`There are more: --limit ${limit} was reached.`);
    });
  });
}
