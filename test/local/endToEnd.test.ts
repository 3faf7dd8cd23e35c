import { InvokeEndpointAsyncCommand } from "@aws-sdk/client-sagemaker-runtime";
import { ListSubscriptionsByTopicCommand, SubscribeCommand, UnsubscribeCommand } from "@aws-sdk/client-sns";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect } from "chai";
import { Webhook } from "standardwebhooks";
import type { JobRecord } from "../../core/records/job";
import type { AsyncInferenceOutputs } from "../../outputs";
import { CloudUnderTest, ServiceUnderTest, testModel } from "../support/service";

/** The parts of a record that a user decides by. */
function ending({ state, error, attempt, inferenceId }: JobRecord) {
  return { state, code: error?.code, attempt, inferenceId };
}

describe("The program on the embedded cloud", () => {
  let cloud: CloudUnderTest;
  let service: ServiceUnderTest;
  /** Inference ids whose first answer to InvokeEndpointAsync is lost, and how. */
  const lost = new Map<string, "after" | "before">();
  const settings: Record<string, string> = {};
  const webhookSecret = `whsec_${Buffer.alloc(24, 1).toString("base64")}`;
  /** Jobs of the verified events that the webhook's receiver was sent, by their ids. */
  const told = new Map<string, { type: string; data: { job: JobRecord } }>();
  const receiver = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      const body = Buffer.concat(chunks as Buffer[]).toString();
      const event = new Webhook(webhookSecret).verify(body, request.headers as Record<string, string>) as {
        type: string;
        data: { job: JobRecord };
      };
      response.writeHead(204).end();
      told.set(event.data.job.jobId, event);
      receiver.emit("told");
    });
  });

  before(async () => {
    await once(receiver.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    settings["sagemaker-async-inference:webhooks"] = JSON.stringify({ failures: { url, secret: webhookSecret, states: ["FAILED"] } });
    cloud = await CloudUnderTest.start({
      intercept: async (name, request, answer) => {
        const inferenceId = request.headers["x-amzn-sagemaker-inference-id"];
        const loss = name === "sagemaker" && typeof inferenceId === "string" ? lost.get(inferenceId) : undefined;
        if (loss === undefined) return answer();
        if (loss === "after") await answer();
        return { status: 500, headers: { "x-amzn-errortype": "InternalFailure" }, body: '{"Message":"try again later"}' };
      },
    });
    service = await ServiceUnderTest.follow(cloud, await cloud.deployOwn(settings));
  });
  after(async () => {
    await cloud.close();
    receiver.closeAllConnections();
    receiver.close();
  });

  it("runs a job: its result is where the answer says, and its record has every time", async () => {
    const answer = await service.submit({ jobId: "ok-1", input: { text: "hello" }, metadata: { page: "7" } });
    const job = await service.end("ok-1");

    const { bucketName, inputPrefix, endpointName } = service.outputs;
    expect(answer).to.deep.equal({
      statusCode: 202,
      jobId: "ok-1",
      inferenceId: "1.ok-1",
      state: "SUBMITTED",
      outputLocation: job.outputLocation,
      failureLocation: job.failureLocation,
    });
    expect(await cloud.text(job.outputLocation ?? "")).to.equal('{"text":"hello"}');
    expect({ ...ending(job), input: job.inputLocation, metadata: job.metadata, endpointName: job.endpointName }).to.deep.equal({
      ...{ state: "COMPLETED", code: undefined, attempt: 1, inferenceId: "1.ok-1" },
      ...{ input: `s3://${bucketName}/${inputPrefix}ok-1/request.json`, metadata: { page: "7" }, endpointName },
    });
    const times = [job.createdAt, job.receivedAt, job.finishedAt, job.endedAt].map((time) => Date.parse(time ?? ""));
    expect(times).to.deep.equal([...times].sort((a, b) => a - b));
    expect(service.invocations("ok-1")).to.deep.equal(["1.ok-1 queued", "1.ok-1 started", "1.ok-1 completed"]);
  });

  it("answers with the result when asked to wait for it", async () => {
    const answer = await service.submit({ jobId: "wait-1", input: [1, 2], waitSeconds: 20 });

    expect([answer.statusCode, answer.state, answer.body]).to.deep.equal([200, "COMPLETED", [1, 2]]);
  });

  it("tells a model's error by its code, with the service's words and where they are", async () => {
    await service.submit({ jobId: "error-1", input: { model: "error", message: "out of memory" } });
    const job = await service.end("error-1");

    expect(ending(job)).to.deep.equal({ state: "FAILED", code: "MODEL_ERROR", attempt: 1, inferenceId: "1.error-1" });
    expect(job.error?.message).to.match(/^ClientError: Received server error \(500\) from model\./);
    expect(await cloud.text(job.failureLocation ?? "")).to.include("out of memory");
  });

  it("POSTs an end to a webhook's receiver, signed, and only one that it wants", async () => {
    await service.submit({ jobId: "webhook-1", input: { model: "error" }, metadata: { customer: "acme" } });
    const job = await service.end("webhook-1");
    while (!told.has("webhook-1")) await once(receiver, "told");

    expect(told.get("webhook-1")).to.deep.include({ type: "job.failed", timestamp: job.endedAt });
    expect(told.get("webhook-1")?.data.job).to.deep.include({ jobId: "webhook-1", error: job.error, metadata: { customer: "acme" } });
    expect([...told.values()].filter(({ type }) => type !== "job.failed")).to.deep.equal([]);
  });

  it("ends a job whose model takes longer than it may", async () => {
    await service.submit({ jobId: "slow-1", input: { model: "hang" }, invocationTimeoutSeconds: 1 });

    expect(ending(await service.end("slow-1"))).to.deep.equal({ state: "FAILED", code: "TIMEOUT", attempt: 1, inferenceId: "1.slow-1" });
  });

  it("refuses an input that is not there, and makes no job of it", async () => {
    const { bucketName, inputPrefix } = service.outputs;
    const answer = await service.submit({ jobId: "missing-1", inputLocation: `s3://${bucketName}/${inputPrefix}none.json` });

    expect([answer.statusCode, answer.error?.code, answer.error?.field]).to.deep.equal([400, "NOT_FOUND", "inputLocation"]);
    expect(service.invocations("missing-1")).to.deep.equal([]);
  });

  it("does not record what others invoke on the same endpoint, even when it fails", async () => {
    const { endpointName, bucketName } = service.outputs;
    const InputLocation = `s3://${bucketName}/input/gone.json`;
    await cloud.runtime.send(new InvokeEndpointAsyncCommand({ EndpointName: endpointName, InputLocation, InferenceId: "7.foreign" }));
    await cloud.event((event) => event.kind === "invocation" && event.inferenceId === "7.foreign" && event.change === "failed");
    await service.submit({ jobId: "after-foreign", input: 1 });
    await service.end("after-foreign");

    expect(await service.record("foreign")).to.equal(undefined);
  });

  it("takes the same job twice as one, and another input under its id as a mistake", async () => {
    const request = { jobId: "twice-1", input: { model: "slow", milliseconds: 1000 } };
    const answers = await Promise.all([service.submit(request), service.submit(request)]);
    await service.end("twice-1");
    const again = await service.submit(request);
    const other = await service.submit({ jobId: "twice-1", input: { model: "slow", milliseconds: 2000 } });

    expect(answers.map(({ jobId, error }) => [jobId, error])).to.deep.equal([
      ["twice-1", undefined],
      ["twice-1", undefined],
    ]);
    expect([again.statusCode, again.state]).to.deep.equal([200, "COMPLETED"]);
    expect([other.statusCode, other.error?.code]).to.deep.equal([409, "CONFLICT"]);
    expect(service.invocations("twice-1").filter((change) => change.endsWith("queued"))).to.deep.equal(["1.twice-1 queued"]);
  });

  it("completes a job in doubt once: when the first answer was lost, and when the call was", async () => {
    lost.set("1.doubt-after", "after");
    lost.set("1.doubt-before", "before");
    await Promise.all([
      service.submit({ jobId: "doubt-after", input: "a", waitSeconds: 30 }),
      service.submit({ jobId: "doubt-before", input: "b", waitSeconds: 30 }),
    ]);
    const [after, before] = [await service.end("doubt-after"), await service.end("doubt-before")];

    expect([after.state, before.state]).to.deep.equal(["COMPLETED", "COMPLETED"]);
    expect(before.inferenceId).to.equal("2.doubt-before");
    expect([service.announced("doubt-after"), service.announced("doubt-before")]).to.deep.equal([1, 1]);
    expect(await cloud.text(after.outputLocation ?? "")).to.equal('"a"');
    expect(await cloud.text(before.outputLocation ?? "")).to.equal('"b"');
  });

  it("makes a job of an upload to the inbox", async () => {
    const { bucketName, inboxPrefix } = service.outputs;
    await cloud.put(bucketName, `${inboxPrefix}letters/one.json`, '{"text":"from the inbox"}');
    const job = await service.end(/^inbox-/);

    expect([job.state, job.inputLocation]).to.deep.equal([
      "COMPLETED",
      `s3://${bucketName}/${service.outputs.inputPrefix}${job.jobId}/one.json`,
    ]);
    expect(await cloud.text(job.outputLocation ?? "")).to.equal('{"text":"from the inbox"}');
  });

  it("leaves a job SUBMITTED when its notification is lost, until the sweeper comes", async () => {
    const { successTopicArn } = service.outputs;
    const { Subscriptions = [] } = await cloud.sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: successTopicArn }));
    for (const { SubscriptionArn } of Subscriptions) await cloud.sns.send(new UnsubscribeCommand({ SubscriptionArn }));
    await service.submit({ jobId: "silent-1", input: 1 });
    await cloud.event((event) => event.kind === "invocation" && event.inferenceId === "1.silent-1" && event.change === "completed");
    for (const { Protocol, Endpoint } of Subscriptions) {
      await cloud.sns.send(new SubscribeCommand({ TopicArn: successTopicArn, Protocol, Endpoint }));
    }
    await service.submit({ jobId: "heard-1", input: 1 });
    await service.end("heard-1");

    expect((await service.record("silent-1"))?.state).to.equal("SUBMITTED");
  });

  it("gets another instance type as AWS gives it: target first, endpoint updated, old configuration deleted, and what waited is run", async () => {
    await service.submit({ jobId: "before-1", input: 1 });

    const done = await cloud.redeployOwn({ ...settings, "sagemaker-async-inference:instanceType": "ml.g5.4xlarge" });

    expect([...done].sort()).to.deep.equal([
      ...["created inference-backlog", "created inference-idle", "created inference-target", "created inference-wake"],
      "deleted inference-configuration",
      ...["replaced inference-configuration", "replaced inference-hardware"],
      ...["updated inference-endpoint", "updated inference-idle", "updated inference-wake"],
    ]);
    expect((await service.end("before-1")).state).to.equal("COMPLETED");
    await service.submit({ jobId: "after-1", input: 1 });
    expect((await service.end("after-1")).state).to.equal("COMPLETED");
  });

  describe("beside other programs", () => {
    let failures: string;
    let all: string;

    before(async () => {
      const [first, second] = [await cloud.deployFixture("consumer", "failures"), await cloud.deployFixture("consumer", "all")];
      failures = first["queueUrl"] as string;
      all = second["queueUrl"] as string;
    });

    it("hands them its job events by the filters that they declare", async () => {
      await service.submit({ jobId: "seen-1", input: 1 });
      await service.end("seen-1");
      await service.submit({ jobId: "seen-2", input: { model: "error" } });
      await service.end("seen-2");

      const job = async (queueUrl: string) => (JSON.parse(await cloud.receive(queueUrl)) as { job: JobRecord }).job.jobId;
      expect(await job(failures)).to.equal("seen-2");
      expect([await job(all), await job(all)].sort()).to.deep.equal(["seen-1", "seen-2"]);
    });

    it("serves a second service under its own names, with its users' handlers", async () => {
      const outputs = await cloud.deployFixture("shop", "test", testModel);
      const shop = await ServiceUnderTest.follow(cloud, outputs as unknown as AsyncInferenceOutputs);
      const written = (name: string) =>
        cloud.event(
          (event) => event.kind === "function" && event.change === "succeeded" && event.functionName.startsWith(`labels-${name}`),
        );

      await shop.submit({ jobId: "label-1", input: { word: "cat" } });
      const completed = await shop.end("label-1");
      await written("completed-store");
      await shop.submit({ jobId: "label-2", input: { model: "error" } });
      await shop.end("label-2");
      await written("failed-tell");

      expect(completed.inputLocation).to.equal(`s3://${shop.outputs.bucketName}/to-label/label-1/request.json`);
      expect(JSON.parse(await cloud.text(`s3://${String(outputs["resultsBucket"])}/completed/label-1`))).to.deep.equal({
        result: { word: "cat" },
        key: `${shop.outputs.endpointName}/label-1/${completed.endedAt}`,
      });
      expect(await cloud.text(`s3://${String(outputs["resultsBucket"])}/failed/label-2`)).to.equal("MODEL_ERROR");
      expect(shop.outputs.bucketName).not.to.equal(service.outputs.bucketName);
    });

    it("refuses to deploy a stack a second time", async () => {
      expect(await cloud.deployFixture("consumer", "all").catch(String)).to.equal(
        "Error: consumer/all is deployed on this embedded cloud already; to deploy a change, start a new one",
      );
    });
  });
});
