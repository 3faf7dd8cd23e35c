import * as library from "@aws-sdk/client-sfn";
import { expect } from "chai";
import { stepFunctionsTasks } from "../../aws/stepFunctions";

describe("tasks of Step Functions", () => {
  const log: unknown[] = [];
  const calls: object[] = [];
  let refusal: string | undefined;
  const client = {
    send: async ({ input }: { input: object }) => {
      calls.push(input);
      if (refusal !== undefined) throw Object.assign(new Error("no"), { name: refusal });
    },
  } as unknown as library.SFNClient;
  const tasks = stepFunctionsTasks(
    () => ({ library, client }),
    (line) => log.push(line),
  );

  beforeEach(() => {
    refusal = undefined;
    calls.length = log.length = 0;
  });

  it("are answered in its words", async () => {
    await tasks.succeed("t", { jobId: "a" });
    await tasks.fail("t", { error: "MODEL_ERROR", cause: "{}" });
    await tasks.beat("t");

    expect(calls).to.deep.equal([
      { taskToken: "t", output: '{"jobId":"a"}' },
      { taskToken: "t", error: "MODEL_ERROR", cause: "{}" },
      { taskToken: "t" },
    ]);
  });

  for (const code of ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"]) {
    it(`may be over already: ${code} is no failure, which would be tried again and end in the dead letters`, async () => {
      refusal = code;

      await tasks.succeed("t", {});

      expect(log).to.deep.equal([{ level: "info", message: "no task waits", code }]);
    });
  }

  it("are tried again when they could not be answered", async () => {
    refusal = "ThrottlingException";

    const error: unknown = await tasks.beat("t").catch((reason: unknown) => reason);

    expect((error as Error).name).to.equal("ThrottlingException");
  });
});
