import { GetFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { VirtualClock, WallClock, type Clock } from "../../../local/clock";
import type { ServiceFaultKind } from "../../../local/faults/kinds";
import type { ServiceFault } from "../../../local/faults/plan";
import { passTime } from "../../support/passTime";
import { CloudUnderTest, ServiceUnderTest } from "../../support/service";

const fault = (kind: ServiceFaultKind, atSeconds: number, changes: Partial<ServiceFault> = {}): ServiceFault => ({
  kind,
  atSeconds,
  durationSeconds: 20,
  minutes: 15,
  ...changes,
});

describe("faults of the service as a whole on the embedded cloud", () => {
  async function started(clock: Clock, faults: ServiceFault[]) {
    const cloud = await CloudUnderTest.start({ clock, faults: { seed: 1, jobs: 1, faults } });
    return { cloud, service: await ServiceUnderTest.follow(cloud, await cloud.deployOwn()) };
  }
  const happened = (cloud: CloudUnderTest, kind: ServiceFaultKind) =>
    cloud.event((event) => event.kind === "fault" && event.fault === kind);

  it("leave no job open: clocks a quarter of an hour off, two sweepers, an update and a deployment in the middle", async () => {
    const clock = new VirtualClock();
    // Some fifty times the wall's pace, and less on a busy machine: its functions are given the time that they need.
    await passTime(clock, leavesNoneOpen(clock), 0.3);
  });

  async function leavesNoneOpen(clock: Clock): Promise<void> {
    const { cloud, service } = await started(clock, [
      fault("clock-skew", 0, { function: "submit" }),
      fault("clock-skew", 0, { function: "result", minutes: 1 }),
      fault("two-sweepers", 60),
      fault("endpoint-updating", 70),
      fault("deployment", 120),
    ]);
    try {
      await happened(cloud, "clock-skew");
      const FunctionName = service.outputs.submitFunctionName;
      const revision = async () => (await cloud.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))).RevisionId;
      const first = await revision();
      // No job may end by them.
      const bounds = { requestTtlSeconds: 600, invocationTimeoutSeconds: 600 };
      const submit = async (jobId: string) => {
        const { error } = await service.submit({ jobId, input: { text: jobId }, ...bounds });
        expect(error?.retryable ?? true, `${jobId}: ${error?.message}`).to.equal(true);
      };
      const from = clock.now();
      await submit("first");
      const submitted = { from, until: clock.now() };
      await happened(cloud, "endpoint-updating");
      await submit("second");
      await happened(cloud, "deployment");
      expect(await revision(), "a deployment is an update, as AWS has it").to.not.equal(first);
      await submit("third");
      const ended = await Promise.all(["first", "second", "third"].map((jobId) => service.end(jobId)));

      expect(ended.map(({ jobId, state }) => `${jobId} ${state}`)).to.deep.equal([
        "first COMPLETED",
        "second COMPLETED",
        "third COMPLETED",
      ]);
      const kinds = new Set(cloud.events.flatMap((event) => (event.kind === "fault" ? [event.fault] : [])));
      expect([...kinds].sort()).to.deep.equal(["clock-skew", "deployment", "endpoint-updating", "two-sweepers"]);
      // The clock of the function that accepted it was a quarter of an hour ahead.
      const ahead = Date.parse(ended[0]?.createdAt as string) - 900_000;
      expect(ahead).to.be.within(submitted.from, submitted.until);
    } finally {
      await cloud.close();
    }
  }

  it("shift a function's clock on the wall's time too", async () => {
    const { cloud, service } = await started(new WallClock(), [fault("clock-skew", 0, { function: "submit", minutes: -15 })]);
    try {
      await happened(cloud, "clock-skew");
      await service.submit({ jobId: "behind", input: { text: "hello" } });
      const { state, createdAt, receivedAt } = await service.end("behind");

      expect(state).to.equal("COMPLETED");
      expect(Date.parse(receivedAt as string) - Date.parse(createdAt)).to.be.within(900_000, 960_000);
    } finally {
      await cloud.close();
    }
  });
});
