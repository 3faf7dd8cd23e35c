import type { Message, SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { eachMessage } from "../../aws/deadLetterQueue";

describe("the letters of a queue", () => {
  /** A queue that hands out these batches, and what is asked of it. */
  function queue(batches: string[][]) {
    const rest = [...batches];
    const asked: string[] = [];
    const options: unknown[] = [];
    const send = async (command: { constructor: { name: string }; input: Record<string, unknown> }, option?: unknown) => {
      const { QueueUrl, ReceiptHandle = "", VisibilityTimeout = "", MaxNumberOfMessages = "", WaitTimeSeconds = "" } = command.input;
      expect(QueueUrl).to.equal("https://sqs/q");
      const what = command.constructor.name.replace("Command", "");
      asked.push([what, ReceiptHandle, VisibilityTimeout, MaxNumberOfMessages, WaitTimeSeconds].filter((each) => each !== "").join(" "));
      if (what !== "ReceiveMessage") return {};
      options.push(option);
      const batch = rest.shift();
      return batch ? { Messages: batch.map((id): Message => ({ MessageId: id, ReceiptHandle: id })) } : {};
    };
    return { sqs: { send } as unknown as SQSClient, asked, options };
  }
  const receive = "ReceiveMessage 300 10 1";

  it("are shown once each; those that are done with are deleted, all others given back at the end and not before", async () => {
    const { sqs, asked } = queue([["a", "b"], ["c"]]);
    const seen: unknown[] = [];
    await eachMessage(sqs, "https://sqs/q", async ({ MessageId }) => {
      seen.push(MessageId);
      return MessageId === "b";
    });

    expect(seen).to.deep.equal(["a", "b", "c"]);
    expect(asked).to.deep.equal([
      receive,
      "DeleteMessage b",
      receive,
      receive,
      "ChangeMessageVisibility a 0",
      "ChangeMessageVisibility c 0",
    ]);
  });

  it("are all given back when looking at one fails, the unseen of its batch too: they would be hidden for five minutes", async () => {
    const { sqs, asked } = queue([["a", "b", "c"]]);
    const failing = eachMessage(sqs, "https://sqs/q", async ({ MessageId }) => {
      if (MessageId === "b") throw new Error("stop");
      return true;
    });

    expect(await failing.catch(({ message }: Error) => message)).to.equal("stop");
    expect(asked).to.deep.equal([receive, "DeleteMessage a", "ChangeMessageVisibility b 0", "ChangeMessageVisibility c 0"]);
  });

  it("end with what went wrong, also when they can't be given back", async () => {
    const { sqs } = queue([["a"]]);
    const refusing = {
      send: (command: { constructor: { name: string } }, option: unknown) =>
        command.constructor.name === "ChangeMessageVisibilityCommand"
          ? Promise.reject(new Error("denied"))
          : sqs.send(command as never, option as never),
    } as unknown as SQSClient;

    const failing = eachMessage(refusing, "https://sqs/q", () => Promise.reject(new Error("stop")));
    expect(await failing.catch(({ message }: Error) => message)).to.equal("stop");
  });

  it("are waited for until the caller's abort", async () => {
    const { signal } = new AbortController();
    const aborted = queue([]);
    await eachMessage(aborted.sqs, "https://sqs/q", async () => true, signal);
    const free = queue([]);
    await eachMessage(free.sqs, "https://sqs/q", async () => true);

    expect([aborted.options, free.options]).to.deep.equal([[{ abortSignal: signal }], [{}]]);
  });
});
