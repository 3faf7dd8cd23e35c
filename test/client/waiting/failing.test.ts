import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect } from "chai";
import { jsonFault } from "../../../doubles/awsProxy";
import { outcomeOf } from "../../support/steppedTime";
import { lookingFails, lookingWorksAgain } from "../../../client/waiting/waits";
import { plainReads } from "../../../client/plainItems";
import { failed, tableArn, TableBench } from "./tableBench";

describe("waiting while calls to the table fail", () => {
  const bench = new TableBench();
  const { accept, end, id, soon } = bench;

  const throttled = jsonFault(400, "ThrottlingException", "Rate exceeded");
  const broken = jsonFault(500, "InternalServerError");
  for (const [what, fault] of [
    ["throttling", throttled],
    ["server errors", broken],
    ["connections that are reset", "reset"],
  ] as const) {
    it(`outlasts a burst of ${what}`, async () => {
      await accept("own");
      await accept("foreign");
      for (const operation of ["Query", "BatchGetItem"]) bench.proxy.fail(operation, fault, 3);
      const own = outcomeOf(bench.waiter.wait(id("own"), { own: true, ...soon() }));
      const foreign = outcomeOf(bench.waiter.wait(id("foreign"), { own: false, ...soon() }));
      const ends = [await end("own"), await end("foreign")];
      await bench.time.pass(12);
      expect([own, foreign]).to.deep.equal([{ value: ends[0] }, { value: ends[1] }]);
    });
  }

  it("pauses longer and longer while nothing but errors come, and tells of them when the time is up", async () => {
    await accept("late");
    bench.proxy.fail("Query", throttled, 100);
    const settled = failed(bench.waiter.wait(id("late"), { own: true, ...soon(300) }));
    await bench.time.pass(300);

    expect(await settled).to.deep.equal({
      code: "WAIT_TIMEOUT",
      message: `The wait for the job ${id("late")} took as long as it may. The last look failed: ThrottlingException: Rate exceeded`,
      retryable: true,
      advice: "The job goes on: ask again later, with its jobId.",
      jobId: id("late"),
    });
    expect(bench.proxy.counted()["Query"]).to.be.lessThan(16);
  });

  it("logs that nothing can be asked while it is so, once, and that it works again", async () => {
    await accept("troubled");
    bench.proxy.fail("BatchGetItem", broken, 2);
    const settled = outcomeOf(bench.waiter.wait(id("troubled"), { own: false, ...soon() }));
    await bench.time.pass(12);
    const value = await end("troubled");
    await bench.time.pass(12);

    expect(settled).to.deep.equal({ value });
    expect(bench.logged.map(({ level, message, code }) => [level, message, code])).to.deep.equal([
      ["warn", lookingFails, "UNAVAILABLE"],
      ["info", lookingWorksAgain, undefined],
    ]);
  });

  const refusal = "User: arn:aws:sts::123456789012:assumed-role/app/1 is not authorized to perform";
  for (const [operation, own, resource] of [
    ["Query", true, `${tableArn}/index/ended`],
    ["BatchGetItem", false, tableArn],
  ] as const) {
    it(`names the statement to add, at once, when ${operation} is refused`, async () => {
      bench.proxy.fail(operation, jsonFault(400, "AccessDeniedException", "no"));
      const settled = failed(bench.waiter.wait(id("refused"), { own, ...soon() }));
      await bench.time.pass(1);

      expect(await settled).to.deep.equal({
        code: "ACCESS_DENIED",
        message: "AccessDeniedException: no",
        retryable: false,
        advice: `Add to the caller's role: {"Effect":"Allow","Action":"dynamodb:${operation}","Resource":"${resource}"}`,
        jobId: id("refused"),
      });
    });
  }

  it("names the key's permission when that is what lacks", async () => {
    const key = "arn:aws:kms:eu-west-1:123456789012:key/1";
    const message = `${refusal}: kms:Decrypt on resource: ${key} because no identity-based policy allows it`;
    bench.proxy.fail("Query", jsonFault(400, "AccessDeniedException", message));
    const settled = failed(bench.waiter.wait(id("key"), { own: true, ...soon() }));
    await bench.time.pass(1);

    expect((await settled)["advice"]).to.equal(`Add to the caller's role: {"Effect":"Allow","Action":"kms:Decrypt","Resource":"${key}"}`);
  });

  it("says at once that the table does not exist, or that credentials have expired", async () => {
    const elsewhere = bench.newWaiter({ tableName: "nowhere" });
    const gone = failed(elsewhere.wait(id("gone"), { own: true, ...soon() }));
    await bench.time.pass(1);
    expect((await gone)["code"]).to.equal("NOT_FOUND");

    bench.proxy.fail("Query", jsonFault(400, "ExpiredTokenException", "The security token included in the request is expired"));
    const expired = failed(bench.waiter.wait(id("expired"), { own: true, ...soon() }));
    await bench.time.pass(1);
    const { code, advice } = await expired;
    expect({ code, advice }).to.deep.equal({
      code: "ACCESS_DENIED",
      advice: "Sign in, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    });
  });

  it("gives a call up that is never answered, and makes it again", async () => {
    await accept("silent");
    const deaf = new DynamoDBClient({ endpoint: bench.proxy.url, maxAttempts: 1 });
    const patient = bench.newWaiter({ items: plainReads(deaf) });
    const received = new Promise<void>((resolve) => {
      deaf.middlewareStack.add(
        (next) => (args) => {
          resolve();
          return next(args);
        },
        { step: "initialize" },
      );
    });
    bench.proxy.fail("Query", "silence");
    const settled = patient.wait(id("silent"), { own: true, ...soon() });
    await bench.time.advance(0);
    await received;
    const value = await end("silent");
    await bench.time.advance(9_900);
    expect(bench.proxy.calls.filter((operation) => operation === "Query").length).to.be.lessThan(2);
    const ticking = setInterval(() => void bench.time.advance(100), 5);

    expect(await settled).to.deep.equal(value);
    clearInterval(ticking);
    patient.close();
    deaf.destroy();
  });
});
