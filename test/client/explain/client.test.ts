import { expect } from "chai";
import { SageMakerAsyncClient, type JobProgress } from "../../../client";
import type { EmbeddedCloudOptions } from "../../../local/embeddedCloud";
import { ServiceError } from "../../../local/wire";
import type { AsyncInferenceOutputs } from "../../../outputs";
import { Gate } from "../../support/gate";
import { CloudUnderTest } from "../../support/service";

describe("A job's handle", () => {
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  let cloud: CloudUnderTest;
  let outputs: AsyncInferenceOutputs;
  let client: SageMakerAsyncClient;
  /** Services that refuse, as they do to who lacks the permission. */
  const refusing = new Set<string>();

  before(async () => {
    const intercept: EmbeddedCloudOptions["intercept"] = async (service, request, answer) => {
      const target = String(request.headers["x-amz-target"] ?? "");
      const denied = [service, target].some((name) => refusing.has(name));
      if (denied) throw new ServiceError("AccessDeniedException", `not authorized to perform: ${target || service}`, 400);
      return answer();
    };
    cloud = await CloudUnderTest.start({ intercept });
    outputs = await cloud.deployOwn();
    const endpointUrl = cloud.cloud.endpointUrl;
    client = SageMakerAsyncClient.fromStackOutputs({ endpointUrl, outputs }, { credentials, pollIntervalSeconds: 0.1 });
  });
  after(async () => {
    await client.close();
    await cloud.close();
  });
  afterEach(() => refusing.clear());

  it("explains a job that ended, here and in any other process", async () => {
    const job = await client.submit({ page: 1 }, { jobId: "done" });
    const { outputLocation } = await job.result();
    const { situation, why } = await client.job("done").explain();

    expect([situation, why]).to.deep.equal(["completed", `The model's answer of 10 bytes is at ${outputLocation}.`]);
  });

  it("explains a job that nobody knows", async () => {
    const { state, situation } = await client.job("nobody").explain();

    expect([state, situation]).to.deep.equal(["UNKNOWN", "unknown-job"]);
  });

  it("explains without what it may not read, and says what to add", async () => {
    const job = await client.submit({ model: "hang" }, { jobId: "held" });
    for (const name of ["monitoring", "application-autoscaling", "SageMaker.DescribeEndpointConfig", "logs"]) refusing.add(name);
    const { situation, facts, whatYouCanDo } = await job.explain();
    const unknown = facts["unknown"] as { source: string; statement: unknown }[];

    expect(situation).to.equal("in-progress");
    expect(unknown.map(({ source }) => source)).to.deep.equal([
      "alarms",
      "containerLog",
      "endpointConfig",
      "metrics",
      "resultLog",
      "scaling",
    ]);
    expect(unknown.every(({ statement }) => statement !== undefined)).to.equal(true);
    expect(whatYouCanDo.at(-1)).to.equal(
      "To let explain read the scalable target and its activities, add this statement to your policy: " +
        '{"Effect":"Allow","Action":["application-autoscaling:DescribeScalableTargets","application-autoscaling:DescribeScalingActivities"],"Resource":"*"}',
    );
  });

  it("explains from its locations alone what has no table", async () => {
    const { bucketName: bucket, endpointName, region } = outputs;
    const options = { bucket, endpointName, region, endpointUrl: cloud.cloud.endpointUrl, credentials };
    const bare = new SageMakerAsyncClient(options);
    const job = await bare.submit({ model: "error", message: "no page" });
    await job.result();
    const failed = await job.explain();
    const held = await (await bare.submit({ model: "hang" })).explain();
    await bare.close();

    expect([failed.state, failed.situation]).to.deep.equal(["FAILED", "model-error"]);
    expect(failed.why).to.equal(`A failure object is at ${job.failureLocation}. It says: "no page".`);
    expect([held.state, held.situation]).to.deep.equal(["UNKNOWN", "in-progress"]);
  });

  it("tells its progress to the end", async () => {
    const gate = await Gate.start();
    const job = await client.submit(gate.input, { jobId: "slow" });
    const told: JobProgress[] = [];
    for await (const step of job.progress()) {
      told.push(step);
      gate.open();
    }
    await gate.close();

    expect(told.map(({ state }) => state)).to.deep.equal(["SUBMITTED", "COMPLETED"]);
    expect(told[0]?.known.submittedAt).to.be.a("string");
    expect(told[0]).not.to.have.property("estimated");
  });

  it("stops telling its progress when its caller, or the client, has had enough", async () => {
    const enough = new AbortController();
    const other = SageMakerAsyncClient.fromStackOutputs({ endpointUrl: cloud.cloud.endpointUrl, outputs }, { credentials });
    const follow = async (steps: AsyncIterable<JobProgress>, then: () => void) => {
      try {
        for await (const { state } of steps) {
          expect(state).to.equal("SUBMITTED");
          then();
        }
      } catch (error) {
        return (error as { code?: string }).code;
      }
    };
    const job = await client.submit({ model: "hang" }, { jobId: "followed" });

    expect(await follow(job.progress({ signal: enough.signal }), () => enough.abort())).to.equal("ABORTED");
    expect(await follow(other.job("followed").progress(), () => void other.close())).to.equal("ABORTED");
  });
});
