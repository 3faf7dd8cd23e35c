import { InvokeCommand } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { floorCall, type LambdaService } from "../../aws/floorCall";
import type { Jobs } from "../../core/ports";
import { floorKey } from "../../core/records/items";

const start = Date.parse("2026-01-25T22:46:00.000Z");
const since = "2026-01-25T22:40:00.000Z";
const up = (more: object = {}) => ({ state: "up", setAt: new Date(start).toISOString(), ...more });

describe("the floor as who submits uses it", () => {
  /** @param floor what the table has, or how reading it fails */
  function calling(floor: () => unknown, answer: () => Promise<unknown> = () => Promise.resolve()) {
    const logged: unknown[] = [];
    const sent: unknown[] = [];
    let reads = 0;
    let now = start;
    const get = async (key: string) => {
      expect(key).to.equal(floorKey);
      reads++;
      return floor();
    };
    const lambda = () => ({
      library: { InvokeCommand },
      client: {
        send: (command: { input: unknown }, options: { abortSignal: AbortSignal }) => {
          sent.push({ ...(command.input as object), isBounded: options.abortSignal instanceof AbortSignal });
          return answer();
        },
      },
    });
    const ports = { jobs: { get } as unknown as Jobs, clock: { now: () => now }, log: (line: unknown) => void logged.push(line) };
    const floorPort = floorCall(ports, "ocr-floor", lambda as unknown as () => LambdaService);
    return {
      isUp: () => floorPort.isUp(),
      hold: () => floorPort.hold(),
      ...{ logged, sent, reads: () => reads, pass: (seconds: number) => (now += seconds * 1000) },
    };
  }
  const call = { FunctionName: "ocr-floor", Payload: '{"hold":true}', isBounded: true };

  it("is read, and nobody is called, where instances stay as it is", async () => {
    const { isUp, hold, sent, reads } = calling(up);

    expect([await isUp(), await hold(), sent]).to.deep.equal([true, undefined, []]);
    expect(reads()).to.equal(1);
  });

  it("is gone by for five seconds, so that a thousand jobs cost one reading", async () => {
    const { isUp, reads, pass } = calling(up);
    await isUp();
    pass(4.999);
    await isUp();
    expect(reads()).to.equal(1);
    pass(0.001);
    await isUp();
    expect(reads()).to.equal(2);
  });

  it("has the floor function called where there is none, it is down, or nobody looks after it", async () => {
    const old = { state: "up", setAt: new Date(start - 3_600_000).toISOString() };
    for (const floor of [undefined, { ...up(), state: "down" }, old]) {
      const { isUp, hold, sent, logged } = calling(() => floor);
      expect([await isUp(), await hold(), sent, logged]).to.deep.equal([false, undefined, [call], []]);
    }
  });

  it("says since when new jobs are held while the fleet is emptied, and is read each time until that ends", async () => {
    const { isUp, hold, sent, reads } = calling(() => up({ drain: { since } }));

    expect([await isUp(), await hold(), await hold(), sent]).to.deep.equal([false, since, since, []]);
    expect(reads()).to.equal(3);
  });

  it("costs no job when it can't be read or raised: that is logged, and the job goes on", async () => {
    const failing = calling(() => Promise.reject(new RangeError("away")));
    expect([await failing.isUp(), await failing.hold(), failing.sent]).to.deep.equal([false, undefined, []]);
    expect(failing.logged).to.deep.equal([
      { level: "warn", message: "floor not read", reason: "RangeError" },
      { level: "warn", message: "floor not raised", reason: "RangeError" },
    ]);

    const refused = calling(
      () => undefined,
      () => Promise.reject(new TypeError("no")),
    );
    expect([await refused.hold(), refused.sent]).to.deep.equal([undefined, [call]]);
    expect(refused.logged).to.deep.equal([{ level: "warn", message: "floor not raised", reason: "TypeError" }]);
  });
});
