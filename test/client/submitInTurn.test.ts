import { expect } from "chai";
import type { Input } from "../../client/input";
import { clientError } from "../../client/errors";
import { submitInTurn } from "../../client/submitInTurn";
import { errorOf } from "./support";

describe("a submission in turn", () => {
  const bytes: Input = { kind: "bytes", bytes: Buffer.from("1"), contentType: "text/plain", fileName: "input" };
  const stream = (replayable: boolean): Input => ({
    kind: "stream",
    open: () => Promise.reject(new Error()),
    replayable,
    fileName: "input",
  });

  /** Submits; each step that is named in `fails` fails as often as it is named. */
  function submit(input: Input, ...fails: string[]) {
    const steps: string[] = [];
    const step = async (name: string) => {
      steps.push(name);
      if (fails.includes(name)) {
        fails.splice(fails.indexOf(name), 1);
        throw clientError("UNAVAILABLE", `${name} failed`);
      }
    };
    const place = async ({ kind }: Input) => (await step("place"), { location: "s3://service/input/a/input", hash: kind });
    const submission = {
      ...{ jobId: "a", named: true, request: { input: 1 }, maxAttempts: 3, signal: undefined },
      input: async () => (await step("read"), input),
      inTurn: async <Result>(work: () => Promise<Result>) => {
        steps.push("[");
        return work().finally(() => steps.push("]"));
      },
    };
    const clock = { sleep: async () => void steps.push("pause") };
    const sent = submitInTurn(submission, {
      ...{ clock, random: () => 1, place },
      prepare: () => step("prepare"),
      send: async (placed) => (await step("send"), placed),
    });
    return { sent, told: () => steps.join(" ") };
  }

  it("reads its input before its turn; a stream, which is as slow as its source, is placed before it as well", async () => {
    const [known, coming] = [submit(bytes), submit(stream(false))];

    expect([await known.sent, await coming.sent]).to.deep.equal([
      { location: "s3://service/input/a/input", hash: "bytes" },
      { location: "s3://service/input/a/input", hash: "stream" },
    ]);
    expect([known.told(), coming.told()]).to.deep.equal(["prepare read [ place send ]", "prepare read place [ send ]"]);
  });

  it("that fails is tried again in a turn of its own, with the input that was placed, if it was", async () => {
    const told = async (input: Input, ...fails: string[]) => {
      const { sent, told } = submit(input, ...fails);
      await sent;
      return told();
    };

    expect([
      await told(bytes, "send", "send"),
      await told(bytes, "place"),
      await told(stream(false), "prepare"),
      await told(stream(false), "send"),
      await told(stream(true), "place"),
    ]).to.deep.equal([
      "prepare read [ place send ] pause prepare [ send ] pause prepare [ send ]",
      "prepare read [ place ] pause prepare read [ place send ]",
      "prepare pause prepare read place [ send ]",
      "prepare read place [ send ] pause prepare [ send ]",
      "prepare read place pause prepare read place [ send ]",
    ]);
  });

  it("of a stream that can be read once fails when placing it does: it is half read", async () => {
    const { sent, told } = submit(stream(false), "place");

    expect((await errorOf(sent)).message).to.equal("place failed");
    expect(told()).to.equal("prepare read place");
  });
});
