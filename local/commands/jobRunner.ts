import { contentTypeOfName } from "../../core/messages/contentTypes";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, type GetObjectCommandOutput, NoSuchKey, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Readable } from "node:stream";
import type { SubmitAnswer } from "../../core/messages/answer";
import { codedError, type CodedError } from "../../core/records/errors";
import { inputKeyOf, newJobId, timingsOf, type JobRecord, type JobState, type JobTimings } from "../../core/records/job";
import { readJobEvent } from "../../core/records/jobEvent";
import type { SubmitRequest } from "../../core/messages/request";
import { readS3Uri } from "../../core/records/s3Uri";
import type { AsyncInferenceOutputs } from "../../outputs";
import type { EmbeddedCloud } from "../embeddedCloud";

/** A file that becomes a job. */
export interface Input {
  /** As its user wrote it. */
  name: string;
  /** Absolute path. */
  file: string;
  bytes: number;
}

/** How a job went. */
export interface JobReport {
  jobId: string;
  /** {@link Input.name} */
  input: string;
  /** FAILED too when the submit function refused it. */
  state: JobState;
  /** The `text` of a JSON answer, the whole of another answer in JSON or text. Absent for other content. */
  text?: string;
  error?: CodedError;
  /** Where the result is. Only of a completed job. */
  outputLocation?: string;
  /** Where the service wrote why it failed. */
  failureLocation?: string;
  /** What is there: the model's own words. */
  failureText?: string;
  timings: Partial<JobTimings>;
}

/** How {@link JobRunner.run} runs. */
export interface RunOptions {
  /** Tells which job an input becomes, before it is submitted. */
  onJob: (jobId: string, input: Input) => void;
  /** Tells each state that becomes known. */
  onChange: (jobId: string, state: JobState) => void;
  /** Ends the wait: jobs that haven't ended then have the error `ABORTED`. */
  signal: AbortSignal;
  /** After so long without the end of a job the wait is given up: the others have the error `WAIT_TIMEOUT`. @default 900 */
  quietSeconds?: number;
}

/**
 * Lambda takes 6 MB of payload, and Base64 makes a third more of a file: larger ones go to S3 first.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const inlineBytes = 4_000_000;

/** Bounds how many files are in memory. */
const submissionsAtOnce = 8;

/** For a trial, a model that takes longer for one file is broken. */
const invocationTimeoutSeconds = 600;

/** Larger results are named, not shown. */
const shownBytes = 10_000_000;

/** Runs files through a deployed service as an application does: submit function, job events, results in S3. */
export class JobRunner {
  private readonly lambda: LambdaClient;
  private readonly s3: S3Client;
  private readonly sns: SNSClient;
  private readonly sqs: SQSClient;

  constructor(
    cloud: Pick<EmbeddedCloud, "endpointUrl" | "region">,
    private readonly outputs: AsyncInferenceOutputs,
  ) {
    const settings = {
      endpoint: cloud.endpointUrl,
      region: cloud.region,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    };
    this.lambda = new LambdaClient(settings);
    this.s3 = new S3Client(settings);
    this.sns = new SNSClient(settings);
    this.sqs = new SQSClient(settings);
  }

  /** Submits each input and waits until every job has ended. A report for each, in their order. */
  async run(inputs: readonly Input[], { onJob, onChange, signal, quietSeconds = 900 }: RunOptions): Promise<JobReport[]> {
    const jobs = inputs.map((input) => ({ input, jobId: newJobId(Date.now(), randomBytes(16)) }));
    const byId = new Map(jobs.map(({ jobId, input }) => [jobId, input]));
    const reports = new Map<string, JobReport>();
    const over = new AbortController();
    const quiet = setTimeout(() => over.abort(), quietSeconds * 1000);
    const settle = (report: JobReport) => {
      quiet.refresh();
      reports.set(report.jobId, report);
      onChange(report.jobId, report.state);
      if (reports.size === jobs.length) over.abort();
    };

    const submit = async ({ jobId, input }: (typeof jobs)[number]) => {
      const { state, error } = await this.submit(jobId, input);
      // The end of a short job can overtake the answer to its submission. Ctrl-C reaches the functions' processes too.
      if (reports.has(jobId) || signal.aborted) return;
      if (error !== undefined) settle({ jobId, input: input.name, state: "FAILED", error, timings: {} });
      else if (state !== undefined) onChange(jobId, state);
    };
    const end = async (job: JobRecord) => {
      const input = byId.get(job.jobId);
      // Events are delivered at least once, and those of other users' jobs too.
      if (input !== undefined && !reports.has(job.jobId)) settle(await this.report(job, input));
    };

    for (const { jobId, input } of jobs) onJob(jobId, input);
    const waiting = jobs.values();
    const submitter = async () => {
      for (const job of waiting) {
        if (signal.aborted) return;
        await submit(job);
      }
    };
    try {
      const queueUrl = await this.subscribe();
      const submitters = Array.from({ length: submissionsAtOnce }, submitter);
      await Promise.all([this.follow(queueUrl, end, AbortSignal.any([signal, over.signal])), ...submitters]);
    } finally {
      clearTimeout(quiet);
      over.abort();
    }
    const unfinished = signal.aborted
      ? codedError("ABORTED", "The wait was interrupted.")
      : codedError("WAIT_TIMEOUT", `No job has ended for ${quietSeconds} s.`);
    return jobs.map(
      ({ jobId, input }) => reports.get(jobId) ?? { jobId, input: input.name, state: "SUBMITTED", error: unfinished, timings: {} },
    );
  }

  /** A queue of our own on the jobs topic: every end of a job, as it happens. */
  private async subscribe(): Promise<string> {
    const { jobsTopicArn } = this.outputs;
    const QueueName = `start-${randomBytes(4).toString("hex")}`;
    const Endpoint = [...jobsTopicArn.split(":").slice(0, -1), QueueName].join(":").replace(":sns:", ":sqs:");
    const Condition = { ArnEquals: { "aws:SourceArn": jobsTopicArn } };
    const topicSends = {
      Effect: "Allow",
      Principal: { Service: "sns.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: Endpoint,
      Condition,
    };
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [topicSends] });
    const { QueueUrl } = await this.sqs.send(new CreateQueueCommand({ QueueName, Attributes: { Policy } }));
    const Attributes = { RawMessageDelivery: "true" };
    await this.sns.send(new SubscribeCommand({ TopicArn: jobsTopicArn, Protocol: "sqs", Endpoint, Attributes }));
    return QueueUrl as string;
  }

  private async follow(QueueUrl: string, onEnd: (job: JobRecord) => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 });
      const { Messages = [] } = await this.sqs.send(receive, { abortSignal: signal }).catch((error: unknown) => {
        if (signal.aborted) return { Messages: [] };
        throw error;
      });
      await Promise.all(
        Messages.map(async ({ Body, ReceiptHandle }) => {
          const event = readJobEvent(Body ?? "");
          if (event.kind === "ended") await onEnd(event.job);
          await this.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        }),
      );
    }
  }

  private async submit(jobId: string, input: Input): Promise<SubmitAnswer> {
    const contentType = contentTypeOfName(input.file) ?? "application/octet-stream";
    const request: SubmitRequest = {
      jobId,
      contentType,
      invocationTimeoutSeconds,
      ...(input.bytes > inlineBytes
        ? { inputLocation: await this.upload(jobId, input, contentType) }
        : { inputBase64: await readFile(input.file, "base64") }),
    };
    const { Payload, FunctionError } = await this.lambda.send(
      new InvokeCommand({ FunctionName: this.outputs.submitFunctionName, Payload: JSON.stringify(request) }),
    );
    const answer = JSON.parse(Buffer.from(Payload ?? "{}").toString()) as SubmitAnswer & { errorMessage?: string };
    if (FunctionError === undefined) return answer;
    return { statusCode: 503, error: codedError("INTERNAL", `The submit function failed: ${answer.errorMessage ?? FunctionError}`) };
  }

  private async upload(jobId: string, input: Input, ContentType: string): Promise<string> {
    const { bucketName: Bucket, inputPrefix } = this.outputs;
    const Key = inputKeyOf(inputPrefix, jobId, input.file);
    const Body = createReadStream(input.file);
    await this.s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentLength: input.bytes, ContentType }));
    return `s3://${Bucket}/${Key}`;
  }

  private async report(job: JobRecord, input: Input): Promise<JobReport> {
    const { jobId, state, error, outputLocation, failureLocation } = job;
    const completed = state === "COMPLETED";
    const text = completed ? await this.readText(outputLocation) : undefined;
    const failureText = completed ? undefined : await this.readText(failureLocation);
    return {
      jobId,
      input: input.name,
      state,
      ...(text === undefined ? {} : { text }),
      ...(error === undefined ? {} : { error }),
      // Before its end a job has both: where the service would write.
      ...(completed && outputLocation !== undefined ? { outputLocation } : {}),
      ...(failureText === undefined ? {} : { failureLocation, failureText }),
      timings: timingsOf(job),
    };
  }

  /** Undefined when nothing is there, and for content that isn't text or is too long to show. */
  private async readText(location: string | undefined): Promise<string | undefined> {
    const object = location === undefined ? undefined : readS3Uri(location);
    if (object === undefined) return undefined;
    const command = new GetObjectCommand({ Bucket: object.bucket, Key: object.key });
    const {
      Body,
      ContentType,
      ContentLength = 0,
    }: Partial<GetObjectCommandOutput> = await this.s3.send(command).catch((error: unknown) => {
      if (error instanceof NoSuchKey) return {};
      throw error;
    });
    const type = ContentType?.split(";")[0]?.trim().toLowerCase() ?? "";
    if (Body === undefined || ContentLength > shownBytes || !(type === "application/json" || type.startsWith("text/"))) {
      (Body as Readable | undefined)?.destroy();
      return undefined;
    }
    const content = await Body.transformToString();
    return type === "application/json" ? textOf(content) : content;
  }
}

/** What a model's JSON says to a reader: its field `text` or `error`, else all of it. */
function textOf(json: string): string {
  try {
    const { text, error } = JSON.parse(json) as { text?: unknown; error?: unknown };
    return [text, error].find((value) => typeof value === "string") ?? json;
  } catch {
    return json;
  }
}
