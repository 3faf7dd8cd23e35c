import { InvokeCommand } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { ScaledClock, VirtualClock } from "../../../local/clock";
import type { WireResponse } from "../../../local/wire";
import { LambdaBench } from "./support";

const noon = Date.UTC(2026, 0, 25, 12);

async function invoke(bench: LambdaBench, name: string, event: unknown = {}): Promise<unknown> {
  const { Payload } = await bench.client.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) }));
  return JSON.parse(Payload?.transformToString() ?? "null") as unknown;
}

/** Resolves when the function has printed `text`. */
async function printed(bench: LambdaBench, name: string, text: string): Promise<void> {
  while (!bench.logs.read(`/aws/lambda/${name}`).some(({ message }) => message.includes(text))) await new Promise(setImmediate);
}

describe("Lambda's clock, virtual", () => {
  let bench: LambdaBench;
  let clock: VirtualClock;
  before(async () => {
    clock = new VirtualClock(noon);
    bench = await LambdaBench.start(clock, {
      sqs: async (): Promise<WireResponse> => ({
        status: 200,
        headers: { "Content-Type": "application/x-amz-json-1.0" },
        body: JSON.stringify({ QueueUrls: [] }),
      }),
    });
  });
  after(() => bench.close());

  it("moves a function's Date and timers, one after the other, as the test advances", async () => {
    await bench.deploy("sleeper", () => async () => {
      const times = [new Date().toISOString()];
      console.log("asleep");
      for (let index = 0; index < 3; index++) {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        times.push(new Date().toISOString());
      }
      return times;
    });
    const answer = invoke(bench, "sleeper");
    await printed(bench, "sleeper", "asleep");
    await clock.advance(5000);
    expect(await answer).to.deep.equal([
      "2026-01-25T12:00:00.000Z",
      "2026-01-25T12:00:01.000Z",
      "2026-01-25T12:00:02.000Z",
      "2026-01-25T12:00:03.000Z",
    ]);
  });

  it("tells a warm function the time that has passed since its last invocation", async () => {
    await bench.deploy("teller", () => async () => Date.now());
    const first = (await invoke(bench, "teller")) as number;
    await clock.advance(3_600_000);
    expect([(await invoke(bench, "teller")) as number, clock.now()]).to.deep.equal([first + 3_600_000, first + 3_600_000]);
  });

  it("ends a function at its timeout of that clock, with AWS's words, and takes the next one in a new process", async () => {
    await bench.deploy(
      "late",
      () => async (event: { wait: boolean }) => {
        console.log("waiting");
        if (event.wait) await new Promise(() => undefined);
        return process.pid;
      },
      { timeout: 1 },
    );
    const first = await invoke(bench, "late", { wait: false });
    const answer = invoke(bench, "late", { wait: true });
    await bench.until(
      (events) =>
        events.filter((event) => event.kind === "function" && event.functionName === "late" && event.change === "started").length === 2,
    );
    await clock.advance(1000);
    const failure = (await answer) as { errorType: string; errorMessage: string };
    expect([failure.errorType, failure.errorMessage.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, "<id>")]).to.deep.equal([
      "Sandbox.Timedout",
      "RequestId: <id> Error: Task timed out after 1.00 seconds",
    ]);
    const lines = bench.logs.read("/aws/lambda/late").map(({ message }) => message.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, "<id>"));
    expect(lines.filter((line) => line.includes("timed out"))).to.deep.equal([
      `${new Date(clock.now()).toISOString()} <id> Task timed out after 1.00 seconds`,
    ]);
    expect(await invoke(bench, "late", { wait: false })).not.to.equal(first);
  });

  it("lets real input and output finish, even when the clock runs past the timeout meanwhile", async () => {
    await bench.deploy(
      "patient",
      () => {
        const { SQSClient, ListQueuesCommand } = require("@aws-sdk/client-sqs") as typeof import("@aws-sdk/client-sqs");
        const sqs = new SQSClient({ requestHandler: { requestTimeout: 5000, connectionTimeout: 1000 } });
        return async () => {
          console.log("calling");
          return (await sqs.send(new ListQueuesCommand({}))).QueueUrls;
        };
      },
      { timeout: 30 },
    );
    const answer = invoke(bench, "patient");
    await printed(bench, "patient", "calling");
    await clock.advance(60_000);
    expect(await answer).to.deep.equal([]);
  });

  it("counts what is left of the timeout on that clock", async () => {
    await bench.deploy("counting", () => async (_: unknown, context: { getRemainingTimeInMillis(): number }) => {
      console.log("started");
      const before = context.getRemainingTimeInMillis();
      await new Promise((resolve) => setTimeout(resolve, 4000));
      return [before, context.getRemainingTimeInMillis()];
    });
    const answer = invoke(bench, "counting");
    await printed(bench, "counting", "started");
    await clock.advance(4000);
    expect(await answer).to.deep.equal([10_000, 6000]);
  });
});

describe("Lambda's clock, 600 times the wall's", () => {
  let bench: LambdaBench;
  before(async () => {
    bench = await LambdaBench.start(new ScaledClock(600, noon), {
      // Half a real second is five minutes of this clock.
      sqs: async (): Promise<WireResponse> => {
        await new Promise((resolve) => setTimeout(resolve, 500));
        return { status: 200, headers: { "Content-Type": "application/x-amz-json-1.0" }, body: JSON.stringify({ QueueUrls: ["q"] }) };
      },
    });
  });
  after(() => bench.close());

  it("keeps an SDK call's own time-outs on the wall's time, and everything else on the clock's", async () => {
    await bench.deploy(
      "fast",
      () => {
        const { SQSClient, ListQueuesCommand } = require("@aws-sdk/client-sqs") as typeof import("@aws-sdk/client-sqs");
        const sqs = new SQSClient({ maxAttempts: 1, requestHandler: { requestTimeout: 30_000, connectionTimeout: 1000 } });
        const patient = new SQSClient({ maxAttempts: 1 });
        return async () => {
          await patient.send(new ListQueuesCommand({}));
          const start = Date.now();
          const { QueueUrls } = await sqs.send(new ListQueuesCommand({}));
          // The answer may be read before the ticks that came with it.
          await new Promise((resolve) => setImmediate(resolve));
          const called = Date.now();
          await new Promise((resolve) => setTimeout(resolve, 60_000));
          const fetched = await fetch(process.env["AWS_ENDPOINT_URL"] ?? "").then(({ status }) => status);
          return { QueueUrls, fetched, minutes: Math.floor((called - start) / 60_000) >= 4, slept: Date.now() - called >= 60_000 };
        };
      },
      { timeout: 900 },
    );
    expect(await invoke(bench, "fast")).to.deep.equal({ QueueUrls: ["q"], fetched: 404, minutes: true, slept: true });
    const lines = bench.logs.read("/aws/lambda/fast").map(({ message }) => message.split(" ")[0]);
    expect(lines, "lines that the function didn't print").to.deep.equal(["START", "END", "REPORT"]);
  });
});
