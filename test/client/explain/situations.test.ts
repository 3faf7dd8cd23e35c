import { DescribeScalableTargetsCommand } from "@aws-sdk/client-application-auto-scaling";
import { DeleteObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from "@aws-sdk/client-sagemaker";
import { ListSubscriptionsByTopicCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import { expect } from "chai";
import { codedError } from "../../../core/records/errors";
import type { JobRecord } from "../../../core/records/job";
import type { EmbeddedCloudOptions } from "../../../local/embeddedCloud";
import type { CloudEvent } from "../../../local/ports";
import { ServiceError } from "../../../local/wire";
import { recordInputBytes } from "../../../core/lifecycle/submit";
import { ExplainedCloud } from "./cloud";

/** A time, so many seconds after another. */
const later = (time: string | undefined, seconds: number) => new Date(Date.parse(time ?? "") + seconds * 1000).toISOString();
const instance = (change: string) => (event: CloudEvent) => event.kind === "instance" && event.change === change;
const rolledBack = (event: CloudEvent) => event.kind === "capacity" && event.cause.startsWith("rolled back");
const roleOf = (text = "") => /arn:aws:iam:\S+/.exec(text)?.[0];
const nothingNext = "Nothing: the job has ended, and its state never changes.";
const submitAgain = "Submit the input under a new jobId.";

describe("What explain answers when", () => {
  let here: ExplainedCloud;

  const record = async (jobId: string) => (await here.service.record(jobId)) as JobRecord;
  /** What is read of every job. */
  const known = async (jobId: string) => ({
    lookedAt: here.now,
    endpointName: here.outputs.endpointName,
    record: await here.recordFacts(jobId),
  });

  /** When an object was written, by the cloud's clock. */
  async function writtenAt(location: string | undefined): Promise<string> {
    const [, Bucket, Key] = /^s3:..([^/]+).(.+)$/.exec(location ?? "") ?? [];
    const { LastModified } = await here.cloud.s3.send(new HeadObjectCommand({ Bucket, Key }));
    return LastModified?.toISOString() ?? "";
  }

  /** What is read of a job that is in the service's hands; a test adds what it is about. */
  async function around(jobId: string, { waiting = 0, oldest = here.now }: { waiting?: number; oldest?: string } = {}) {
    const { endpointName, endpointConfigName, variantName } = here.outputs;
    const { submittedAt = "", inputLocation, inputInCall } = await record(jobId);
    const endpoint = await here.sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpointName }));
    const ResourceIds = [`endpoint/${endpointName}/variant/${variantName}`];
    const { ScalableTargets } = await here.autoscaling.send(
      new DescribeScalableTargetsCommand({ ServiceNamespace: "sagemaker", ResourceIds }),
    );
    // One datapoint a minute, which can be read two minutes later.
    const at = new Date(Math.floor((here.clock.now() - 120_000) / 60_000) * 60_000).toISOString();
    // A sleeping endpoint is woken with the submission, before any datapoint knows of it.
    const size = at > oldest ? waiting : 0;
    return {
      ...(await known(jobId)),
      ...(inputInCall === true ? {} : { input: { bytes: (await here.cloud.text(inputLocation)).length, at: submittedAt } }),
      output: "missing",
      failure: "missing",
      containerLog: [] as string[],
      resultLog: [],
      endpoint: {
        status: "InService",
        since: endpoint.LastModifiedTime?.toISOString(),
        currentInstanceCount: 1,
        desiredInstanceCount: 1,
        configName: endpointConfigName,
        maxConcurrentInvocationsPerInstance: 4,
      },
      endpointConfig: { instanceType: "ml.g5.2xlarge", containerStartupTimeoutSeconds: 1800, modelDownloadTimeoutSeconds: 1800 },
      scaling: { target: { minCapacity: ScalableTargets?.[0]?.MinCapacity, maxCapacity: 5, scaleOutSuspended: false } },
      metrics: {
        backlog: { at, size, oldestRequestSeconds: size === 0 ? 0 : (Date.parse(at) - Date.parse(oldest)) / 1000 },
      },
      deadLetters: 0,
      alarms: [] as { name: string; since: string; reason: string }[],
    };
  }

  describe("an invocation has ended:", () => {
    const refusal =
      "User: arn:aws:sts::000000000000:assumed-role/submit/embedded is not authorized to perform: sagemaker:InvokeEndpointAsync on " +
      "resource: arn:aws:sagemaker:us-east-1:000000000000:endpoint/ocr because no identity-based policy allows it";
    const intercept: EmbeddedCloudOptions["intercept"] = async (service, request, answer) => {
      const denied = service === "sagemaker" && request.headers["x-amzn-sagemaker-inference-id"] === "1.denied";
      if (denied) throw new ServiceError("AccessDeniedException", refusal, 403);
      return answer();
    };
    before(async () => {
      here = await ExplainedCloud.start({ "sagemaker-async-inference:outputExpirationDays": "1" }, { intercept });
      await here.service.submit({ jobId: "old", input: 1 });
      await here.end("old");
    });
    after(() => here.close());

    it("access denied", async () => {
      await here.service.submit({ jobId: "denied", input: 1 });
      const { endedAt } = await here.end("denied");

      expect(await here.explain("denied")).to.deep.equal({
        jobId: "denied",
        state: "FAILED",
        situation: "access-denied",
        summary: "The job failed: a role lacks a permission.",
        why: `AccessDeniedException: ${refusal}.`,
        since: endedAt,
        next: nothingNext,
        whatYouCanDo: [
          "Add this statement to the policy of arn:aws:sts::000000000000:assumed-role/submit/embedded: " +
            '{"Effect":"Allow","Action":"sagemaker:InvokeEndpointAsync","Resource":"arn:aws:sagemaker:us-east-1:000000000000:endpoint/ocr"}',
          "Then submit the input under a new jobId.",
        ],
        facts: { ...(await known("denied")), containerLog: [] },
      });
    });

    /** The service's sentence, with its pointer to the log. */
    const reason = (sentence: string) => {
      const group = `/aws/sagemaker/Endpoints/${here.outputs.endpointName}`;
      const console = `https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#logEventViewer:group=${group}`;
      return `${sentence}. See ${console} in account 000000000000 for more information.`;
    };

    it("model error", async () => {
      await here.service.submit({ jobId: "error", input: { model: "error", message: "CUDA out of memory" } });
      const { endedAt, failureLocation } = await here.end("error");
      const said = "ClientError: Received server error (500) from model";

      expect(await here.explain("error")).to.deep.equal({
        jobId: "error",
        state: "FAILED",
        situation: "model-error",
        summary: "The job failed: the model answered with an error.",
        why: `${said}. The model said: "CUDA out of memory".`,
        since: endedAt,
        next: nothingNext,
        whatYouCanDo: [
          `Read the container's log: /aws/sagemaker/Endpoints/${here.outputs.endpointName}, filtered by "1.error".`,
          "Correct the input or the model, then submit under a new jobId: a model error is never run again by itself.",
        ],
        facts: {
          ...(await known("error")),
          failure: { bytes: 18, at: await writtenAt(failureLocation), text: "CUDA out of memory" },
          containerLog: [`[sagemaker logs] [1.error] ${said}`],
        },
      });
    });

    it("invocation timeout", async () => {
      await here.service.submit({ jobId: "hang", input: { model: "hang" }, invocationTimeoutSeconds: 60 });
      const { endedAt, failureLocation } = await here.end("hang");
      const said =
        'ClientError: Received server error (0) from model with message "Your invocation timed out while waiting for a response from ' +
        'container model. Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again."';
      const { facts, ...told } = await here.explain("hang");

      expect(told).to.deep.equal({
        jobId: "hang",
        state: "FAILED",
        situation: "invocation-timeout",
        summary: "The job failed: the model did not answer within invocationTimeoutSeconds (60 seconds).",
        why: `${said}.`,
        since: endedAt,
        next: nothingNext,
        whatYouCanDo: [codedError("TIMEOUT", "").advice, submitAgain],
      });
      expect(facts).to.deep.equal({
        ...(await known("hang")),
        failure: { bytes: reason(said).length, at: await writtenAt(failureLocation), text: reason(said) },
        containerLog: [`[sagemaker logs] [1.hang] ${said}`],
      });
    });

    it("notification lost", async () => {
      const { successTopicArn } = here.outputs;
      const { Subscriptions = [] } = await here.cloud.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: successTopicArn }));
      for (const { SubscriptionArn } of Subscriptions) await here.cloud.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
      await here.service.submit({ jobId: "silent", input: 1 });
      const completed = (event: CloudEvent) =>
        event.kind === "invocation" && event.inferenceId === "1.silent" && event.change === "completed";
      await here.until(completed);
      await here.pass(120);
      const { outputLocation = "", dueAt } = await record("silent");
      const at = await writtenAt(outputLocation);
      const facts = await around("silent");
      const explanation = await here.explain("silent");
      const { processedPerMinute } = explanation.facts["metrics"] as { processedPerMinute: number };

      // How many of the invocations before can be seen by now is a question of minutes.
      expect(processedPerMinute).to.be.oneOf([1, 2, 3, 4].map((count) => Math.round((count / 15) * 100) / 100));
      expect(explanation).to.deep.equal({
        jobId: "silent",
        state: "SUBMITTED",
        situation: "notification-lost",
        summary: "The invocation has ended, but its notification did not arrive: the job is still recorded as open.",
        why:
          `A result of 1 byte is at ${outputLocation}, written at ${at}, 2 minutes ago. ` +
          "Notifications take seconds; SageMaker does not promise that each arrives.",
        since: at,
        next: "The sweeper finds the object and records the end when the job is due.",
        nextAt: dueAt,
        whatYouCanDo: [
          `Read the result now: it is at ${outputLocation}.`,
          "Look whether the result function is subscribed to the success and error topics, and whether the execution role may publish " +
            "there (sns:Publish): pulumi up restores both.",
        ],
        facts: { ...facts, output: { bytes: 1, at }, metrics: { ...facts.metrics, processedPerMinute } },
      });
    });

    it("result already deleted by lifecycle", async () => {
      const { endedAt, outputLocation } = await record("old");
      // A day of sweeps, one per minute, is not what this is about.
      await here.endSchedule();
      // The lifecycle runs once an hour.
      await here.pass(26 * 3600, 3600);

      expect(await here.explain("old")).to.deep.equal({
        jobId: "old",
        state: "COMPLETED",
        situation: "result-deleted",
        summary: "The job completed, but its result is no longer there.",
        why:
          `${outputLocation} does not exist. ` +
          "The bucket's lifecycle deletes results after outputExpirationDays, unless somebody deleted it before.",
        since: endedAt,
        next: nothingNext,
        whatYouCanDo: [
          "Submit the same input under a new jobId to get the result again.",
          "Fetch results sooner, or raise outputExpirationDays (0 keeps results for ever).",
        ],
        facts: { ...(await known("old")), output: "missing" },
      });
    });
  });

  describe("requests wait for each other:", () => {
    const held = ["hold-1", "hold-2", "hold-3", "hold-4"];
    let submittedAt: string;
    before(async () => {
      here = await ExplainedCloud.start();
      // The four that run at once, until they time out.
      for (const jobId of held) await here.service.submit({ jobId, input: { model: "hang" }, invocationTimeoutSeconds: 270 });
      await here.service.submit({ jobId: "next", input: 1 });
      await here.service.submit({ jobId: "late", input: 1, requestTtlSeconds: 60 });
      // Too large for the call with its record: it is an object, which can be deleted.
      await here.service.submit({ jobId: "gone", input: "x".repeat(recordInputBytes) });
      submittedAt = here.now;
      await here.pass(240);
    });
    after(() => here.close());

    it("queue behind others", async () => {
      const facts = await around("next", { waiting: 2, oldest: submittedAt });
      const expiresAt = later(submittedAt, 21_600);

      expect(await here.explain("next")).to.deep.equal({
        jobId: "next",
        state: "SUBMITTED",
        situation: "queued-behind-others",
        summary:
          "The job probably waits in the endpoint's queue, as number 2 at the most. (Estimated: SageMaker does not tell a request's place.)",
        why: `At ${facts.metrics.backlog.at} the backlog was 2 requests. 1 instance takes 4 requests at a time.`,
        since: submittedAt,
        next:
          "It starts when those before it have. No request came to an end in the last 15 minutes, so that no time can be estimated. " +
          `If it has not started by ${expiresAt}, it expires.`,
        nextAt: expiresAt,
        whatYouCanDo: [
          "Wait: autoscaling adds instances while the backlog per instance is above targetBacklogPerInstance.",
          "Raise maxConcurrentInvocationsPerInstance if the model has room for more requests at a time.",
        ],
        facts,
      });
    });

    it("expired", async () => {
      // Time in the queue, in the model, and 20 minutes for what comes late.
      const decidedAt = later(submittedAt, 60 + 3600 + 1200);
      const facts = await around("late", { waiting: 2, oldest: submittedAt });

      expect(await here.explain("late")).to.deep.equal({
        jobId: "late",
        state: "SUBMITTED",
        situation: "expired",
        summary: "The request probably expired: it waited in the endpoint's queue for longer than requestTtlSeconds (60 seconds).",
        why:
          "Its time in the queue is over, and the metric ExpiredRequests counted 1 request of this endpoint then. " +
          "SageMaker sends no notification of a request that expires.",
        since: later(submittedAt, 60),
        next: `The sweeper settles it at ${decidedAt}, when it could not run any more either: it runs again by onDoubt: rerun, else it ends as EXPIRED or FAILED.`,
        nextAt: decidedAt,
        whatYouCanDo: [
          "Raise requestTtlSeconds (at most 21600), or maxCapacity so that requests wait less.",
          "Submit the input under a new jobId if you can't wait for that.",
        ],
        facts: { ...facts, metrics: { ...facts.metrics, expiredThen: 1 } },
      });
    });

    it("input missing", async () => {
      const { inputLocation } = await record("gone");
      const facts = await around("gone", { waiting: 2, oldest: submittedAt });
      const [, Bucket, Key] = /^s3:..([^/]+).(.+)$/.exec(inputLocation) ?? [];
      await here.cloud.s3.send(new DeleteObjectCommand({ Bucket, Key }));
      const before = await here.explain("gone");
      const ended = await here.end("gone");
      const said =
        `ClientError: Failed to download the input from ${inputLocation}: NoSuchKey (404): The specified key does not exist. ` +
        `Make sure that it exists and that ${roleOf(ended.error?.message)} may read it`;

      expect(before).to.deep.equal({
        jobId: "gone",
        state: "SUBMITTED",
        situation: "input-missing",
        summary: "The job's input does not exist: it will fail when it starts.",
        why: `There is no object ${inputLocation}. SageMaker reads the input only when the request starts.`,
        since: submittedAt,
        next: `The request starts, finds no input and fails. If it has not started by ${later(submittedAt, 21_600)}, it expires.`,
        nextAt: later(submittedAt, 21_600),
        whatYouCanDo: [
          `Put the input to ${inputLocation} again before the job starts.`,
          "If the bucket's lifecycle deleted it, raise inputExpirationDays.",
        ],
        facts: { ...facts, input: "missing" },
      });
      expect(await here.explain("gone")).to.deep.equal({
        jobId: "gone",
        state: "FAILED",
        situation: "input-missing",
        summary: "The job failed: the model's input does not exist.",
        why: `${said}.`,
        since: ended.endedAt,
        next: nothingNext,
        whatYouCanDo: [
          `Put the input to ${inputLocation} again and submit it under a new jobId.`,
          "If the bucket's lifecycle deleted it, raise inputExpirationDays.",
        ],
        facts: { ...(await known("gone")), input: "missing", containerLog: [`[sagemaker logs] [1.gone] ${said}`] },
      });
    });
  });

  describe("no instance runs:", () => {
    const jobId = "wake";
    let expiresAt: string;
    before(async () => {
      here = await ExplainedCloud.start({ "local:instanceStartupSeconds": "240" });
      const { endpointName: EndpointName, variantName: VariantName } = here.outputs;
      const DesiredWeightsAndCapacities = [{ VariantName, DesiredInstanceCount: 0 }];
      await here.sagemaker.send(new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName, DesiredWeightsAndCapacities }));
      await here.until(instance("stopped"));
      here.cloud.cloud.soldOut.add("ml.g5.2xlarge");
      await here.service.submit({ jobId, input: 1 });
      expiresAt = later(here.now, 21_600);
    });
    after(() => here.close());

    /** The alarms that ask for an instance, as the cloud told of them. */
    const wakeUps = () =>
      here.cloud.events.flatMap((event) =>
        event.kind === "alarm" && event.state === "ALARM" && /wake/.test(event.alarmName)
          ? [{ name: event.alarmName, since: here.at((other) => other === event), reason: event.reason }]
          : [],
      );

    it("capacity error on wake-up", async () => {
      await here.until(rolledBack);
      const failedAt = here.at(rolledBack);
      // Autoscaling looks every five seconds whether what it set has come.
      await here.pass(10, 1);
      const { submittedAt } = await record(jobId);
      const facts = await around(jobId, { waiting: 1, oldest: submittedAt ?? "" });
      const reason =
        "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. " +
        "Please retry using a different ML instance type or after some time.";

      expect(await here.explain(jobId)).to.deep.equal({
        jobId,
        state: "SUBMITTED",
        situation: "capacity-error",
        summary: "The endpoint sleeps, and AWS had no ml.g5.2xlarge to wake it with.",
        why: `SageMaker says: ${reason}`,
        since: failedAt,
        next: `Autoscaling asks again while the request waits. If it has not started by ${expiresAt}, it expires.`,
        nextAt: expiresAt,
        whatYouCanDo: [
          "Wait: capacity often comes back within minutes or hours.",
          "Set another instanceType and deploy (pulumi up), or deploy to another region.",
          "Set minCapacity to 1 so that an instance, once had, is kept.",
          "Raise requestTtlSeconds (at most 21600) for jobs that may wait longer, and ask for a higher endpoint quota of ml.g5.2xlarge " +
            "if the reason names one.",
        ],
        facts: {
          ...facts,
          endpoint: { ...facts.endpoint, since: failedAt, failureReason: reason, currentInstanceCount: 0, desiredInstanceCount: 0 },
          scaling: {
            ...facts.scaling,
            lastActivity: {
              startedAt: failedAt,
              status: "Overridden",
              description: "Setting desired instance count to 1.",
              message: "The desired instance count was set to 0 from outside.",
            },
          },
          alarms: wakeUps(),
        },
      });
    });

    it("waiting for wake-up", async () => {
      const soFar = here.cloud.events.length;
      here.cloud.cloud.soldOut.clear();
      const starts = (event: CloudEvent) => here.cloud.events.indexOf(event) >= soFar && instance("starting")(event);
      await here.until(starts);
      const startedAt = here.at(starts);
      await here.pass(10, 1);
      const { submittedAt } = await record(jobId);
      const facts = await around(jobId, { waiting: 1, oldest: submittedAt ?? "" });
      const { endpointName } = here.outputs;

      expect(await here.explain(jobId)).to.deep.equal({
        jobId,
        state: "SUBMITTED",
        situation: "waiting-for-wake-up",
        summary: "The endpoint wakes up: an instance is starting, and the job waits for it.",
        why: `${endpointName} had 0 instances, and 1 of ml.g5.2xlarge was asked for at ${startedAt}.`,
        since: startedAt,
        next:
          "The job starts when the container answers. SageMaker does not say when: usually within minutes, and after the machine is there " +
          `model and container have at most 60 minutes. If it has not started by ${expiresAt}, it expires.`,
        nextAt: expiresAt,
        whatYouCanDo: ["Wait.", "Set minCapacity to 1, or a schedule, if jobs must not wait for a start."],
        facts: {
          ...facts,
          endpoint: { ...facts.endpoint, status: "Updating", since: startedAt, currentInstanceCount: 0 },
          scaling: {
            ...facts.scaling,
            lastActivity: {
              startedAt,
              status: "InProgress",
              description: "Setting desired instance count to 1.",
              message: "Successfully set desired instance count to 1. Waiting for change to be fulfilled by sagemaker.",
            },
          },
          alarms: wakeUps(),
        },
      });
    });
  });

  describe("the endpoint changes:", () => {
    const jobId = "held";
    let submittedAt: string;
    before(async () => {
      here = await ExplainedCloud.start({ "local:instanceStartupSeconds": "240" });
    });
    after(() => here.close());

    it("endpoint updating", async () => {
      const { endpointName, endpointConfigName: EndpointConfigName } = here.outputs;
      const { ProductionVariants, AsyncInferenceConfig } = await here.sagemaker.send(
        new DescribeEndpointConfigCommand({ EndpointConfigName }),
      );
      await here.sagemaker.send(new CreateEndpointConfigCommand({ EndpointConfigName: "next", ProductionVariants, AsyncInferenceConfig }));
      await here.sagemaker.send(new UpdateEndpointCommand({ EndpointName: endpointName, EndpointConfigName: "next" }));
      submittedAt = here.now;
      await here.service.submit({ jobId, input: { model: "hang" } });
      await here.pass(60);
      const facts = await around(jobId);

      expect(await here.explain(jobId)).to.deep.equal({
        jobId,
        state: "SUBMITTED",
        situation: "endpoint-updating",
        summary: "The endpoint is being updated. Until that is done, 1 instance of the old configuration works on.",
        why: `${endpointName} is Updating, to the configuration next. Autoscaling is blocked meanwhile; requests are taken and kept.`,
        since: submittedAt,
        next: `New instances start and take over the queue. SageMaker does not say when. If it has not started by ${later(submittedAt, 21_600)}, it expires.`,
        nextAt: later(submittedAt, 21_600),
        whatYouCanDo: [
          "Wait: an update takes minutes, most of them for the container and the model to load.",
          "A job that runs on an old instance at the change-over may be killed; onDoubt: rerun runs it again.",
        ],
        facts: { ...facts, endpoint: { ...facts.endpoint, status: "Updating", since: submittedAt, pendingConfig: "next" } },
      });
    });

    it("endpoint failed", async () => {
      const { endpointName: EndpointName, modelName: ModelName } = here.outputs;
      const describe = () => here.sagemaker.send(new DescribeEndpointCommand({ EndpointName }));
      while ((await describe()).EndpointStatus !== "InService") await here.pass(10, 10);
      const { ExecutionRoleArn, PrimaryContainer } = await here.sagemaker.send(new DescribeModelCommand({ ModelName }));
      const { ProductionVariants, AsyncInferenceConfig } = await here.sagemaker.send(
        new DescribeEndpointConfigCommand({ EndpointConfigName: "next" }),
      );
      const stopped = here.cloud.events.filter(instance("stopped")).length;
      await here.sagemaker.send(new DeleteEndpointCommand({ EndpointName }));
      await here.until(() => here.cloud.events.filter(instance("stopped")).length > stopped);
      await here.sagemaker.send(new CreateModelCommand({ ModelName: "broken", ExecutionRoleArn, PrimaryContainer }));
      const variants = ProductionVariants?.map((variant) => ({ ...variant, ModelName: "broken" }));
      await here.sagemaker.send(
        new CreateEndpointConfigCommand({ EndpointConfigName: "broken", ProductionVariants: variants, AsyncInferenceConfig }),
      );
      const recreatedAt = here.now;
      await here.sagemaker.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName: "broken" }));
      while ((await describe()).EndpointStatus !== "Failed");
      const facts = await around(jobId);
      const reason =
        "Nothing can serve the model broken on this machine: it was made with CreateModel. " +
        "Start the embedded cloud with --model-command and the command line that serves it.";

      expect(await here.explain(jobId)).to.deep.equal({
        jobId,
        state: "SUBMITTED",
        situation: "endpoint-failed",
        summary: "The endpoint has failed: it has no instance, and gets none until it is deployed again.",
        why: `SageMaker says of ${EndpointName}: ${reason}`,
        since: recreatedAt,
        next: "Nothing until the endpoint is deployed again. Meanwhile the request's time in the queue passes.",
        nextAt: later(submittedAt, 21_600),
        whatYouCanDo: [
          `Read the container's log: /aws/sagemaker/Endpoints/${EndpointName}.`,
          "Mend the reason and deploy again (pulumi up).",
          "Submit the input under a new jobId afterwards: a replaced endpoint does not have this request.",
        ],
        facts: {
          ...facts,
          endpoint: {
            ...facts.endpoint,
            status: "Failed",
            since: recreatedAt,
            failureReason: reason,
            currentInstanceCount: 0,
            configName: "broken",
          },
          // The service takes the target away with the endpoint.
          scaling: { target: "missing" },
        },
      });
    });
  });
});
