import { Argument, InvalidArgumentError, Option, type Command } from "commander";
import type { JobDescriptor, S3ControlClient } from "@aws-sdk/client-s3-control";
import { batchIdPattern, metadataArgument } from "../../core/lifecycle/batch";
import { present } from "../../core/present";
import { isTerminal, newJobId, priorities, type JobState, type Priority } from "../../core/records/job";
import type { AsyncInferenceOutputs } from "../../outputs";
import { moment } from "../../core/duration";
import {
  batchCost,
  countJobs,
  foldersOf,
  isComplete,
  isOver,
  progressOf,
  ranJobs,
  type BatchJobs,
  type BatchProgress,
} from "../batchProgress";
import {
  controlClient,
  createBatch,
  endedStatuses,
  findBatch,
  manifestSource,
  prefixSource,
  reportOf,
  requireLowPriority,
  type BatchReport,
} from "../batches";
import { requireSameSource } from "../batchSource";
import { exitCodes, type ExitCode } from "../exitCodes";
import { failure, UsageError } from "../failure";
import { LiveLine } from "../liveLine";
import { missingPackages, requirePackages } from "../optionalPackages";
import { facts, type Paint } from "../output";
import { shownUsd, withoutMetricsWords } from "../planning/figures";
import { readShares } from "../planning/shares";
import { pairs } from "../options";
import { addCommand, addCommonOptions, withService, type Service, type Session } from "../session";
import type { TargetOptions } from "../target";
import { watching, watchOption } from "../watching";

interface CreateOptions extends TargetOptions {
  prefix?: string;
  manifest?: string;
  id?: string;
  priority?: Priority;
  metadata?: Record<string, string>;
  fields?: string[];
  confirm?: boolean;
  watch?: boolean;
}

interface StatusOptions extends TargetOptions {
  watch?: boolean;
  cost: boolean;
}

const everyMilliseconds = 5000;

const untilOver = [watchOption[0], "look again and again until the last job has ended; in a pipe a line for each change"] as const;

/** A batch's jobs are counted again after so many times as long as counting them took: a million are some 200 queries. */
const restBetweenCounts = 20;

/** `sagemaker-async batch` */
export function addBatch(program: Command, session: Session): Command {
  const batch = program
    .command("batch")
    .description("Make the objects of a prefix or a manifest jobs, by S3 Batch Operations. Needs the setting batchEnabled.");
  addCreate(batch, session);
  addStatus(batch, session);
  addChange(
    batch,
    session,
    "stop",
    "Have S3 give out no more of a batch's objects. Those given out may still become jobs, for up to five minutes.",
  );
  addChange(batch, session, "resume", "Go on with a batch that was stopped, failed or waits: what is a job already stays the same job.");
  return batch;
}

function addCreate(batch: Command, session: Session): void {
  const command = addCommand(batch, "create", "Start a batch and print its id.", [
    "sagemaker-async batch create --stack prod --prefix s3://scans/2026/",
    "sagemaker-async batch create --stack prod --manifest objects.csv --id scans-2026 --watch",
    "sagemaker-async batch create --stack prod --prefix s3://scans/2026/ --priority low --metadata tenant=acme",
  ])
    .option("--prefix <uri>", "every object below it")
    .option(
      "--manifest <file>",
      "CSV of bucket,key or bucket,key,version, keys percent-encoded: a file or s3://…; or an inventory's s3://…/manifest.json",
    )
    .addOption(new Option("--fields <names>", "of a CSV in S3, in their order (default: Bucket,Key)").argParser(fields))
    .addOption(
      new Option("--id <id>", "the batch's name; the same again, over the same objects, makes none a job twice").argParser(batchId),
    )
    .addOption(
      new Option("--priority <which>", "low: its jobs wait while many others are invoked; docs/priority.md").choices([...priorities]),
    )
    .addOption(new Option("--metadata <name=value>", "of each of its jobs; repeatable").argParser(batchMetadata))
    .option("--confirm", "have S3 count the objects and wait until batch resume")
    .option(...untilOver);
  addCommonOptions(command, { target: true }).action(async (options: CreateOptions) => {
    const { prefix, manifest } = options;
    if ((prefix === undefined) === (manifest === undefined)) {
      throw new UsageError(`got ${prefix === undefined ? "neither" : "both"} of --prefix and --manifest: give one of them`);
    }
    if (options.fields !== undefined && !/^s3:.*(?<!\.json)$/s.test(manifest ?? "")) {
      const got = manifest === undefined ? `--prefix ${prefix}` : `--manifest ${manifest}`;
      throw new UsageError(`--fields: got it with ${got}, expected a CSV in S3 (--manifest s3://…): leave it out`);
    }
    await withControl(session, options, async (control, service) => {
      const { outputs } = service.target;
      const id = options.id ?? newJobId(Date.now(), crypto.getRandomValues(new Uint8Array(16)));
      const at = { outputs, aws: service.aws };
      if (options.priority === "low") await requireLowPriority(outputs, service.aws);
      const source =
        prefix === undefined
          ? await manifestSource(manifest as string, id, options.fields ?? ["Bucket", "Key"], at)
          : prefixSource(prefix, outputs);
      if (options.id !== undefined) await requireSameSource(control, outputs, id, source);
      const { confirm = false, priority, metadata } = options;
      const s3JobId = await createBatch(control, outputs, id, source, { confirm, ...present({ priority, metadata }) });
      if (options.watch) return follow(session, control, service, id);
      session.output.show({ batchId: id, s3JobId }, () => `Batch ${id} is S3's job ${s3JobId}.`);
      const { written } = service.target;
      session.output.note(`How far it is: ${session.invokedAs} batch status ${id} --watch ${written}`.trimEnd());
      if (confirm) {
        const resume = `${session.invokedAs} batch resume ${id} ${written}`;
        session.output.note(`S3 counts its objects. Once it is Suspended, it waits for:\n  ${resume}`.trimEnd());
      }
      return exitCodes.done;
    });
  });
}

function addStatus(batch: Command, session: Session): void {
  const command = addCommand(batch, "status", "Show how far a batch is: objects, jobs by state, rate, estimated end, cost so far.", [
    "sagemaker-async batch status scans-2026 --stack prod --watch",
  ])
    .addArgument(new Argument("<batch>", "batch id").argParser(batchId))
    .option("--no-cost", "leave out the cost, for which the record of each job of the service since then is read")
    .option(...untilOver);
  addCommonOptions(command, { target: true }).action(async (id: string, options: StatusOptions) => {
    await withControl(session, options, async (control, service) => {
      if (options.watch) return follow(session, control, service, id);
      const progress = { ...(await reader(session, control, service, id)()) };
      if (options.cost) Object.assign(progress, await readCost(session, service, progress));
      session.output.show(progress, (paint) => render(progress, paint, session.output.columns));
      return exitCodes.done;
    });
  });
}

function addChange(batch: Command, session: Session, name: "stop" | "resume", description: string): void {
  const command = addCommand(batch, name, description, [`sagemaker-async batch ${name} scans-2026 --stack prod`]).addArgument(
    new Argument("<batch>", "batch id").argParser(batchId),
  );
  addCommonOptions(command, { target: true }).action(async (id: string, options: TargetOptions) => {
    await withControl(session, options, async (control, service) => {
      const { outputs } = service.target;
      const { job, unfinished } = await findBatch(control, outputs, id);
      const { Status = "", JobId = "" } = job;
      const isEnded = endedStatuses.includes(Status);
      const { UpdateJobStatusCommand } = await import("@aws-sdk/client-s3-control");
      const change = async (each: string, RequestedJobStatus: "Ready" | "Cancelled") => {
        await control.send(new UpdateJobStatusCommand({ AccountId: outputs.accountId, JobId: each, RequestedJobStatus }));
        return each;
      };
      if (name === "stop") {
        const s3JobIds: string[] = [];
        for (const { JobId: each = "", Status: status = "" } of unfinished) {
          if (status === "Completing" || status === "Failing") continue;
          try {
            s3JobIds.push(status === "Cancelling" ? each : await change(each, "Cancelled"));
          } catch (error) {
            // It has ended since it was listed.
            if ((error as Error).name !== "JobStatusException") throw error;
          }
        }
        if (s3JobIds.length === 0) {
          const words = isEnded ? `Batch ${id} has ended: it is ${Status}.` : `Batch ${id} is ending: S3 gives out no more of its objects.`;
          throw failure("CONFLICT", words, "Nothing is left to stop. cancel ends single jobs.");
        }
        session.output.show(
          { batchId: id, s3JobId: JobId, s3JobIds },
          () => `Batch ${id} is being stopped: S3 gives out no more of its objects.`,
        );
        session.output.note(
          "Those given out may still become jobs, for up to five minutes. Jobs that there are go on; cancel ends single ones.",
        );
        return exitCodes.done;
      }
      if (!isEnded && Status !== "Suspended") throw failure("CONFLICT", `Batch ${id} is ${Status}.`, untilResume(job));
      // S3 never starts a job again that has ended: another one goes over the same objects, each of which is the same job as before.
      const s3JobId = isEnded ? await createBatch(control, outputs, id, job, { confirm: false }) : await change(JobId, "Ready");
      session.output.show({ batchId: id, s3JobId }, () => `Batch ${id} goes on as S3's job ${s3JobId}.`);
      return exitCodes.done;
    });
  });
}

/** What becomes of a batch that can't be resumed yet. */
function untilResume({ Status, ConfirmationRequired }: JobDescriptor): string {
  if (Status === "Cancelling") return "It is being stopped. When batch status says Cancelled, batch resume goes on with it.";
  if (Status === "Failing") return "It is ending. When batch status says Failed, batch resume goes over it again.";
  if (ConfirmationRequired === true && (Status === "New" || Status === "Preparing")) {
    return "S3 counts its objects. When batch status says Suspended, batch resume starts it.";
  }
  return "It goes on by itself.";
}

async function withControl(
  session: Session,
  options: TargetOptions,
  work: (control: S3ControlClient, service: Service) => Promise<ExitCode>,
): Promise<void> {
  requirePackages("batch", ["@aws-sdk/client-s3-control"]);
  await withService(session, options, async (service) => {
    requireBatches(service.target.outputs);
    const control = await controlClient(service.aws);
    try {
      return await work(control, service);
    } finally {
      control.destroy();
    }
  });
}

/** @throws CommandError when the service was deployed without batches */
function requireBatches({ batchFunctionArn, endpointName }: AsyncInferenceOutputs): void {
  if (batchFunctionArn) return;
  throw failure("NOT_FOUND", `${endpointName} takes no batches.`, "pulumi config set batchEnabled true, and deploy.");
}

/** Looks at a batch: each time at S3's job, and at its jobs when they may be others. */
function reader(
  { signal }: Session,
  control: S3ControlClient,
  { client, target }: Service,
  id: string,
): () => Promise<BatchProgress & { at: string }> {
  let counted: BatchJobs | undefined;
  let countedStatus = "";
  let dueAt = 0;
  return async () => {
    const service = await client();
    const found = await findBatch(control, target.outputs, id);
    const now = (await service.serviceTime()).getTime();
    const report = reportOf(found, id, target.outputs, now);
    // Once S3 is done the count decides whether the batch is over.
    if (counted === undefined || report.status !== countedStatus || performance.now() >= dueAt) {
      const startedAt = performance.now();
      counted = await countJobs(service.list({ since: found.firstCreatedAt, signal }), id, now);
      countedStatus = report.status;
      dueAt = performance.now() + restBetweenCounts * (performance.now() - startedAt);
    }
    const progress = { ...progressOf(report, counted, now), at: new Date(now).toISOString() };
    return { ...progress, ...present({ folders: foldersOf(progress, target.outputs.jobRetentionDays) }) };
  };
}

/** What a batch's jobs did cost so far, by their share of all that the fleet did since it began. */
async function readCost(session: Session, service: Service, { batchId, createdAt }: BatchReport): Promise<Partial<BatchProgress>> {
  const missing = missingPackages(["@aws-sdk/client-sagemaker", "@aws-sdk/client-cloudwatch"]);
  if (missing.length > 0) return { costUnknown: `npm install ${missing.join(" ")}` };
  const client = await service.client();
  const line = new LiveLine(session.output.live);
  try {
    const statuses = client.statuses({ since: createdAt, signal: session.signal });
    const { ran, own } = await ranJobs(statuses, batchId, (count) => line.show(`${count} jobs read`));
    const times = { from: Date.parse(createdAt), now: (await client.serviceTime()).getTime() };
    const { shares, usdPerHour, prices } = await readShares(session, service, ran, times);
    return { cost: batchCost(shares, own, usdPerHour, prices) };
  } finally {
    line.clear();
  }
}

async function follow(session: Session, control: S3ControlClient, service: Service, id: string): Promise<ExitCode> {
  const { seen } = await watching(session, {
    look: reader(session, control, service, id),
    isOver,
    frame: (progress, paint) => render(progress, paint, session.output.columns),
    changes: (progress) => [
      {
        key: id,
        value: `${progress.status} ${progress.succeeded} ${progress.failed} ${progress.jobsEnded}`,
        object: progress,
        line: [id, progress.status, progress.objects, progress.succeeded, progress.failed, progress.jobsEnded].join("\t"),
      },
    ],
    everyMilliseconds,
  });
  const { output, invokedAs } = session;
  const say = (words: string, command: string) => output.note(`${words}:\n  ${invokedAs} ${command} ${service.target.written}`.trimEnd());
  if (seen === undefined || !isOver(seen)) {
    say(`Batch ${id} goes on. Come back with`, `batch status ${id} --watch`);
    return exitCodes.interrupted;
  }
  if (isComplete(seen)) return exitCodes.done;
  if (seen.status === "Suspended") {
    say(`Batch ${id} waits for`, `batch resume ${id}`);
    return exitCodes.timedOut;
  }
  if (seen.status === "Cancelled") say(`Batch ${id} was stopped. To go on`, `batch resume ${id}`);
  for (const [state, count] of Object.entries(seen.jobs) as [JobState, number][]) {
    if (state === "COMPLETED" || !isTerminal(state)) continue;
    const list = `list --metadata batch=${id} --state ${state} --since ${seen.createdAt}`;
    say(`${count} of ${seen.jobsEnded} jobs ended as ${state}`, list);
  }
  if (output.watched === undefined) {
    // A terminal has it before its eyes.
    if (seen.failureReason !== undefined) output.note(`Batch ${id} failed: ${seen.failureReason}`);
    if (seen.failed > 0) output.note(`${seen.failed} objects made no job. The report says why: ${seen.report}`);
  }
  return exitCodes.failed;
}

function render(progress: BatchProgress & { at: string }, paint: Paint, columns: number | undefined): string {
  const { batchId, s3JobId, status, objects, succeeded, failed, objectsPerSecond, jobs, jobsEnded, jobsEndedPerHour } = progress;
  const { failureReason, report, at, folders = 0, furtherS3JobIds } = progress;
  const time = (iso: string | undefined) => iso && `about ${moment(iso, Date.parse(at))}`;
  const byState = Object.entries(jobs).map(([state, count]) => `${count} ${state}`);
  return facts(
    [
      ["batch", batchId],
      ["S3's job", `${s3JobId}: ${status}`],
      ["besides", furtherS3JobIds && `${furtherS3JobIds.join(", ")}: of the same batch, not ended`],
      [
        "objects",
        `${succeeded + failed} of ${objects}, ${failed + folders} of them made no job${folders > 0 ? ` (folders: ${folders})` : ""}`,
      ],
      ["waits", waitText(progress)],
      ["rate", objectsPerSecond === undefined ? undefined : `${objectsPerSecond} objects per second`],
      ["all jobs", time(progress.estimatedLastJobAt)],
      ["jobs", byState.join(", ")],
      ["ended", `${jobsEnded}${jobsEndedPerHour === undefined ? "" : `, ${jobsEndedPerHour} per hour of late`}`],
      ["end", time(progress.estimatedEnd)],
      ["cost", costText(progress)],
      ["failure", failureReason],
      ["report", report],
    ],
    paint,
    columns,
  );
}

/** What a batch may wait for. */
function waitText({ batchId, status, succeeded, failed }: BatchProgress): string | undefined {
  if (status === "Suspended") return `for batch resume ${batchId}`;
  return status === "Active" && succeeded + failed === 0
    ? "for its first jobs: the sweeper counts the room for them once per minute"
    : undefined;
}

function costText({ cost, costUnknown }: BatchProgress): string | undefined {
  if (cost === undefined) return costUnknown && `not known: ${costUnknown}`;
  const { instanceHours, usd, usdPerJob, jobs, jobsWithoutMetrics, prices } = cost;
  const paid = usd === undefined ? "" : ` (${shownUsd(usd)} USD${usdPerJob === undefined ? "" : `, ${shownUsd(usdPerJob)} per job`})`;
  const hours = `${Number(instanceHours.toPrecision(3))} instance hours${paid} of ${jobs} jobs that ended; ${prices}`;
  return jobsWithoutMetrics === 0 ? hours : `an estimate of ${hours}. ${withoutMetricsWords(jobsWithoutMetrics)}`;
}

/** Reads a batch's id. */
function batchId(text: string): string {
  if (new RegExp(batchIdPattern).test(text)) return text;
  throw new InvalidArgumentError('Expected 1 to 36 letters, digits, "_" and "-", a letter or digit first.');
}

/** Of S3's arguments: so many besides the batch and its priority, with names and values of so many characters. */
const argumentBounds = { entries: 8, nameCharacters: 64, characters: 1024 };

/** Reads an entry of the jobs' metadata, and adds it to those before it. */
function batchMetadata(text: string, previous?: Record<string, string>): Record<string, string> {
  const all = pairs(text, previous);
  const { entries, nameCharacters, characters } = argumentBounds;
  const most = nameCharacters - metadataArgument.length;
  const isWrong = ([name, value]: [string, string]) => name.length > most || value === "" || value.length > characters;
  if (Object.keys(all).length > entries || Object.entries(all).some(isWrong)) {
    throw new InvalidArgumentError(`Expected at most ${entries} pairs, names of at most ${most} characters, values of 1 to ${characters}.`);
  }
  if ("batch" in all || "batchKey" in all)
    throw new InvalidArgumentError("Expected another name: batch and batchKey are in each job's metadata.");
  return all;
}

/** Reads the fields of a CSV manifest. */
function fields(text: string): string[] {
  const names = text.split(",");
  const known = names.every((name) => ["Bucket", "Key", "VersionId", "Ignore"].includes(name));
  if (known && names.includes("Bucket") && names.includes("Key")) return names;
  throw new InvalidArgumentError("Expected Bucket, Key, VersionId and Ignore with commas between, Bucket and Key among them.");
}
