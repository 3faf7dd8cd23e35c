import { classifyServiceError } from "../messages/classify";
import type { BatchPlaces } from "../floor/batchRoom";
import { joinProblems, readRequest } from "../messages/request";
import { codedError, codedOf, errorText, thrown, type CodedError } from "../records/errors";
import { s3Uri } from "../records/s3Uri";
import { present } from "../present";
import { givenInput, submitJob, type SubmitPorts, type SubmitSettings } from "./submit";

/** What a batch's name looks like: short enough for the ids of its jobs, and as long as an S3 Batch Operations job's own id. */
export const batchIdPattern = "^[A-Za-z0-9][A-Za-z0-9_-]{0,35}$";

/** Where in `inputPrefix` manifests and reports of batches are: no job's id begins with an underscore. */
export const batchFolder = "_batch/";

/** Characters of a batch job's id that tell one object of its batch from the others: 92 bits, for millions of objects. */
const objectHashCharacters = 23;

/** What the names of the arguments begin with that are entries of the jobs' metadata. */
export const metadataArgument = "metadata.";

/** How long an invocation waits for room below `maxOpenJobs` between two looks. The count is made once per minute. */
export const roomPauseMilliseconds = 5000;

/** One object of a manifest. */
export interface BatchTask {
  taskId: string;
  bucket: string;
  key: string;
  /** Undefined when the manifest names none. */
  versionId: string | undefined;
}

/** What S3 Batch Operations sends to the batch function. */
export interface BatchInvocation {
  schemaVersion: string;
  invocationId: string;
  batchId: string;
  /** What all jobs of the batch have in common, as it was given. */
  common: { priority?: string; metadata: Record<string, string> };
  tasks: BatchTask[];
}

/** What became of one object. */
export interface BatchTaskResult {
  taskId: string;
  resultCode: "Succeeded" | "TemporaryFailure" | "PermanentFailure";
  /** Stands in the completion report: the job's id, or why there is no job. */
  resultString: string;
}

/** What the function answers. */
export interface BatchAnswer {
  invocationSchemaVersion: string;
  treatMissingKeysAs: "PermanentFailure";
  invocationId: string;
  results: BatchTaskResult[];
}

/**
 * Reads an invocation of schema 1.0, which names buckets by ARN, or 2.0, which names them and has arguments: `batch` is the batch's id,
 * and without it the S3 Batch Operations job's own; `priority` and `metadata.NAME` are its jobs'.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html
 *
 * @throws a coded error `BAD_MESSAGE` for what S3 would not send
 */
export function readBatchEvent(event: unknown): BatchInvocation {
  const { invocationSchemaVersion, invocationId, job, tasks } = (event ?? {}) as Record<string, unknown>;
  const { id, userArguments } = (job ?? {}) as { id?: unknown; userArguments?: Record<string, unknown> | null };
  const batchId = userArguments?.["batch"] ?? id;
  const known = invocationSchemaVersion === "1.0" || invocationSchemaVersion === "2.0";
  if (!known) throw badMessage(`invocationSchemaVersion: got ${String(invocationSchemaVersion)}, expected 1.0 or 2.0`);
  if (typeof invocationId !== "string") throw badMessage("invocationId: expected a string");
  if (typeof batchId !== "string" || !new RegExp(batchIdPattern).test(batchId)) {
    throw badMessage(`batch: got ${String(batchId)}, expected 1 to 36 letters, digits, "_" and "-", a letter or digit first`);
  }
  if (!Array.isArray(tasks)) throw badMessage("tasks: expected a list");
  const entries = Object.entries(userArguments ?? {}) as [name: string, value: string][];
  const metadata = entries.flatMap(([name, value]) =>
    name.startsWith(metadataArgument) ? [[name.slice(metadataArgument.length), value]] : [],
  );
  const priority = userArguments?.["priority"] as string | undefined;
  const common = { ...(priority !== undefined && { priority }), metadata: Object.fromEntries(metadata) as Record<string, string> };
  return { schemaVersion: invocationSchemaVersion, invocationId, batchId, common, tasks: tasks.map(readTask) };
}

function readTask(task: unknown): BatchTask {
  const { taskId, s3Key, s3VersionId, s3Bucket, s3BucketArn } = (task ?? {}) as Record<string, unknown>;
  const bucket = typeof s3Bucket === "string" ? s3Bucket : typeof s3BucketArn === "string" ? s3BucketArn.split(":").at(-1) : undefined;
  if (typeof taskId !== "string" || typeof s3Key !== "string" || bucket === undefined || bucket === "") {
    throw badMessage("tasks: a task without taskId, s3Key or bucket");
  }
  return {
    taskId,
    bucket,
    key: decodedKey(s3Key),
    versionId: typeof s3VersionId === "string" && s3VersionId !== "" ? s3VersionId : undefined,
  };
}

/** Keys are encoded as in forms, like those of S3's events. One that is not stays as it is. */
function decodedKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch {
    return key;
  }
}

function badMessage(problem: string): Error {
  return thrown(codedError("BAD_MESSAGE", problem));
}

/** The id of the job that an object of a batch becomes: the same however often the engine sends it. */
export function batchJobId(hash: (data: string) => string, batchId: string, { bucket, key, versionId }: Omit<BatchTask, "taskId">): string {
  return `${batchId}.${hash(`${bucket}\n${key}\n${versionId ?? ""}`).slice(0, objectHashCharacters)}`;
}

/** What making objects of batches jobs takes. */
export interface BatchPorts extends SubmitPorts {
  places: BatchPlaces;
}

/**
 * Makes each object of an invocation a job. While `maxOpenJobs` are open, the invocation waits for room until its time is up, and then
 * answers TemporaryFailure: the engine tries such a task again, but not without end.
 *
 * @param giveUpAt milliseconds since the epoch at which the answer must be on its way
 */
export async function answerBatch(
  ports: BatchPorts,
  settings: SubmitSettings,
  { schemaVersion, invocationId, batchId, common, tasks }: BatchInvocation,
  giveUpAt: number,
): Promise<BatchAnswer> {
  const results: BatchTaskResult[] = [];
  const runTask = async (task: BatchTask): Promise<Omit<BatchTaskResult, "taskId">> => {
    if (task.key.endsWith("/")) return { resultCode: "Succeeded", resultString: "a folder, which makes no job" };
    const jobId = batchJobId((data) => ports.hash(data), batchId, task);
    const metadata = { ...common.metadata, batch: batchId, batchKey: task.key };
    const error = await submitTask(ports, settings, task, jobId, { ...common, metadata }, giveUpAt);
    if (error === undefined) return { resultCode: "Succeeded", resultString: jobId };
    ports.log({ level: error.retryable ? "info" : "warn", message: "object of a batch made no job", batchId, jobId, code: error.code });
    if (error.retryable) return { resultCode: "TemporaryFailure", resultString: `${error.code}: ${error.message}` };
    // Who reads the report has nothing else to go by.
    return { resultCode: "PermanentFailure", resultString: errorText(error) };
  };
  // Usually there is one.
  for (const task of tasks) results.push({ taskId: task.taskId, ...(await runTask(task)) });
  return { invocationSchemaVersion: schemaVersion, treatMissingKeysAs: "PermanentFailure", invocationId, results };
}

/** @returns why there is no job */
async function submitTask(
  ports: BatchPorts,
  settings: SubmitSettings,
  { bucket, key, versionId }: BatchTask,
  jobId: string,
  common: object,
  giveUpAt: number,
): Promise<CodedError | undefined> {
  const location = s3Uri({ bucket, key });
  try {
    const read = readRequest({ ...common, inputLocation: location });
    if ("problems" in read) {
      const error = joinProblems(read.problems);
      const advice = "Copy the object to a key of printable ASCII characters, with no blank at either end.";
      return { ...error, ...(error.field === "inputLocation" && { advice }) };
    }
    const input = await givenInput({ ...ports, objects: ofVersion(ports.objects, versionId) }, settings, location, undefined);
    await whenThereIsRoom(ports, giveUpAt, (inPlace) => submitJob(inPlace, settings, jobId, read.request, input, giveUpAt));
    return undefined;
  } catch (error) {
    const coded = codedOf(error) ?? classifyServiceError(error);
    if (!coded) throw error;
    return changed.includes(coded.code) && (await isJobAlready(ports, settings, jobId, giveUpAt)) ? undefined : coded;
  }
}

/** Tries again while as many jobs are open as may be, or the table asks for a pause, until there is no time left. */
async function whenThereIsRoom(ports: BatchPorts, giveUpAt: number, submit: (inPlace: SubmitPorts) => Promise<unknown>): Promise<void> {
  const { clock } = ports;
  for (;;) {
    try {
      return await inAPlace(ports, submit);
    } catch (error) {
      const { code } = codedOf(error) ?? classifyServiceError(error) ?? {};
      if ((code !== "LIMIT" && code !== "THROTTLED") || clock.now() + roomPauseMilliseconds >= giveUpAt) throw error;
      await clock.sleep(roomPauseMilliseconds);
    }
  }
}

/** Takes a place for a job, and gives it back when none was made in it. */
async function inAPlace(ports: BatchPorts, submit: (inPlace: SubmitPorts) => Promise<unknown>): Promise<void> {
  const { jobs, places } = ports;
  let isTaken = false;
  try {
    await submit({
      ...ports,
      async limit() {
        const limit = await places.take();
        isTaken = limit === undefined;
        return limit;
      },
      jobs: {
        ...jobs,
        async create(record) {
          const mayBeFree = isTaken;
          // Whoever hears of no answer does not know that there is no job.
          isTaken = false;
          const isNew = await jobs.create(record);
          isTaken = mayBeFree && !isNew;
          return isNew;
        },
      },
    });
  } finally {
    if (isTaken) places.giveBack();
  }
}

/** Codes that say nothing of a job that there is: its object was replaced or removed since. */
const changed: readonly CodedError["code"][] = ["CONFLICT", "NOT_FOUND", "BAD_INPUT"];

/** Sees to a job that an object has become earlier: its object as it is now is no reason to fail what is there. */
async function isJobAlready(ports: BatchPorts, settings: SubmitSettings, jobId: string, giveUpAt: number): Promise<boolean> {
  const known = await ports.jobs.get(jobId);
  if (!known) return false;
  const input = { location: known.inputLocation, hash: known.inputHash };
  // It has its place.
  const placed = { ...ports, limit: () => Promise.resolve(undefined) };
  await submitJob(placed, settings, jobId, present({ priority: known.priority }), input, giveUpAt);
  return true;
}

/** Objects, of which only this version counts: an endpoint reads a location, never a version of it. */
function ofVersion(objects: SubmitPorts["objects"], versionId: string | undefined): SubmitPorts["objects"] {
  const head = async (location: string) => {
    const found = await objects.head(location);
    if (versionId === undefined || found?.versionId === undefined || found.versionId === versionId) return found;
    const advice = "Make a new manifest: an endpoint reads the newest version only.";
    throw thrown(codedError("NOT_FOUND", `version ${versionId} of ${location} was replaced or deleted`, { advice }));
  };
  return { ...objects, head };
}
