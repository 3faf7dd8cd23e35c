import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { expect } from "chai";
import { SageMakerAsyncClient, type Explanation } from "../../../client";
import type { AsyncInferenceOutputs } from "../../../outputs";
import { recordInputBytes } from "../../../core/lifecycle/submit";
import { CloudUnderTest, testModel } from "../../support/service";

describe("explain, by a client whose role the cloud's policies bind", () => {
  let cloud: CloudUnderTest;
  let outputs: AsyncInferenceOutputs;

  before(async () => {
    cloud = await CloudUnderTest.start();
    outputs = (await cloud.deployFixture("grants", "test", testModel)) as unknown as AsyncInferenceOutputs;
    const client = clientOf(cloud.settings.credentials);
    await client.invoke({ model: "error", message: "no such page" }, { jobId: "failed-1" });
    // Too large for the call with its record: it is an object that explain reads.
    await client.submit({ model: "hang", text: "x".repeat(recordInputBytes) }, { jobId: "held-1" });
    await client.close();
  });
  after(() => cloud.close());

  function clientOf(credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }): SageMakerAsyncClient {
    return SageMakerAsyncClient.fromStackOutputs(
      { endpointUrl: cloud.cloud.endpointUrl, outputs },
      { credentials, pollIntervalSeconds: 0.1 },
    );
  }

  async function explainAs(role: string, jobId: string): Promise<Explanation> {
    const sts = new STSClient(cloud.settings);
    const RoleArn = `arn:aws:iam::${outputs.accountId}:role/${role}`;
    const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "tests" })).finally(() => sts.destroy());
    const { AccessKeyId: accessKeyId = "", SecretAccessKey: secretAccessKey = "", SessionToken: sessionToken = "" } = Credentials ?? {};
    const client = clientOf({ accessKeyId, secretAccessKey, sessionToken });
    try {
      return await client.job(jobId).explain();
    } finally {
      await client.close();
    }
  }

  /** What could not be read, and the statement that would let it. */
  const unknownIn = ({ facts }: Explanation) =>
    ((facts["unknown"] ?? []) as { source: string; statement?: { Action: unknown } }[]).map(
      ({ source, statement }) => [source, statement?.Action] as const,
    );

  it("reads everything with grantExplain and nothing else", async () => {
    for (const [jobId, situation] of [
      ["failed-1", "model-error"],
      ["held-1", "in-progress"],
    ] as const) {
      const explanation = await explainAs("explainer", jobId);

      expect([explanation.situation, unknownIn(explanation)], jobId).to.deep.equal([situation, []]);
    }
  });

  it("names each statement that a role lacks which may only read jobs and results", async () => {
    const explanation = await explainAs("reader", "held-1");

    expect(unknownIn(explanation)).to.deep.equal([
      ["alarms", "cloudwatch:DescribeAlarms"],
      ["containerLog", "logs:FilterLogEvents"],
      ["deadLetters", "sqs:GetQueueAttributes"],
      ["endpoint", "sagemaker:DescribeEndpoint"],
      ["input", ["s3:GetObject", "s3:ListBucket"]],
      ["metrics", "cloudwatch:GetMetricData"],
      ["resultLog", "logs:FilterLogEvents"],
    ]);
  });

  it("says to a role that may read nothing what it needs first", async () => {
    const explanation = await explainAs("caller", "held-1");

    const statement = { Effect: "Allow", Action: "dynamodb:GetItem", Resource: outputs.jobTableArn };
    expect([explanation.state, explanation.situation, explanation.summary, explanation.whatYouCanDo]).to.deep.equal([
      "UNKNOWN",
      "access-denied",
      "Your credentials may not read the job's record.",
      [`To let explain read the job's record, add this statement to your policy: ${JSON.stringify(statement)}`],
    ]);
  });
});
