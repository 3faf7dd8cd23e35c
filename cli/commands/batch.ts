import { Argument, InvalidArgumentError, Option, type Command } from "commander";
import type { S3ControlClient } from "@aws-sdk/client-s3-control";
import { newJobId, type JobState } from "../../core/records/job";
import { batchIdPattern } from "../../core/lifecycle/batch";
import type { AsyncInferenceOutputs } from "../../outputs";
import { controlClient, createBatch, endedStatuses, findBatch, manifestSource, prefixSource, reportOf, type BatchReport } from "../batches";
import { exitCodes, type ExitCode } from "../exitCodes";
import { failure, UsageError } from "../failure";
import { requirePackages } from "../optionalPackages";
import { facts, type Paint } from "../output";
import { addCommand, addCommonOptions, withService, type Service, type Session } from "../session";
import type { TargetOptions } from "../target";
import { watching, watchOption } from "../watching";

interface CreateOptions extends TargetOptions {
  prefix?: string;
  manifest?: string;
  id?: string;
  fields: string[];
  confirm?: boolean;
  watch?: boolean;
}

/** A report, and its jobs by state. */
type BatchProgress = BatchReport & { jobs?: Partial<Record<JobState, number>> };

const everyMilliseconds = 5000;

/** `sagemaker-async batch` */
export function addBatch(program: Command, session: Session): Command {
  const batch = program
    .command("batch")
    .description("Make the objects of a prefix or a manifest jobs, by S3 Batch Operations. Needs the setting batchEnabled.");
  addCreate(batch, session);
  addStatus(batch, session);
  addChange(batch, session, "stop", "Make no further object of a batch a job. Jobs that there are go on.");
  addChange(batch, session, "resume", "Go on with a batch that was stopped, failed or waits: what is a job already stays the same job.");
  return batch;
}

function addCreate(batch: Command, session: Session): void {
  const command = addCommand(batch, "create", "Start a batch and print its id.", [
    "sagemaker-async batch create --stack prod --prefix s3://scans/2026/",
    "sagemaker-async batch create --stack prod --manifest objects.csv --id scans-2026 --watch",
  ])
    .option("--prefix <uri>", "every object below it")
    .option(
      "--manifest <file>",
      "CSV of bucket,key or bucket,key,version, keys percent-encoded: a file or s3://…; or an inventory's s3://…/manifest.json",
    )
    .addOption(new Option("--fields <names>", "of a CSV in S3, in their order").argParser(fields).default(["Bucket", "Key"], "Bucket,Key"))
    .addOption(new Option("--id <id>", "the batch's name; the same again makes no object a job twice").argParser(batchId))
    .option("--confirm", "have S3 count the objects and wait until batch resume")
    .option(...watchOption);
  addCommonOptions(command, { target: true }).action(async (options: CreateOptions) => {
    const { prefix, manifest } = options;
    if ((prefix === undefined) === (manifest === undefined)) {
      throw new UsageError(`got ${prefix === undefined ? "neither" : "both"} of --prefix and --manifest: give one of them`);
    }
    await withControl(session, options, async (control, service) => {
      const { outputs } = service.target;
      const id = options.id ?? newJobId(Date.now(), crypto.getRandomValues(new Uint8Array(16)));
      const at = { outputs, aws: service.aws };
      const source =
        prefix === undefined ? await manifestSource(manifest as string, id, options.fields, at) : prefixSource(prefix, outputs);
      const s3JobId = await createBatch(control, outputs, id, source, { confirm: options.confirm === true });
      if (options.watch) return follow(session, control, service, id);
      session.output.show({ batchId: id, s3JobId }, () => `Batch ${id} is S3's job ${s3JobId}.`);
      session.output.note(`How far it is: ${session.invokedAs} batch status ${id} --watch ${service.target.written}`.trimEnd());
      return exitCodes.done;
    });
  });
}

function addStatus(batch: Command, session: Session): void {
  const command = addCommand(batch, "status", "Show how far a batch is: objects, rate, estimated end, and its jobs by state.", [
    "sagemaker-async batch status scans-2026 --stack prod --watch",
  ])
    .addArgument(new Argument("<batch>", "batch id").argParser(batchId))
    .option(...watchOption);
  addCommonOptions(command, { target: true }).action(async (id: string, options: TargetOptions & { watch?: boolean }) => {
    await withControl(session, options, async (control, service) => {
      if (options.watch) return follow(session, control, service, id);
      const report = await read(control, service, id);
      const jobs = await countJobs(session, service, report);
      session.output.show({ ...report, jobs }, (paint) => render({ ...report, jobs }, paint, session.output.columns));
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
      const job = await findBatch(control, outputs, id);
      const { Status = "", JobId = "" } = job;
      const isEnded = endedStatuses.includes(Status);
      const { UpdateJobStatusCommand } = await import("@aws-sdk/client-s3-control");
      const change = async (RequestedJobStatus: "Ready" | "Cancelled") => {
        await control.send(new UpdateJobStatusCommand({ AccountId: outputs.accountId, JobId, RequestedJobStatus }));
        return JobId;
      };
      if (name === "stop") {
        if (isEnded)
          throw failure("CONFLICT", `Batch ${id} has ended: it is ${Status}.`, "Nothing is left to stop. cancel ends single jobs.");
        await change("Cancelled");
        session.output.show({ batchId: id, s3JobId: JobId }, () => `Batch ${id} makes no further jobs.`);
        return exitCodes.done;
      }
      if (!isEnded && Status !== "Suspended") throw failure("CONFLICT", `Batch ${id} is ${Status}.`, "It goes on by itself.");
      // S3 never starts a job again that has ended: another one goes over the same objects, each of which is the same job as before.
      const s3JobId = isEnded ? await createBatch(control, outputs, id, job, { confirm: false }) : await change("Ready");
      session.output.show({ batchId: id, s3JobId }, () => `Batch ${id} goes on as S3's job ${s3JobId}.`);
      return exitCodes.done;
    });
  });
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

async function read(control: S3ControlClient, { client, target }: Service, id: string): Promise<BatchReport> {
  const job = await findBatch(control, target.outputs, id);
  return reportOf(job, id, target.outputs, (await (await client()).serviceTime()).getTime());
}

/** Counts a batch's jobs, by the ids that all of them begin with: the list's index has them. */
async function countJobs(
  { signal }: Session,
  { client }: Service,
  { batchId, createdAt }: BatchReport,
): Promise<Partial<Record<JobState, number>>> {
  const counts: Partial<Record<JobState, number>> = {};
  for await (const { jobId, state } of (await client()).list({ since: createdAt, signal })) {
    if (jobId.startsWith(`${batchId}.`)) counts[state] = (counts[state] ?? 0) + 1;
  }
  return counts;
}

async function follow(session: Session, control: S3ControlClient, service: Service, id: string): Promise<ExitCode> {
  const { seen, interrupted } = await watching(session, {
    look: () => read(control, service, id),
    isOver: ({ status }) => endedStatuses.includes(status) || status === "Suspended",
    frame: (report, paint) => render(report, paint, session.output.columns),
    changes: (report) => [
      {
        key: id,
        value: `${report.status} ${report.succeeded} ${report.failed}`,
        object: report,
        line: [id, report.status, report.objects, report.succeeded, report.failed].join("\t"),
      },
    ],
    everyMilliseconds,
  });
  if (interrupted) return exitCodes.done;
  return seen?.status === "Failed" || (seen?.failed ?? 0) > 0 ? exitCodes.failed : exitCodes.done;
}

function render(report: BatchProgress, paint: Paint, columns: number | undefined): string {
  const { batchId, s3JobId, status, objects, succeeded, failed, objectsPerSecond, estimatedEnd, failureReason, jobs } = report;
  const byState = jobs && Object.entries(jobs).map(([state, count]) => `${count} ${state}`);
  return facts(
    [
      ["batch", batchId],
      ["S3's job", `${s3JobId}: ${status}`],
      ["objects", `${succeeded + failed} of ${objects}, ${failed} of them made no job`],
      ["rate", objectsPerSecond === undefined ? undefined : `${objectsPerSecond} objects per second`],
      ["end", estimatedEnd === undefined ? undefined : `about ${estimatedEnd}`],
      ["jobs", byState?.join(", ")],
      ["failure", failureReason],
      ["report", report.report],
      ["cost", `cost --by metadata.batch has the batch's line`],
    ],
    paint,
    columns,
  );
}

/** Reads a batch's id. */
function batchId(text: string): string {
  if (new RegExp(batchIdPattern).test(text)) return text;
  throw new InvalidArgumentError('Expected 1 to 36 letters, digits, "_" and "-", a letter or digit first.');
}

/** Reads the fields of a CSV manifest. */
function fields(text: string): string[] {
  const names = text.split(",");
  const known = names.every((name) => ["Bucket", "Key", "VersionId", "Ignore"].includes(name));
  if (known && names.includes("Bucket") && names.includes("Key")) return names;
  throw new InvalidArgumentError("Expected Bucket, Key, VersionId and Ignore with commas between, Bucket and Key among them.");
}
