import { expect } from "chai";
import {
  requireEnvironment,
  requireHandlerName,
  requireLambdaBounds,
  requireQueueArgs,
  requireServiceName,
} from "../../components/nameChecks";

function messageOf(run: () => void): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

describe("names and bounds that AWS would refuse minutes later", () => {
  it("are refused for a service and a handler, with room for what is added to them", () => {
    expect(["a", "a-1", "A".repeat(40)].map((name) => messageOf(() => requireServiceName(name)))).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
    const service = "at most 40 letters, digits and single hyphens, starting with a letter";
    for (const name of ["", "1a", "a--b", "a-", "-a", "a_b", "a b", "A".repeat(41)]) {
      expect(messageOf(() => requireServiceName(name))).to.equal(`"${name}" can't be set up:\n  name: got "${name}", expected ${service}`);
    }
    const full = "h".repeat(52);
    expect(messageOf(() => requireHandlerName(full, `ocr-${full}`))).to.equal(undefined);
    expect(messageOf(() => requireHandlerName(`${full}h`, `ocr-${full}h`))).to.equal(
      `"${full}h" can't be set up:\n  name: got "${full}h", expected letters, digits and single hyphens, starting with a letter; ` +
        "with the service's, 4 to 56 characters in all",
    );
  });

  it("are refused for a function: both, at both ends", () => {
    const of = (timeoutSeconds: number, memoryMb: number) => messageOf(() => requireLambdaBounds("store", { timeoutSeconds, memoryMb }));

    expect([of(1, 128), of(900, 10_240)]).to.deep.equal([undefined, undefined]);
    for (const [timeoutSeconds, memoryMb] of [
      [0, 127],
      [901, 10_241],
      [1.5, 128.5],
    ] as const) {
      expect(of(timeoutSeconds, memoryMb)).to.equal(
        `function "store" can't be set up:\n` +
          `  timeoutSeconds: got ${timeoutSeconds}, expected a whole number from 1 to 900\n` +
          `  memoryMb: got ${memoryMb}, expected a whole number from 128 to 10240`,
      );
    }
  });

  it("are refused for a handler's variables, whose text Lambda counts as JSON: together with the handler's own", () => {
    const own = { HANDLER_NAME: "shop/prod/store" };
    // {"HANDLER_NAME":"shop/prod/store"} has 34 bytes, ,"TEXT":"" has 10.
    const of = (TEXT: unknown) => messageOf(() => requireEnvironment("store", { TEXT }, own));
    const refusal = (bytes: number) =>
      `function "store" can't be set up:\n  environment: got ${bytes} bytes of names and values as JSON, expected at most 4062: Lambda takes ` +
      "4096, and the handler's own variables need the rest. Put what is long into an object in S3 or a parameter, and name that here";

    expect([of("x".repeat(4052)), of('"'.repeat(2026)), of("ü".repeat(2026)), of(Promise.resolve("x".repeat(5000)))]).to.deep.equal(
      Array.from({ length: 4 }, () => undefined),
    );
    expect(of("x".repeat(4053))).to.equal(refusal(4063));
    expect([of('"'.repeat(2027)), of("ü".repeat(2027))]).to.deep.equal([refusal(4064), refusal(4064)]);
  });

  it("are refused for a queue of job events, all together", () => {
    const of = (args: Parameters<typeof requireQueueArgs>[1], name = "orders") => messageOf(() => requireQueueArgs(name, args));

    expect(of({})).to.equal(undefined);
    expect(of({ states: ["COMPLETED", "FAILED"], visibilityTimeoutSeconds: 0, maxReceiveCount: 1 })).to.equal(undefined);
    expect(of({ visibilityTimeoutSeconds: 43_200, maxReceiveCount: 1000 }, "q".repeat(59))).to.equal(undefined);
    expect(of({ states: [], visibilityTimeoutSeconds: 43_201, maxReceiveCount: 0 })).to.equal(
      `queue "orders" can't be set up:\n` +
        "  states: got [], expected a list of one or more of COMPLETED, FAILED, EXPIRED, CANCELLED\n" +
        "  visibilityTimeoutSeconds: got 43201, expected a whole number from 0 to 43200\n" +
        "  maxReceiveCount: got 0, expected a whole number from 1 to 1000",
    );
    expect(of({ states: ["COMPLETED", "OPEN"] })).to.equal(
      `queue "orders" can't be set up:\n  states: got ["COMPLETED","OPEN"], expected a list of one or more of COMPLETED, FAILED, EXPIRED, CANCELLED`,
    );
    const long = "q".repeat(60);
    expect(of({}, long)).to.equal(
      `"${long}" can't be set up:\n  name: got "${long}", expected at most 59 letters, digits and single hyphens, starting with a letter`,
    );
  });
});
