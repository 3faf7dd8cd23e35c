import { enterLow, wait, type LowEntryPorts } from "./priority";
import { advance, callFirst, firstAttempt } from "./attempt";
import { answerOfError, answerWithBody, waitForEnd, type SubmitAnswer } from "../messages/answer";
import { announce } from "./end";
import { present } from "../present";
import { isoTime } from "../records/isoTime";
import { codedError, codedOf, thrown, type CodedError } from "../records/errors";
import { classifyServiceError, otherRegionOf } from "../messages/classify";
import { dueShardOf, inputKeyOf, isTerminal, newJobId, type JobRecord, type OnDoubt } from "../records/job";
import { callInputBytes, type Endpoint, type JobPorts, type JobSettings, type LowEntry, type Tasks } from "../ports";
import { joinTask, taskFailure } from "./tasks";
import { limitReached, readOpenCount } from "../floor/openCount";
import type { OpenCount } from "../records/items";
import { joinProblems, jsonOf, readRequest, requestBounds, taskTokenIn, type SubmitRequest } from "../messages/request";
import { unsafeNumberIn } from "../messages/numbers";
import { contentTypeOfObject } from "../messages/contentTypes";
import { readS3Uri, s3Uri } from "../records/s3Uri";
import { recordSchemaVersion } from "../records/table";
import { traceOf } from "../tracing/traceContext";

/** What accepting a job needs to know of the service. */
export interface SubmitSettings extends JobSettings {
  inputPrefix: string;
  /** Buckets from which `inputLocation` may come, besides the service's own input prefix. */
  allowedInputBuckets: readonly string[];
  invocationTimeoutSeconds: number;
  requestTtlSeconds: number;
  onDoubt: OnDoubt;
  maxAttempts: number;
  /** Open jobs from which on no further one is taken; 0: any number. */
  maxOpenJobs: number;
  /** Share of the jobs without a trace of their caller's whose spans are exported, 0 to 100. @default the service exports no spans */
  traceSamplePercent?: number;
}

/** A job's input: where it will be, what identifies it, and how it gets there. */
export interface JobInput {
  location: string;
  hash: string;
  bytes?: number;
  contentType?: string;
  /** The input itself, where it is small enough for the call: see {@link contentOf}. */
  content?: Uint8Array | undefined;
  /** Puts it to the location that the record names; absent when it is there. The same every time it is called. */
  place?: (location: string) => Promise<void>;
}

/** The floor under the endpoint's instances, as who submits uses it. */
export interface FloorPort {
  /** Whether instances stay for new jobs as it is, and none is held. */
  isUp(): Promise<boolean>;
  /**
   * Sees to it that instances stay for a job. Resolves to the time since which new jobs are held; undefined: the job may be
   * invoked.
   */
  hold(): Promise<string | undefined>;
}

/** What submitting takes. */
export interface SubmitPorts extends JobPorts {
  /** Without it the floor function sees to it within a minute that instances stay. */
  floor?: FloorPort;
  /** The sweeper's count, as it was a moment ago. @default it is read each time */
  openCount?: () => Promise<OpenCount | undefined>;
  /** Why no further job is taken; undefined when one is. @default {@link limitReached} by that count */
  limit?: () => Promise<CodedError | undefined>;
  /** Without it low jobs are refused. */
  low?: LowEntry;
  /** Without it a request with a task's token is an error. */
  tasks?: Tasks | undefined;
}

/**
 * Largest input that a record keeps for its job's further attempts, in bytes. DynamoDB counts each kilobyte of a record
 * again for every write of it: above this, an object in S3 is cheaper and faster.
 */
export const recordInputBytes = 16_384;

/** An input as {@link JobInput} has it besides its location: undefined when it is too large for the call, or empty, which no call can say. */
export function contentOf(bytes: Uint8Array): Uint8Array | undefined {
  return bytes.byteLength > 0 && bytes.byteLength <= callInputBytes ? bytes : undefined;
}

/**
 * What is kept of `waitSeconds` for what the function does not see, or does after its wait: a cold start (about a second), reading a result of
 * up to 6 MB, and the way of the answer. A caller's read timeout of as many seconds, such as the 60 of boto3, then never ends before the answer.
 */
const answerMilliseconds = 5000;

/** Share that is kept instead of a `waitSeconds` below 50, of which five seconds would be too much. */
const answerShare = 0.1;

/** For how long a refused call may be repeated although `waitSeconds` is over sooner: the pauses between its six tries are 8 s together. */
const submissionMilliseconds = 10_000;

/** When to look at a job that was accepted and not invoked: whoever accepted it may have died on it. */
export const placingSeconds = 120;

/**
 * Answers one request. Caller mistakes and temporary refusals are returned as answers; only what the operator must fix
 * is thrown.
 *
 * @param giveUpAt milliseconds since the epoch at which the answer must be on its way
 */
export async function answerRequest(ports: SubmitPorts, settings: SubmitSettings, event: unknown, giveUpAt: number): Promise<SubmitAnswer> {
  const arrivedAt = ports.clock.now();
  const taskToken = taskTokenIn(event);
  // Thrown it fails the task; answered, the task would wait for good.
  if (taskToken !== undefined && ports.tasks === undefined) throw thrown(tasksOff);
  /** Nobody but the task hears of a refusal: what a function answers is not for who waits for a token. */
  const refuse = async (error: CodedError): Promise<SubmitAnswer> => {
    if (taskToken !== undefined) await ports.tasks?.fail(taskToken, taskFailure(error));
    return answerOfError(error);
  };
  const read = readRequest(event);
  if ("problems" in read) return refuse(joinProblems(read.problems));
  const { request } = read;
  const { waitSeconds = 0 } = request;
  const jobId = request.jobId ?? idOfTask(ports, taskToken) ?? newJobId(ports.clock.now(), ports.randomBytes(16));
  try {
    const input = await planInput(ports, settings, jobId, request);
    const waitUntil = arrivedAt + waitMilliseconds(waitSeconds);
    const triesUntil = waitSeconds === 0 ? giveUpAt : Math.max(waitUntil, arrivedAt + submissionMilliseconds);
    const submitted = await submitJob(ports, settings, jobId, request, input, Math.min(giveUpAt, triesUntil));
    const joins = ports.tasks !== undefined && taskToken !== undefined && submitted.taskTokens?.includes(taskToken) !== true;
    const job = joins ? await joinTask({ jobs: ports.jobs, tasks: ports.tasks as Tasks }, submitted, taskToken) : submitted;
    const until = job.refusal === undefined ? Math.min(giveUpAt, waitUntil) : 0;
    return await answerWithBody(ports.objects, await waitForEnd(ports.jobs, ports.clock, job, until));
  } catch (error) {
    const coded = codedOf(error) ?? classifyServiceError(error);
    if (!coded) throw error;
    ports.log({ level: "warn", message: "request refused", jobId, code: coded.code });
    return { ...(await refuse(coded)), jobId };
  }
}

/** For how long after its arrival the function waits, so that its answer comes within `waitSeconds`. */
function waitMilliseconds(waitSeconds: number): number {
  const milliseconds = waitSeconds * 1000;
  return milliseconds - Math.min(answerMilliseconds, milliseconds * answerShare);
}

const tasksOff = codedError("BAD_INPUT", "taskToken: this service answers no tasks of Step Functions", {
  field: "taskToken",
  advice: "Set workflowsEnabled for the service, and deploy it.",
});

/** The id of a job that a task asks for without one: the same each time that its call is sent. */
function idOfTask(ports: Pick<JobPorts, "hash">, taskToken: string | undefined): string | undefined {
  return taskToken === undefined ? undefined : `task-${ports.hash(taskToken).slice(0, 40)}`;
}

/**
 * Accepts a job, places its input and has it invoked. Called again with the same id and input it returns the job
 * as it is, having done what a crash may have left undone.
 *
 * @throws a coded error: `CONFLICT` when the id belongs to a job with another input, `LIMIT` when too many are open
 */
export async function submitJob(
  ports: SubmitPorts,
  settings: SubmitSettings,
  jobId: string,
  request: SubmitRequest,
  input: JobInput,
  giveUpAt: number,
): Promise<JobRecord> {
  const count = ports.openCount ?? (() => readOpenCount(ports.jobs));
  const limit = await (ports.limit?.() ?? limitReached(count, ports.clock, settings.maxOpenJobs));
  // A job accepted earlier is reported, and finished, however many are open.
  if (limit && !(await ports.jobs.get(jobId))) throw thrown(limit);
  const kept = ports.endpoint.takesInput() === true ? keptInput(input) : undefined;
  const mayGo = request.priority !== "low" || (await enterLow(ports));
  // Nothing is left to do before the call: one write accepts the job and records its attempt.
  const isPlaced = kept !== undefined || input.place === undefined;
  const goesAtOnce = isPlaced && mayGo && (await ports.floor?.isUp()) !== false;
  // Made before the attempt: createdAt must not be after invokingAt.
  const unsent = accepted(ports, settings, jobId, request, input);
  const first = goesAtOnce ? firstAttempt(ports, settings, jobId) : undefined;
  const record = { ...unsent, ...kept, ...first };
  const job = (await ports.jobs.create(record)) ? record : await ports.jobs.get(jobId);
  if (!job) throw thrown(codedError("UNAVAILABLE", `The record of job ${jobId} was deleted while it was being read.`));
  if (job.inputHash !== input.hash) {
    throw thrown(codedError("CONFLICT", `jobId: ${jobId} is a job with another input, accepted at ${job.createdAt}.`, { field: "jobId" }));
  }
  if (isTerminal(job.state)) return announce(ports, job);
  // Ours although the write "failed": the SDK sent it twice.
  if (first !== undefined && job.callId === first.callId && job.state === "INVOKING") return callFirst(ports, settings, job, giveUpAt);
  const place = job.state === "ACCEPTED" && job.input === undefined ? input.place : undefined;
  // Both before the call: an instance that is there takes the job at once.
  const [held] = await Promise.all([ports.floor?.hold(), place?.(job.inputLocation)]);
  // Who ends another one, or the sweeper, invokes it in its turn.
  if (job.turn !== undefined || (!mayGo && job.state === "ACCEPTED" && job.priority === "low"))
    return wait(ports as LowEntryPorts, settings, job);
  // The sweeper invokes it when the fleet has shrunk.
  if (held !== undefined && job.state === "ACCEPTED") return job;
  return advance({ ...ports, endpoint: probing(ports.endpoint, input) }, settings, job, giveUpAt);
}

/** The input as its record keeps it; undefined for one that goes to S3. */
function keptInput({ content }: JobInput): Pick<JobRecord, "input" | "inputInCall"> | undefined {
  return content && content.byteLength <= recordInputBytes ? { input: content, inputInCall: true } : undefined;
}

/**
 * The endpoint, which is offered the input in the call although it is in S3, until it is known whether it takes that. So no record
 * is the only place of an input before the service has taken one.
 */
function probing(endpoint: Endpoint, { content }: JobInput): Endpoint {
  const isKnown = content === undefined || content.byteLength > recordInputBytes || endpoint.takesInput() !== undefined;
  if (isKnown) return endpoint;
  return {
    ...endpoint,
    invoke(invocation) {
      if (!("location" in invocation.input)) return endpoint.invoke(invocation);
      const { location } = invocation.input;
      return endpoint.invoke({ ...invocation, input: { body: content, place: () => Promise.resolve(location) } });
    },
  };
}

function accepted(ports: JobPorts, settings: SubmitSettings, jobId: string, request: SubmitRequest, input: JobInput): JobRecord {
  const now = ports.clock.now();
  const createdAt = isoTime(now);
  const contentType = request.contentType ?? input.contentType;
  return present({
    schemaVersion: recordSchemaVersion,
    jobId,
    state: "ACCEPTED" as const,
    endpointName: settings.endpointName,
    inputLocation: input.location,
    inputHash: input.hash,
    inputBytes: input.bytes,
    contentType,
    accept: request.accept,
    customAttributes: request.customAttributes,
    invocationTimeoutSeconds: request.invocationTimeoutSeconds ?? settings.invocationTimeoutSeconds,
    requestTtlSeconds: request.requestTtlSeconds ?? settings.requestTtlSeconds,
    onDoubt: request.onDoubt ?? settings.onDoubt,
    maxAttempts: settings.maxAttempts,
    metadata: request.metadata,
    priority: request.priority === "low" ? ("low" as const) : undefined,
    waiter: request.waiter,
    taskTokens: request.taskToken === undefined ? undefined : [request.taskToken],
    createdDay: createdAt.slice(0, 10),
    createdAt,
    dueShard: dueShardOf(jobId),
    dueAt: isoTime(now + placingSeconds * 1000),
    ...traceOf(ports, jobId, request.traceContext, settings.traceSamplePercent),
  });
}

async function planInput(ports: JobPorts, settings: SubmitSettings, jobId: string, request: SubmitRequest): Promise<JobInput> {
  if (request.inputLocation !== undefined) return givenInput(ports, settings, request.inputLocation, request.jobId);
  const isJson = request.inputBase64 === undefined;
  const text = isJson ? jsonOf(request.input) : "";
  if (text === undefined)
    throw thrown(codedError("BAD_INPUT", "input: nested too deep, expected a thousand levels at most", { field: "input" }));
  const unsafe = isJson ? unsafeNumberIn(request.input, "input") : undefined;
  if (unsafe !== undefined) {
    const expected = `whole numbers up to ${Number.MAX_SAFE_INTEGER}, since further digits are lost before this function sees them`;
    throw thrown(
      codedError("BAD_INPUT", `${unsafe.at}: got about ${unsafe.value}, expected ${expected}`, {
        field: "input",
        advice: "Send the JSON text in Base64 as inputBase64, with contentType application/json, or the number as a string.",
      }),
    );
  }
  const body = isJson ? Buffer.from(text) : Buffer.from(request.inputBase64 as string, "base64");
  const contentType = request.contentType ?? "application/json";
  const key = inputKeyOf(settings.inputPrefix, jobId, isJson ? "request.json" : "input");
  return {
    location: s3Uri({ bucket: settings.bucketName, key }),
    hash: ports.hash(body),
    bytes: body.byteLength,
    contentType,
    content: contentOf(body),
    place: (location) => ports.objects.put(location, body, contentType),
  };
}

/**
 * An object that the caller has put somewhere: identified by where it is and its ETag.
 *
 * @param jobId the job that it may be the input of already, when the caller named one
 * @throws a coded error: `ACCESS_DENIED` outside of the allowed buckets, `NOT_FOUND` when there is none, `BAD_INPUT` when it is too large
 * or in another region
 */
export async function givenInput(
  ports: Pick<JobPorts, "objects" | "jobs" | "hash">,
  settings: Pick<SubmitSettings, "bucketName" | "inputPrefix" | "allowedInputBuckets">,
  location: string,
  jobId: string | undefined,
): Promise<JobInput> {
  const field = "inputLocation";
  const at = readS3Uri(location);
  const own = at?.bucket === settings.bucketName && at.key.startsWith(settings.inputPrefix);
  if (!at || (!own && !settings.allowedInputBuckets.includes(at.bucket))) {
    const places = [`${settings.bucketName}/${settings.inputPrefix}`, ...settings.allowedInputBuckets].join(", ");
    throw thrown(
      codedError("ACCESS_DENIED", `${field}: got ${location}, expected an object in one of ${places}`, {
        field,
        advice: "Copy the object there, or have its bucket added to the service's allowed input buckets.",
      }),
    );
  }
  const head = await ports.objects.head(location).catch((error: unknown) => {
    const region = otherRegionOf(error);
    if (region === undefined) throw error;
    const where = region === "" ? "another region" : `${region}, another region`;
    const message = `${field}: the bucket of ${location} is in ${where} than the service, expected one in the service's`;
    throw thrown(codedError("BAD_INPUT", message, { field, advice: "Copy the object into a bucket in the service's region." }), error);
  });
  if (!head) {
    // The job may be long done and its input cleaned up: that is no reason not to tell how it went.
    const known = jobId === undefined ? undefined : await ports.jobs.get(jobId);
    if (known?.inputLocation === location) return { location, hash: known.inputHash };
    throw thrown(codedError("NOT_FOUND", `${field}: there is no object ${location}`, { field }));
  }
  if (head.bytes > requestBounds.inputBytes) {
    const message = `${field}: ${location} has ${head.bytes} bytes, expected at most ${requestBounds.inputBytes}`;
    throw thrown(codedError("BAD_INPUT", message, { field, advice: "Split the input." }));
  }
  const contentType = contentTypeOfObject(head.contentType, at.key);
  return present({ location, hash: ports.hash(`${location}\n${head.eTag}`), bytes: head.bytes, contentType });
}
