import { expect } from "chai";
import { VirtualClock } from "../../local/clock";
import type { CloudEvent } from "../../local/ports";
import { CloudUnderTest, ServiceUnderTest } from "../support/service";
import { passTime } from "../support/passTime";

describe("What takes the cloud minutes and hours", () => {
  let clock: VirtualClock;
  let cloud: CloudUnderTest;
  let service: ServiceUnderTest;

  // One service for all: it sleeps first, and then has seven jobs that never end.
  before(async () => {
    clock = new VirtualClock(Date.UTC(2026, 0, 25, 12));
    cloud = await CloudUnderTest.start({ clock });
    const outputs = await passTime(clock, cloud.deployOwn({ "sagemaker-async-inference:scaleInCooldownSeconds": "120" }), 0.1);
    service = await ServiceUnderTest.follow(cloud, outputs);
  });
  after(() => cloud.close());

  const capacity = (count: number) => (event: CloudEvent) => event.kind === "capacity" && event.desiredInstanceCount === count;

  it("sleeps at zero when nothing is open, and wakes for the first job", async () => {
    await passTime(clock, cloud.event(capacity(0)), 10);
    await passTime(
      clock,
      cloud.event((event) => event.kind === "instance" && event.change === "stopped"),
      1,
    );
    const asleep = await service.submit({ jobId: "wake-1", input: { text: "up" } });
    const woken = await passTime(clock, cloud.event(capacity(1)), 10);
    const job = await passTime(clock, service.end("wake-1"), 0.1);

    expect([asleep.statusCode, asleep.state, job.state]).to.deep.equal([202, "SUBMITTED", "COMPLETED"]);
    expect(woken.kind === "capacity" && woken.cause).to.equal("minimum capacity was set to 1");
  });

  it("leaves a job SUBMITTED when its request expired in the queue, until the sweeper comes", async () => {
    const submit = (jobId: string, seconds: number) => service.submit({ jobId, input: { model: "hang" }, requestTtlSeconds: seconds });
    // The default lets four run at a time.
    for (const jobId of ["hold-1", "hold-2", "hold-3", "hold-4"]) await submit(jobId, 21_600);
    await submit("late-1", 60);
    await passTime(
      clock,
      cloud.event((event) => event.kind === "invocation" && event.change === "expired"),
      5,
    );

    expect(service.invocations("late-1")).to.deep.equal(["1.late-1 queued", "1.late-1 expired"]);
    expect((await service.record("late-1"))?.state).to.equal("SUBMITTED");
  });

  it("scales out by the policy that the program declares: another target, another fleet", async () => {
    const hold = async (held: ServiceUnderTest) => {
      for (let n = 1; n <= 7; n++) await held.submit({ jobId: `hold-${n}`, input: { model: "hang" } });
    };
    const before = cloud.events.length;
    const eagerClock = new VirtualClock(clock.now());
    const eager = await CloudUnderTest.start({ clock: eagerClock });
    const settings = { "sagemaker-async-inference:targetBacklogPerInstance": "1" };
    await hold(await ServiceUnderTest.follow(eager, await passTime(eagerClock, eager.deployOwn(settings), 0.1)));
    await hold(service);
    const grown = await passTime(
      eagerClock,
      eager.event((event) => event.kind === "capacity" && event.desiredInstanceCount > 1),
      10,
    );
    await passTime(clock, clock.advance(eagerClock.now() - clock.now()), 1);
    await eager.close();

    expect(grown.kind === "capacity" && grown.desiredInstanceCount).to.equal(3);
    expect(cloud.events.slice(before).filter(({ kind }) => kind === "capacity")).to.deep.equal([]);
  });

  it("follows the alarms that programs declare, each by its own threshold", async () => {
    const alarms = await Promise.all(["failures", "all"].map((stack) => cloud.deployFixture("consumer", stack)));
    const [low, high] = alarms.map(({ alarmName }) => alarmName as string);
    for (let n = 1; n <= 7; n++) await service.submit({ jobId: `hold-${n}`, input: { model: "hang" } });
    const raised = (name?: string) => (event: CloudEvent) => event.kind === "alarm" && event.alarmName === name && event.state === "ALARM";
    await passTime(clock, cloud.event(raised(low)), 10);
    await clock.advance(60_000);

    expect(cloud.events.filter(raised(high))).to.deep.equal([]);
  });
});
