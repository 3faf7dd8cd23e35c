import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { ChangeMessageVisibilityCommand, DeleteMessageCommand, GetQueueAttributesCommand } from "@aws-sdk/client-sqs";
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import { SageMakerAsyncClient } from "../../client";
import { floorKey } from "../../core/records/items";
import type { JobRecord } from "../../core/records/job";
import { ScaledClock } from "../../local/clock";
import { readPolicy, type PolicyDocument } from "../../local/identity/policyDocument";
import type { AsyncInferenceOutputs } from "../../outputs";
import { openJob } from "../../doubles/jobs";
import { create, keepMade, replace, withoutSchedules, type Made } from "../support/made";
import { Judgements } from "../support/judgements";
import { deniedIn, loosenings, removals } from "../support/removals";
import { CloudUnderTest, testModel } from "../support/service";

interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

describe("least privilege: no grant, and no handler, has more than it needs", () => {
  let cloud: CloudUnderTest;
  let outputs: AsyncInferenceOutputs & { ordersQueueUrl: string };
  const made: Made[] = [];
  const keys: Record<string, Keys> = {};
  const clients: { destroy(): void }[] = [];
  let judgements: Judgements;
  let count = 0;
  /** Takes all spans. */
  const collector = createServer((request, response) => void request.resume().on("end", () => response.end("{}")));

  before(async () => {
    judgements = new Judgements();
    cloud = await CloudUnderTest.start({ clock: new ScaledClock(30) });
    withoutSchedules(cloud);
    keepMade(cloud, made);
    await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
    const receiver = { "grants:collector": `http://127.0.0.1:${(collector.address() as AddressInfo).port}` };
    outputs = (await cloud.deployFixture("grants", "test", { ...testModel, ...receiver })) as unknown as typeof outputs;
    for (const { registration } of made.filter(({ registration: { type } }) => type === "aws:iam/role:Role")) {
      const name = String(registration.inputs["name"]);
      if (registration.name !== name) continue;
      keys[name] = await assume(name);
    }
  });
  after(async () => {
    judgements.stop();
    collector.close().closeAllConnections();
    for (const client of clients) client.destroy();
    await cloud.close();
  });

  const assume = async (name: string): Promise<Keys> => {
    const sts = new STSClient(cloud.settings);
    const RoleArn = `arn:aws:iam::${outputs.accountId}:role/${name}`;
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "tests" })).finally(() => sts.destroy());
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  };
  const newId = () => `job-${++count}`;
  const now = () => new Date().toISOString();
  const as = <Client extends { destroy(): void }>(Type: new (settings: object) => Client, role: string): Client => {
    const client = new Type({ ...cloud.settings, maxAttempts: 1, credentials: keys[role] });
    clients.push(client);
    return client;
  };
  /** Does all of it, whatever is denied. */
  const all = async (...steps: (() => Promise<unknown>)[]) => {
    for (const step of steps) await step().catch(() => undefined);
  };
  let last: Promise<unknown> = Promise.resolve();
  /** Whoever submits raises the floor, unless somebody else has: these do so one after the other. */
  const alone = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
  /** The endpoint's floor has to be raised by whoever comes next. */
  const forgetFloor = () => cloud.table.send(new DeleteCommand({ TableName: outputs.jobTableName, Key: { jobId: floorKey } }));
  const withClient = async (role: string | (() => string), use: (client: SageMakerAsyncClient) => Promise<unknown>) => {
    const acting = () => keys[typeof role === "string" ? role : role()] ?? cloud.settings.credentials;
    // Asked before each call.
    const credentials = async () => ({ ...acting(), expiration: new Date(0) });
    const settings = { endpointUrl: cloud.cloud.endpointUrl, credentials, maxAttempts: 1, timeoutSeconds: 150 };
    const client = new SageMakerAsyncClient({ ...settings, outputs, pollIntervalSeconds: 0.1 });
    try {
      await use(client);
    } finally {
      await client.close();
    }
  };
  const record = async (changes: Partial<JobRecord> = {}): Promise<JobRecord> => {
    const jobId = changes.jobId ?? newId();
    const at = (key: string) => `s3://${outputs.bucketName}/${key}`;
    const Item = openJob({
      jobId,
      endpointName: outputs.endpointName,
      inputLocation: at(`input/${jobId}/input`),
      outputLocation: at(`output/1.${jobId}/result`),
      failureLocation: at(`failure/1.${jobId}/error`),
      createdAt: now(),
      createdDay: now().slice(0, 10),
      ...changes,
    });
    await cloud.table.send(new PutCommand({ TableName: outputs.jobTableName, Item }));
    return Item;
  };
  const ended = (changes: Partial<JobRecord> = {}) => record({ state: "COMPLETED", endedAt: now(), announcedAt: now(), ...changes });
  const traced = { spanId: "b7ad6b7169203331", traceContext: { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-b7ad6b7169203331-01" } };
  const put = (location: string, Body = "{}") => {
    const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(location) ?? [];
    return cloud.s3.send(new PutObjectCommand({ Bucket, Key, Body, ContentType: "application/json" }));
  };
  const functionOf = (word: string) =>
    made.find(({ registration: { type, name } }) => type.endsWith(":Function") && name === `labels-${word}`) as Made;
  const invoke = (FunctionName: string, event: object, more = {}) =>
    cloud.lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event), ...more }));
  const eventOf = (job: JobRecord) => ({
    Records: [{ EventSource: "aws:sns", Sns: { MessageId: randomUUID(), Message: JSON.stringify({ schemaVersion: 1, job }) } }],
  });
  /** What fails goes to the dead letters at once. */
  const failAtOnce = async (word: string, job: JobRecord) => {
    const { registration } = made.find(
      ({ registration: each }) => each.type.endsWith(":FunctionEventInvokeConfig") && each.name === `labels-${word}`,
    ) as Made;
    await create(cloud, registration, registration.name, { ...registration.inputs, maximumRetryAttempts: 0 });
    const before = cloud.events.length;
    const denied = new AbortController();
    const isOfNow = () => cloud.events.length > before;
    void cloud
      .event((event) => isOfNow() && event.kind === "denied" && event.message.includes(`assumed-role/labels-${word}`))
      .then(() => denied.abort());
    await invoke(functionOf(word).created.id, eventOf(job), { InvocationType: "Event" });
    const QueueUrl = outputs.deadLetterQueueUrl;
    const letters = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20, VisibilityTimeout: 0, MaxNumberOfMessages: 10 });
    while (!denied.signal.aborted) {
      const received = cloud.sqs.send(letters, { abortSignal: denied.signal });
      const { Messages = [] } = await received.catch((error: unknown) => {
        if (denied.signal.aborted) return { Messages: [] };
        throw error;
      });
      const own = Messages.find(({ Body = "" }) => Body.includes(`\\"${job.jobId}\\"`));
      if (own) return void (await cloud.sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: own.ReceiptHandle })));
    }
  };
  const startCold = async (word: string) => {
    const { registration } = functionOf(word);
    const { id } = await create(cloud, registration, newId(), { ...registration.inputs, name: newId() });
    await invoke(id, { Records: [] });
  };

  /** Delivers each end twice, as SNS may. */
  const handle = async (word: string, ...jobs: JobRecord[]) => {
    for (const job of [...jobs, ...jobs]) await invoke(functionOf(word).created.id, eventOf(job));
    await startCold(word);
  };

  /** What each policy is there for, by its name. */
  const work: Record<string, () => Promise<unknown>> = {
    "submitter-labels-submit": () =>
      withClient("submitter", async (client) => {
        const jobId = newId();
        const lambda = as(LambdaClient, "submitter");
        const open = await record();
        const [there, missing] = [await record({ state: "ACCEPTED" }), await record({ state: "ACCEPTED" })];
        await put(there.inputLocation);
        const streamed = async function* (fails: boolean) {
          yield Buffer.alloc(6 * 1024 ** 2);
          if (fails) throw new Error("the line broke");
        };
        await all(
          () => client.submit({ model: "echo" }, { jobId }),
          () => client.submit({ model: "echo" }, { jobId }),
          () => alone(() => forgetFloor().then(() => withClient("submitter", (late) => late.submit({ model: "echo" })))),
          () => lambda.send(new InvokeCommand({ FunctionName: outputs.submitFunctionName, Payload: '{"input":{}}' })),
          () => client.job(open.jobId).cancel(),
          () => client.submit(streamed(false), { jobId: there.jobId }),
          () => client.submit(streamed(false), { jobId: missing.jobId }),
          () => client.submit(streamed(true)),
        );
      }),
    "caller-labels-submit-function": () =>
      alone(() =>
        as(LambdaClient, "caller").send(new InvokeCommand({ FunctionName: outputs.submitFunctionName, Payload: '{"input":{}}' })),
      ),
    "reader-labels-read": () =>
      withClient("reader", async (client) => {
        const [read, gone, failed] = [await ended(), await ended(), await ended({ state: "FAILED", error: undefined as never })];
        await put(read.outputLocation as string);
        await put(failed.failureLocation as string);
        await all(
          () => client.job(read.jobId).status(),
          () => client.job(read.jobId).result(),
          () => client.job(gone.jobId).result(),
          () => client.job(failed.jobId).result(),
          async () => {
            for await (const listed of client.list({ limit: 1 })) expect(listed).to.be.an("object");
          },
        );
      }),
    "waiter-labels-wait": () => {
      let acting = "owner";
      return withClient(
        () => acting,
        async (client) => {
          const [gone, failed] = [await ended(), await ended({ state: "FAILED" })];
          await put(failed.failureLocation as string);
          const own = await alone(() => Promise.all(["echo", "error"].map((model) => client.submit({ model }))));
          acting = "waiter";
          await all(
            ...own.map((job) => () => job.result()),
            ...[gone, failed].flatMap(({ jobId }) => [() => client.job(jobId).status(), () => client.job(jobId).result()]),
          );
        },
      );
    },
    "explainer-labels-explain": () =>
      withClient("explainer", async (client) => {
        const [open, failed, lost] = [await record(), await ended({ state: "FAILED" }), await ended()];
        await put(open.inputLocation);
        await put(failed.failureLocation as string);
        await put(lost.outputLocation as string);
        const waiting = await record({ state: "ACCEPTED", priority: "low", turn: 2 });
        for (const { jobId } of [open, failed, lost, waiting]) await client.job(jobId).explain();
        await client.job(newId()).explain();
        await all(
          () => client.list({ limit: 1 }).next(),
          () => client.overview(),
        );
      }),
    "worker-labels-orders-consume": async () => {
      const QueueUrl = outputs.ordersQueueUrl;
      const sqs = as(SQSClient, "worker");
      await cloud.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "{}" }));
      const { Messages = [] } = await cloud.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
      const ReceiptHandle = Messages[0]?.ReceiptHandle ?? "";
      await all(
        () => sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 0 })),
        () => sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 1 })),
        () => sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] })),
        () => sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })),
      );
    },
    "labels-completed-store": async () => {
      const [stored, gone] = [await ended(traced), await ended()];
      await put(stored.outputLocation as string);
      await handle("completed-store", stored, gone);
      await failAtOnce("completed-store", gone);
    },
    "labels-failed-tell": async () => {
      const failing = await ended({ state: "FAILED", metadata: { paper: "none" } });
      await handle("failed-tell", await ended({ state: "FAILED", ...traced }), failing);
      await failAtOnce("failed-tell", failing);
    },
  };
  /** What a policy's role is there for; the use of keys is a policy of its own. */
  const workOf = (name: string) => name.replace(/\.key$/, "");
  const policies = () =>
    made.filter(({ registration: { type, name } }) => type === "aws:iam/rolePolicy:RolePolicy" && Object.hasOwn(work, workOf(name)));
  const denialsOf = (role: string, before: number) =>
    cloud.events
      .slice(before)
      .flatMap((event) => (event.kind === "denied" && event.message.includes(`assumed-role/${role}`) ? [event.message] : []));

  it("lets each do what it is there for", async () => {
    for (const [name, run] of Object.entries(work)) {
      const before = cloud.events.length;
      await run();
      const denied = cloud.events.slice(before).flatMap((event) => (event.kind === "denied" ? [event.message] : []));
      expect(denied, name).to.deep.equal([]);
    }
    expect(
      policies()
        .map(({ registration }) => registration.name)
        .filter((name) => workOf(name) === name)
        .sort(),
    ).to.deep.equal(Object.keys(work).sort());
  });

  it("misses each action of each statement, and each resource", async () => {
    const superfluous: string[] = [];
    const missesEach = async (policy: Made) => {
      const { name, inputs } = policy.registration;
      const whole = readPolicy(inputs["policy"]);
      const role = String(inputs["role"]);
      const [first, ...others] = removals(whole);
      for (const removal of others) if (!judgements.misses(role, whole, removal)) superfluous.push(`${name} ${removal.name}`);
      // Done, not judged: what is denied is denied to whoever calls.
      if (first === undefined) return;
      await replace(cloud, policy, first.policy);
      const before = cloud.events.length;
      await (work[workOf(name)] as () => Promise<unknown>)().catch(() => undefined);
      const denied = denialsOf(role, before).flatMap((message) => deniedIn(message) ?? []);
      if (!denied.some((denial) => first.isMissedBy(denial))) superfluous.push(`${name} ${first.name}`);
      await replace(cloud, policy, whole);
    };
    // Each role is alone with its policies: roles need not wait for each other.
    const missing = Object.keys(work).map(async (name) => {
      for (const policy of policies()) if (workOf(policy.registration.name) === name) await missesEach(policy);
    });
    await Promise.all(missing);
    expect(superfluous).to.deep.equal([]);
  });

  it("holds a handler to its own marks and to its failures, by every condition", async () => {
    const store = policies().find(({ registration: { name } }) => name === "labels-completed-store") as Made;
    const whole = readPolicy(store.registration.inputs["policy"]);
    const { registration } = made.find(({ registration: { name } }) => name === "worker") as Made;
    await create(cloud, registration, "impostor", { ...registration.inputs, name: "impostor" });
    keys["impostor"] = await assume("impostor");
    const type = "aws:iam/rolePolicy:RolePolicy";
    const ofKey = policies().find(({ registration: { name } }) => name === "labels-completed-store.key") as Made;
    const useKey = { ...ofKey.registration.inputs, role: "impostor", name: "impostor-key" };
    await create(cloud, { ...registration, type }, "impostor-key", useKey);
    const table = DynamoDBDocumentClient.from(as(DynamoDBClient, "impostor"));
    const TableName = outputs.jobTableName;
    const { jobId } = await ended({ handlerFailures: {} });
    const failures = {
      TableName,
      Key: { jobId },
      UpdateExpression: "SET handlerFailures = :none",
      ExpressionAttributeValues: { ":none": {} },
    };
    const attacks: Record<string, () => Promise<unknown>> = {
      "MarkEffects ForAllValues:StringLike dynamodb:LeadingKeys": () =>
        table.send(new PutCommand({ TableName, Item: { jobId, state: "x" } })),
      "RecordFailures ForAllValues:StringEquals dynamodb:Attributes": () =>
        table.send(new UpdateCommand({ ...failures, UpdateExpression: "SET outputLocation = :none" })),
      "RecordFailures StringEqualsIfExists dynamodb:Select": () => table.send(new GetCommand({ TableName, Key: { jobId } })),
      "RecordFailures StringEqualsIfExists dynamodb:ReturnValues": () =>
        table.send(new UpdateCommand({ ...failures, ReturnValues: "ALL_NEW" })),
    };
    const letIn = async (policy: PolicyDocument) => {
      await create(cloud, { ...registration, type }, "impostor", { role: "impostor", name: "impostor", policy });
      const names: string[] = [];
      for (const [name, attack] of Object.entries(attacks)) {
        await attack().then(
          () => names.push(name),
          (error: Error) => expect(error.name).to.equal("AccessDeniedException"),
        );
      }
      return names;
    };

    expect(await letIn(whole)).to.deep.equal([]);
    await table.send(new UpdateCommand(failures));
    expect(Object.keys(attacks).sort()).to.deep.equal(
      loosenings(whole)
        .map(({ name }) => name)
        .sort(),
    );
    for (const { name, policy } of loosenings(whole)) expect(await letIn(policy), name).to.include(name);
  });
});
