import type { PublishCommandInput, SNSClient } from "@aws-sdk/client-sns";
import * as library from "@aws-sdk/client-sns";
import { expect } from "chai";
import { snsEvents } from "../../aws/snsEvents";
import { openJob } from "../../doubles/jobs";

describe("job events on the topic", () => {
  it("say that tasks wait for a job, and never by which token: whoever subscribes could answer for it", async () => {
    const sent: PublishCommandInput[] = [];
    const client = { send: async ({ input }: { input: PublishCommandInput }) => void sent.push(input) } as unknown as SNSClient;
    const job = openJob({ jobId: "page-1" });
    const events = snsEvents(library, client, "arn:aws:sns:eu-west-1:123456789012:jobs");

    await events.publish({ schemaVersion: 1, job: { ...job, taskTokens: ["secret"] } });
    await events.publish({ schemaVersion: 1, job });

    expect(sent.map(({ Message }) => JSON.parse(Message ?? "") as unknown)).to.deep.equal([
      { schemaVersion: 1, job },
      { schemaVersion: 1, job },
    ]);
    expect(sent.map(({ MessageAttributes = {} }) => MessageAttributes["hasTasks"]?.StringValue)).to.deep.equal(["true", undefined]);
  });
});
