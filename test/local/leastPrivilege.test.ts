import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { InvokeCommand, RemovePermissionCommand } from "@aws-sdk/client-lambda";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { S3ControlClient } from "@aws-sdk/client-s3-control";
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  SageMakerClient,
  UpdateEndpointCommand,
} from "@aws-sdk/client-sagemaker";
import { InvokeEndpointAsyncCommand } from "@aws-sdk/client-sagemaker-runtime";
import { PublishCommand } from "@aws-sdk/client-sns";
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { DeleteCommand, PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import { controlClient } from "../../cli/batches";
import { batchJobId } from "../../core/lifecycle/batch";
import type { SubmitAnswer } from "../../core/messages/answer";
import { dueShardOf, type JobRecord } from "../../core/records/job";
import { floorKey, lowRoomKey } from "../../core/records/items";
import { recordInputBytes } from "../../core/lifecycle/submit";
import { sleep } from "../../core/sleep";
import { ScaledClock } from "../../local/clock";
import { readPolicy } from "../../local/identity/policyDocument";
import type { JudgedNeed } from "../../local/identity/authorizer";
import type { CloudEvent } from "../../local/ports";
import type { AsyncInferenceOutputs } from "../../outputs";
import { batchEvent, below, runBatch, storedManifest } from "../support/batchWork";
import { testProgram } from "../support/cloudContext";
import { create, enableSchedules, keepMade, replace, withoutSchedules, type Made } from "../support/made";
import { Judgements } from "../support/judgements";
import { deniedIn, removals } from "../support/removals";
import { CloudUnderTest } from "../support/service";

const kmsKeyArn = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555";

const formerKeyArn = kmsKeyArn.replace("1111", "2222");
const othersKeyArn = kmsKeyArn.replace("1111", "3333");

/** Everything that adds a statement and can be exercised on one machine. */
const settings = {
  "sagemaker-async-inference:alarmsEnabled": "true",
  "sagemaker-async-inference:kmsKeyArn": kmsKeyArn,
  "sagemaker-async-inference:formerKmsKeyArns": JSON.stringify([formerKeyArn]),
  "sagemaker-async-inference:decryptKeyArns": JSON.stringify([othersKeyArn]),
  "sagemaker-async-inference:modelDataUrl": "s3://models/ocr/model.tar.gz",
  "sagemaker-async-inference:inputBuckets": '["scans"]',
  "sagemaker-async-inference:batchEnabled": "true",
  "sagemaker-async-inference:priorityEnabled": "true",
  "sagemaker-async-inference:lowPriorityBacklog": "1000",
  // Without disks of its own, whose volume the key encrypts.
  "sagemaker-async-inference:instanceType": "ml.p3.2xlarge",
  "sagemaker-async-inference:deployment": '{"bakeSeconds":0}',
  "sagemaker-async-inference:eventBusName": "default",
  "sagemaker-async-inference:workflowsEnabled": "true",
  // Nobody is there, and no job is sampled: what the function may do is seen when it fails.
  "sagemaker-async-inference:traceEndpoint": "http://127.0.0.1:9",
  "sagemaker-async-inference:traceSamplePercent": "0",
  "sagemaker-async-inference:functionsInVpc": "true",
  "sagemaker-async-inference:vpcSubnetIds": '["subnet-0a","subnet-0b"]',
  "sagemaker-async-inference:vpcSecurityGroupIds": '["sg-0a"]',
};

/** What the roles have although nothing here misses it, and why. */
const notActedOut = {
  // https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-create-endpoint-prerequisites.html lists it
  "execution WriteResults s3:AbortMultipartUpload":
    "SageMaker writes large results in parts, and drops them when it fails halfway; here they are whole",
};

const bucket = { urn: "", type: "aws:s3/bucket:Bucket", name: "scans", program: testProgram };

describe("least privilege: no statement of the deployed program is superfluous", () => {
  const clock = new ScaledClock(30);
  let cloud: CloudUnderTest;
  let outputs: AsyncInferenceOutputs;
  let sagemaker: SageMakerClient;
  let control: S3ControlClient;
  const made: Made[] = [];
  let judgements: Judgements;
  let count = 0;
  /** A webhook's receiver, which answers with the status that a job's name begins with. */
  const receiver = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      const status = /"jobId":"(\d+)-/.exec(Buffer.concat(chunks as Buffer[]).toString())?.[1];
      response.writeHead(Number(status ?? 200)).end();
    });
  });

  before(async () => {
    await once(receiver.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    const webhooks = { orders: { url, secret: `whsec_${"A".repeat(32)}` } };
    judgements = new Judgements();
    cloud = await CloudUnderTest.start({ clock });
    withoutSchedules(cloud);
    keepMade(cloud, made);
    outputs = await cloud.deployOwn({ ...settings, "sagemaker-async-inference:webhooks": JSON.stringify(webhooks) });
    await cloud.cloud.resources.resources?.["aws:s3/bucket:Bucket"]?.create({ ...bucket, inputs: { bucket: "scans" } });
    await cloud.put("scans", "page", '{"model":"echo"}');
    sagemaker = new SageMakerClient({ ...cloud.settings, maxAttempts: 1 });
    control = await controlClient(cloud.settings);
  });
  after(async () => {
    judgements.stop();
    control.destroy();
    sagemaker.destroy();
    await cloud.close();
    receiver.closeAllConnections();
    receiver.close();
  });

  const ofType = (type: string) => made.filter(({ registration }) => registration.type === type);
  const denials = () => cloud.events.flatMap((event) => (event.kind === "denied" ? [event.message] : []));
  const newId = () => `job-${++count}`;

  /** What calls were denied while something was done. */
  async function deniedDuring(work: () => Promise<unknown>): Promise<string[]> {
    const before = denials().length;
    await work().catch(() => undefined);
    return denials().slice(before);
  }

  async function call(functionName: string, event: unknown): Promise<unknown> {
    const answer = await cloud.lambda.send(new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event) }));
    return JSON.parse(Buffer.from(answer.Payload ?? []).toString() || "null") as unknown;
  }
  const submit = (request: object) => call(outputs.submitFunctionName, { ...request }) as Promise<SubmitAnswer>;
  const put = (Key: string, Body = "{}", SSEKMSKeyId?: string) =>
    cloud.s3.send(
      new PutObjectCommand({
        Bucket: outputs.bucketName,
        Key,
        Body,
        ...(SSEKMSKeyId === undefined ? {} : { ServerSideEncryption: "aws:kms", SSEKMSKeyId }),
      }),
    );
  /** A job as it is while the service has it. Nobody else looks at it: `dueAt` is for the sweeper. */
  const record = async (job: Partial<JobRecord> = {}) => {
    const jobId = job.jobId ?? newId();
    const past = twoHoursAgo();
    const Item = {
      schemaVersion: 1,
      jobId,
      state: "SUBMITTED",
      attempt: 1,
      inferenceId: `1.${jobId}`,
      endpointName: outputs.endpointName,
      inputLocation: `s3://${outputs.bucketName}/input/${jobId}/request.json`,
      inputHash: "0",
      outputLocation: `s3://${outputs.bucketName}/output/1.${jobId}/result`,
      invocationTimeoutSeconds: 3600,
      requestTtlSeconds: 21_600,
      onDoubt: "rerun",
      maxAttempts: 3,
      createdDay: past.slice(0, 10),
      createdAt: past,
      invokingAt: past,
      submittedAt: past,
      ...job,
    };
    await cloud.table.send(new PutCommand({ TableName: outputs.jobTableName, Item }));
    return { ...Item, inputKey: `input/${jobId}/request.json`, outputKey: `output/1.${jobId}/result` };
  };
  /** The same for the sweeper, who is late. */
  const due = (job: Partial<JobRecord> = {}) => {
    const jobId = newId();
    return record({ jobId, dueShard: dueShardOf(jobId), dueAt: twoHoursAgo(), ...job });
  };
  /** So that whoever submits is the first to raise it again. */
  const forgetFloor = () => cloud.table.send(new DeleteCommand({ TableName: outputs.jobTableName, Key: { jobId: floorKey } }));
  /** Leaves no job behind that somebody would have to be there for. */
  const forgetJobs = async () => {
    const { Items = [] } = await cloud.table.send(new ScanCommand({ TableName: outputs.jobTableName }));
    const jobs = (Items as JobRecord[]).filter(({ jobId }) => !jobId.startsWith("#"));
    await Promise.all(jobs.map(({ jobId }) => cloud.table.send(new DeleteCommand({ TableName: outputs.jobTableName, Key: { jobId } }))));
  };
  const sweep = () => call(outputs.sweepFunctionName, {});
  const ended = { state: "COMPLETED", endedAt: new Date().toISOString(), waiter: "w" } as const;
  const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
  const notification = (inferenceId: string, more: object) => ({
    Records: [
      {
        EventSource: "aws:sns",
        Sns: {
          Message: JSON.stringify({
            awsRegion: "us-east-1",
            eventTime: new Date().toISOString(),
            receivedTime: new Date().toISOString(),
            requestParameters: { endpointName: outputs.endpointName },
            inferenceId,
            eventVersion: "1.0",
            eventSource: "aws:sagemaker",
            eventName: "InferenceResult",
            ...more,
          }),
        },
      },
    ],
  });
  const completed = (outputLocation: string) => ({ invocationStatus: "Completed", responseParameters: { outputLocation } });
  const jobEvent = ({ inputKey: _, outputKey: __, ...job }: Awaited<ReturnType<typeof record>>) => ({
    Records: [{ EventSource: "aws:sns", Sns: { MessageId: newId(), Message: JSON.stringify({ schemaVersion: 1, job }) } }],
  });
  const upload = (key: string, eTag: string) => ({
    Records: [
      {
        eventSource: "aws:s3",
        eventName: "ObjectCreated:Put",
        s3: { bucket: { name: outputs.bucketName }, object: { key, eTag, sequencer: "1" } },
      },
    ],
  });

  /** What each role is there for: all that its statements can be missed by. */
  const work: Record<string, () => Promise<void>> = {
    submit: async () => {
      await configureEvents("submit");
      await forgetFloor();
      const input = { model: "echo" };
      await submit({ jobId: newId(), input, waitSeconds: 600 });
      // Too large for the record: it goes to the bucket.
      await submit({ jobId: newId(), input: { ...input, text: "x".repeat(recordInputBytes) } });
      // Its end was recorded, and whoever did so died before he could announce it.
      const { jobId } = await record({ ...ended, inputHash: sha256(JSON.stringify(input)) });
      await submit({ jobId, input });
      const kept = await record({ ...ended, inputHash: sha256(JSON.stringify(input)), announcedAt: ended.endedAt });
      await put(kept.outputKey, "{}", formerKeyArn);
      await submit({ jobId: kept.jobId, input });
      for (const input of [`${outputs.bucketName}/input/none`, "scans/page", "scans/none"])
        await submit({ inputLocation: `s3://${input}` });
      // A task that is refused, and one whose job has ended.
      await submit({ taskToken: newId() });
      await submit({ jobId: kept.jobId, input, taskToken: newId() });
    },
    inbox: async () => {
      await configureEvents("inbox");
      await forgetFloor();
      const key = `inbox/${newId()}.json`;
      const { ETag = "" } = await put(key);
      await call(functionOf("inbox"), upload(key, ETag.replaceAll('"', "")));
      await call(functionOf("inbox"), upload("inbox/none", "0"));
      for (const keyArn of [formerKeyArn, othersKeyArn]) {
        const encrypted = `inbox/${newId()}.json`;
        const { ETag: tag = "" } = await put(encrypted, "{}", keyArn);
        await call(functionOf("inbox"), upload(encrypted, tag.replaceAll('"', ""))).catch(() => undefined);
      }
      const inputHash = sha256(`s3://${outputs.bucketName}/${key}\nended\n1`);
      await record({ ...ended, jobId: `inbox-${inputHash.slice(0, 32)}`, inputHash });
      await call(functionOf("inbox"), upload(key, "ended"));
    },
    result: async () => {
      await configureEvents("result");
      const { inferenceId, outputLocation, outputKey } = await record();
      await put(outputKey);
      await call(outputs.resultFunctionName, notification(inferenceId, completed(outputLocation)));
      const without = await record();
      await call(outputs.resultFunctionName, notification(without.inferenceId, completed(without.outputLocation)));
      const room = { jobId: lowRoomKey, schemaVersion: 1, backlog: 1000, free: 1, waiting: true, turn: 1, countedAt: ended.endedAt };
      await cloud.table.send(new PutCommand({ TableName: outputs.jobTableName, Item: room }));
      const low = await record({ priority: "low" });
      await call(outputs.resultFunctionName, notification(low.inferenceId, completed(low.outputLocation)));
      const killed = await record();
      await put(killed.inputKey);
      const failureReason = 'ClientError: Received server error (0) from model with message "the model process exited". See the log.';
      await call(outputs.resultFunctionName, notification(killed.inferenceId, { invocationStatus: "Failed", failureReason }));
      // What the container answered is in the failure object.
      const answered = await record();
      const failureKey = `failure/${newId()}`;
      await put(failureKey, '{"message":"Worker died."}', formerKeyArn);
      const told = {
        invocationStatus: "Failed",
        failureReason: 'ClientError: Received server error (500) from model with message "". See the log.',
        failureLocation: `s3://${outputs.bucketName}/${failureKey}`,
      };
      await call(outputs.resultFunctionName, notification(answered.inferenceId, told));
    },
    sweep: async () => {
      await put((await due()).outputKey);
      await due({ taskTokens: [newId()] });
      for (const state of ["INVOKING", "ACCEPTED"] as const) await put((await due({ state })).inputKey);
      for (const keyArn of [undefined, formerKeyArn]) {
        const failureKey = `failure/${newId()}`;
        await put(failureKey, "the model failed", keyArn);
        await due({ failureLocation: `s3://${outputs.bucketName}/${failureKey}` });
      }
      await sweep();
    },
    floor: async () => {
      await forgetFloor();
      await call(functionOf("floor"), { hold: true });
      await forgetJobs();
      await due({ dueAt: new Date(Date.now() + 36_000_000).toISOString() });
      // The sweeper's count, which the floor goes by.
      await sweep();
      await call(functionOf("floor"), {});
      // With nothing open it looks at the target.
      await forgetJobs();
      const none = { ACCEPTED: 0, INVOKING: 0, SUBMITTED: 0 };
      const Item = { jobId: "#count", schemaVersion: 1, open: 0, states: none, countedAt: new Date(clock.now()).toISOString() };
      await cloud.table.send(new PutCommand({ TableName: outputs.jobTableName, Item }));
      await forgetFloor();
      await call(functionOf("floor"), {});
    },
    batch: async () => {
      await forgetFloor();
      const batch = newId();
      const key = `input/${batch}`;
      const { ETag = "" } = await put(key);
      for (const at of [key, "input/none"]) await call(functionOf("batch"), batchEvent(batch, outputs.bucketName, at));
      for (const at of ["page", "none"]) await call(functionOf("batch"), batchEvent(batch, "scans", at));
      // Its end was recorded, and whoever did so died before he could announce it.
      const inputHash = sha256(`s3://${outputs.bucketName}/${key}\n${ETag.replaceAll('"', "")}`);
      const jobId = batchJobId(sha256, `${batch}-ended`, { bucket: outputs.bucketName, key, versionId: undefined });
      await record({ ...ended, jobId, inputHash });
      await call(functionOf("batch"), batchEvent(`${batch}-ended`, outputs.bucketName, key));
    },
    "batch-engine": async () => {
      const batch = newId();
      const { bucketName } = outputs;
      const list = "scans,page\n";
      const folder = `input/_batch/manifests/${batch}`;
      await put(`${folder}.csv`, list);
      await put(`${folder}-former.csv`, list, formerKeyArn);
      await put(`${folder}-others.csv`, list, othersKeyArn);
      await cloud.put("scans", "page.csv", list);
      const keys = [`${folder}.csv`, `${folder}-former.csv`, `${folder}-others.csv`].map((key) => [bucketName, key] as const);
      for (const [bucket, key] of [...keys, ["scans", "page.csv"] as const])
        await runBatch(control, outputs, clock, batch, await storedManifest(cloud, bucket, key));
      for (const bucket of [bucketName, "scans"]) await runBatch(control, outputs, clock, batch, below(bucket, "input/none", outputs));
    },
    bus: async () => {
      await call(functionOf("bus"), jobEvent(await record(ended)));
      await failAtOnce("bus", {});
    },
    tasks: async () => {
      for (const job of [ended, { ...ended, state: "FAILED" }] as const) {
        await call(functionOf("tasks"), jobEvent(await record({ ...job, taskTokens: [newId()] })));
      }
      await failAtOnce("tasks", {});
    },
    tracing: async () => {
      await call(functionOf("tracing"), jobEvent(await record(ended)));
      await failAtOnce("tracing", {});
    },
    "webhook-orders": async () => {
      const [mapping] = ofType("aws:lambda/eventSourceMapping:EventSourceMapping");
      const { registration, created } = mapping ?? expect.fail("no queue is polled");
      await create(cloud, registration, newId(), registration.inputs).catch(() => undefined);
      const message = async (status: number) => {
        const { inputKey: _, outputKey: __, ...job } = await record({ ...ended, jobId: `${status}-${newId()}` });
        return JSON.stringify({ schemaVersion: 1, job });
      };
      const attributes = { ApproximateReceiveCount: "1", SentTimestamp: String(clock.now()) };
      for (const status of [503, 410]) {
        const body = await message(status);
        await call(functionOf("webhook-orders"), { Records: [{ messageId: newId(), receiptHandle: newId(), body, attributes }] });
      }
      const polled = polledBy(created.state["functionArn"] as string);
      const QueueUrl = ofType("aws:sqs/queue:Queue").find(({ registration: { name } }) => name === "inference-webhook-orders")?.created.id;
      await cloud.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: await message(200) }));
      await polled;
    },
    execution: async () => {
      const inferenceId = newId();
      await put(`input/${inferenceId}-fails`, '{"model":"error"}');
      await put(`input/${inferenceId}-ends`, '{"model":"echo"}');
      await put(`input/${inferenceId}-former`, '{"model":"echo"}', formerKeyArn);
      await put(`input/${inferenceId}-others`, '{"model":"echo"}', othersKeyArn);
      const own = ["fails", "ends", "former", "others"]
        .map((name) => `${inferenceId}-${name}`)
        .concat("none")
        .map((key) => `${outputs.bucketName}/input/${key}`);
      for (const [index, input] of [...own, "scans/page", "scans/none"].entries()) {
        const id = `${inferenceId}-${index}`;
        const InputLocation = `s3://${input}`;
        await cloud.runtime.send(new InvokeEndpointAsyncCommand({ EndpointName: outputs.endpointName, InputLocation, InferenceId: id }));
        await cloud.event(
          (event) => event.kind === "invocation" && event.inferenceId === id && !["queued", "started"].includes(event.change),
        );
      }
      const EndpointName = `again-${inferenceId}`;
      await sagemaker.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName: outputs.endpointConfigName }));
      await settled(EndpointName, "Creating");
      // A release, which looks at its alarms.
      const { ProductionVariants, AsyncInferenceConfig } = await sagemaker.send(
        new DescribeEndpointConfigCommand({ EndpointConfigName: outputs.endpointConfigName }),
      );
      const EndpointConfigName = `next-${inferenceId}`;
      await sagemaker.send(new CreateEndpointConfigCommand({ EndpointConfigName, ProductionVariants, AsyncInferenceConfig }));
      const Alarms = ofType("aws:cloudwatch/metricAlarm:MetricAlarm").flatMap(({ registration, created }) =>
        registration.name.startsWith("inference-rollback-") ? [{ AlarmName: created.id }] : [],
      );
      const DeploymentConfig = { AutoRollbackConfiguration: { Alarms } };
      await sagemaker.send(new UpdateEndpointCommand({ EndpointName, EndpointConfigName, DeploymentConfig }));
      await settled(EndpointName, "Updating");
    },
  };
  /** Lambda has deleted what a function was done with, or was denied something as the function's role. */
  const polledBy = (functionArn: string) => {
    const session = functionArn.split(":").at(-1) ?? "";
    return new Promise<void>((resolve) => {
      const look = ({ who, action, denial }: JudgedNeed) => {
        if (!who.endsWith(`/${session}`) || (action !== "sqs:DeleteMessage" && !denial)) return;
        cloud.cloud.events.off("judged", look);
        resolve();
      };
      cloud.cloud.events.on("judged", look);
    });
  };
  const settled = async (EndpointName: string, before: string) => {
    for (;;) {
      const { EndpointStatus } = await sagemaker.send(new DescribeEndpointCommand({ EndpointName }));
      if (EndpointStatus !== before) return;
      await sleep(clock, 1000);
    }
  };
  const functionOf = (word: string) =>
    ofType("aws:lambda/function:Function").find(({ registration }) => registration.name === `inference-${word}`)?.created.id ?? "";

  /** What fails goes to the dead letters at once, or is denied that. */
  const failAtOnce = async (word: string, event: object) => {
    const past = new Set(cloud.events);
    const isDenial = (each: CloudEvent) => !past.has(each) && each.kind === "denied" && each.message.includes(`/inference-${word}-`);
    await configureEvents(word, { maximumRetryAttempts: 0 });
    if (cloud.events.some(isDenial)) return;
    const requests = new Set<string>();
    const isEnd = (each: CloudEvent) => {
      if (past.has(each) || each.kind !== "function" || each.functionName !== functionOf(word)) return isDenial(each);
      requests.add(each.requestId);
      return false;
    };
    const denied = new AbortController();
    void cloud.event(isEnd).then(() => denied.abort());
    await cloud.lambda.send(new InvokeCommand({ FunctionName: functionOf(word), Payload: JSON.stringify(event), InvocationType: "Event" }));
    const QueueUrl = outputs.deadLetterQueueUrl;
    const letters = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20, VisibilityTimeout: 0, MaxNumberOfMessages: 10 });
    while (!denied.signal.aborted) {
      const { Messages = [] } = await cloud.sqs.send(letters, { abortSignal: denied.signal }).catch(() => ({ Messages: [] }));
      const own = Messages.find(({ Body = "" }) => [...requests].some((requestId) => Body.includes(requestId)));
      if (own) return void (await cloud.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: own.ReceiptHandle })));
    }
  };

  /** Lambda looks whether the function may send to the queue of what it fails on. */
  const configureEvents = async (word: string, changes: object = {}) => {
    const { registration } =
      ofType("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig").find(
        (each) => each.registration.name === `inference-${word}`,
      ) ?? expect.fail(`${word} has no settings for events`);
    await create(cloud, registration, registration.name, { ...registration.inputs, ...changes }).catch(() => undefined);
  };

  /** The same function again, in whose first environment a log begins. */
  const startCold = async (word: string) => {
    const [made] = ofType("aws:lambda/function:Function").filter(({ registration }) => registration.name === `inference-${word}`);
    const { registration } = made ?? expect.fail(`there is no function ${word}`);
    const { id } = await create(cloud, registration, newId(), { ...registration.inputs, name: newId() });
    await call(id, { hold: true });
  };

  it("makes no call that it may not make", async () => {
    for (const each of Object.values(work)) await each();
    expect(denials()).to.deep.equal([]);
    const roles = ofType("aws:iam/role:Role").map(({ registration }) => registration.name.replace("inference-", ""));
    expect(roles.sort()).to.deep.equal(Object.keys(work).sort());
  });

  it("misses each action of each statement of each role, and each resource", async () => {
    const superfluous: string[] = [];
    let missed = 0;
    for (const policy of ofType("aws:iam/rolePolicy:RolePolicy")) {
      const { registration } = policy;
      const roleName = registration.inputs["role"] as string;
      const word = roleName.replace(/^inference-|-[0-9a-f]{7}$/g, "");
      const whole = readPolicy(registration.inputs["policy"]);
      const [first, ...others] = removals(whole);
      const judged = others.filter((removal) => !judgements.misses(roleName, whole, removal));
      superfluous.push(...judged.map(({ name }) => `${word} ${name}`));
      missed += others.length - judged.length;
      // Done, not judged: what is denied is denied to whoever calls.
      if (first === undefined) continue;
      await replace(cloud, policy, first.policy);
      const isOfColdStart = /^(WriteLog logs:CreateLogStream|JoinVpc)/.test(first.name) && word !== "execution";
      const denied = await deniedDuring(isOfColdStart ? () => startCold(word) : (work[word] as () => Promise<unknown>));
      const mine = denied.filter((message) => message.includes(`assumed-role/${roleName}/`)).flatMap((message) => deniedIn(message) ?? []);
      if (mine.some((denial) => first.isMissedBy(denial))) missed++;
      else superfluous.push(`${word} ${first.name}`);
      await replace(cloud, policy, whole);
    }
    expect(superfluous).to.deep.equal(Object.keys(notActedOut));
    expect(missed).to.be.greaterThan(80);
  });

  it("misses each trust policy: without it no service may be the role", async () => {
    for (const { registration } of ofType("aws:iam/role:Role")) {
      const trust = readPolicy(registration.inputs["assumeRolePolicy"]);
      expect(trust.Statement, registration.name).to.have.length(1);
      const closed = { Version: "2012-10-17", Statement: [{ Effect: "Deny", Principal: "*", Action: "sts:*" }] };
      const name = `closed-${registration.name}`;
      const { state } = await create(cloud, registration, name, { name, assumeRolePolicy: closed });
      if (registration.name === "inference-batch-engine") {
        const withRole = { ...outputs, batchRoleArn: state["arn"] as string };
        const { FailureReasons } = await runBatch(control, withRole, clock, newId(), below("scans", "page", outputs));
        expect(FailureReasons?.[0]?.FailureReason).to.contain(
          "batchoperations.s3.amazonaws.com is not authorized to perform: sts:AssumeRole",
        );
        continue;
      }
      const user = made.find(({ registration: { type, inputs } }) =>
        type === "aws:sagemaker/model:Model"
          ? String(inputs["executionRoleArn"]).includes(`${registration.name}-`)
          : type === "aws:lambda/function:Function" && String(inputs["role"]).includes(`role/${registration.name}-`),
      );
      if (user === undefined) return expect.fail(`nobody is ${registration.name}`);
      const role = user.registration.type === "aws:sagemaker/model:Model" ? "executionRoleArn" : "role";
      const inputs = { ...user.registration.inputs, name, [role]: state["arn"] };
      const refusal = await create(cloud, user.registration, name, inputs).then(
        () => "created",
        (error: unknown) => (error as Error).message,
      );
      expect(refusal).to.match(/cannot be assumed by Lambda|Could not assume role/);
    }
  });

  it("misses each permission to invoke a function", async () => {
    const triggers: Record<string, (sourceArn: string) => Promise<unknown>> = {
      "sns.amazonaws.com": (TopicArn) => {
        // What the functions that get only some messages go by.
        const yes = { DataType: "String", StringValue: "true" };
        const MessageAttributes = { hasTasks: yes, traced: yes };
        return cloud.sns.send(new PublishCommand({ TopicArn, Message: "{}", MessageAttributes }));
      },
      "s3.amazonaws.com": () => put(`inbox/${newId()}`),
      // The schedule comes by itself.
      "events.amazonaws.com": async () => undefined,
    };
    // Their minute is two seconds here.
    await enableSchedules(cloud);
    for (const { registration, created } of ofType("aws:lambda/permission:Permission")) {
      const { principal, sourceArn, function: FunctionName } = registration.inputs as Record<string, string>;
      await cloud.lambda.send(new RemovePermissionCommand({ FunctionName, StatementId: created.id }));
      const before = denials().length;
      const past = new Set(cloud.events);
      const denied = cloud.event((event) => event.kind === "denied" && !past.has(event) && event.message.includes(`User: ${principal} `));
      await triggers[principal as string]?.(sourceArn as string);
      await denied;
      expect(denials().slice(before).join()).to.contain(
        `lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:000000000000:function:${FunctionName}`,
      );
      await create(cloud, registration, registration.name, registration.inputs);
    }
  });
});

/** Longer than an invocation may run. */
function twoHoursAgo(): string {
  return new Date(Date.now() - 7_200_000).toISOString();
}
