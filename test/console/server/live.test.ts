import { expect } from "chai";
import { costOf, filled } from "../../../console/server/live";
import type { StreamMessages } from "../../../console/contract";
import { endStandInJob, standInJob, standInService, type StandIn } from "../../../doubles/consoleService";

/** What a page hears, and the first message that is as wanted. */
function listen(standIn: StandIn) {
  const heard: [string, unknown][] = [];
  let look = () => undefined as void;
  const stop = standIn.service.live.listen((event, message) => {
    heard.push([event, message]);
    look();
  });
  const next = <Name extends keyof StreamMessages>(event: Name, wanted: (message: StreamMessages[Name]) => boolean = () => true) =>
    new Promise<StreamMessages[Name]>((resolve) => {
      const isIt = (entry: [string, unknown]): entry is [Name, StreamMessages[Name]] =>
        entry[0] === event && wanted(entry[1] as StreamMessages[Name]);
      look = () => {
        const found = heard.find(isIt);
        if (found) resolve(found[1]);
      };
      look();
    });
  return { heard, next, stop };
}

describe("what pages of the console are told", () => {
  let standIn: StandIn;
  beforeEach(() => {
    standIn = standInService({ jobs: 20, overview: 20 });
    const now = Date.now();
    for (let index = 0; index < 3; index++) standIn.jobs.push(standInJob(`job-${index}`, now - 5000 + index));
  });
  afterEach(() => standIn.service.live.close());

  it("is each job once, and then only what has changed, with the code of what failed", async () => {
    const { next, heard } = listen(standIn);
    const first = await next("jobs");
    endStandInJob(standIn.jobs[1] as never, Date.now(), "FAILED");
    standIn.service.live.nudge();
    const second = await next("jobs", ({ changed }) => changed.some(({ state }) => state === "FAILED"));

    expect(first.changed.map(({ jobId }) => jobId)).to.deep.equal(["job-2", "job-1", "job-0"]);
    expect(second.changed.map(({ jobId, code }) => [jobId, code])).to.deep.equal([["job-1", "MODEL_ERROR"]]);
    expect(heard.filter(([event]) => event === "jobs")).to.have.lengthOf(2);
  });

  it("counts the open jobs exactly while all of them are followed, and what ended in the last minute", async () => {
    endStandInJob(standIn.jobs[0] as never, Date.now());
    endStandInJob(standIn.jobs[1] as never, Date.now(), "CANCELLED");
    const { next } = listen(standIn);
    const { open, perMinute } = await next("overview", (message) => message.perMinute.completed === 1);

    expect(open).to.deep.include({ total: 1, states: { SUBMITTED: 1 }, isExact: true });
    expect(perMinute).to.deep.equal({ completed: 1, failed: 0, cancelled: 1 });
  });

  it("counts them as the sweep does where there are more than are followed", async () => {
    for (let index = 0; index < 400; index++) standIn.jobs.push(standInJob(`more-${index}`, Date.now()));
    standIn.overview.open = { total: 403, states: { SUBMITTED: 403 }, countedAt: new Date().toISOString() };
    const { next } = listen(standIn);

    expect((await next("overview", ({ open }) => !open.isExact && open.total > 0)).open).to.deep.equal({
      total: 403,
      states: { SUBMITTED: 403 },
      isExact: false,
    });
  });

  it("is read for nobody: with the last page the reading ends", async () => {
    const { next, stop } = listen(standIn);
    await next("overview");
    stop();
    await standIn.service.live.close();
    const { listed } = standIn;
    standIn.service.live.nudge();
    await new Promise((resolve) => setImmediate(resolve));

    expect(standIn.listed).to.equal(listed);
  });

  it("has new metrics as soon as the service's time has jumped ahead, not half a minute later", async () => {
    const { client } = standIn.service;
    let [at, reads] = [Date.now(), 0];
    const history = () => ({ backlog: [], instances: [], failed: [], open: [], completed: [[at - 60_000, ++reads]] });
    const overview = async ({ historyMinutes }: { historyMinutes?: number } = {}) => ({
      ...standIn.overview,
      at: new Date(at).toISOString(),
      ...(historyMinutes !== undefined && { history: history() }),
    });
    Object.assign(client, { overview, serviceTime: async () => new Date(at) });
    const { next } = listen(standIn);
    expect((await next("series")).completed).to.deep.equal([[at - 60_000, 1]]);
    at += 600_000;
    const { completed } = await next("series", (message) => message.completed.some(([time]) => time === at - 60_000));

    expect(completed).to.deep.equal([[at - 60_000, 2]]);
  });

  it("says that something could not be read, and goes on", async () => {
    const { client } = standIn.service;
    const overview = client.overview.bind(client);
    let fails = true;
    Object.assign(client, { overview: () => (fails ? Promise.reject(new Error("throttled")) : overview()) });
    const { next } = listen(standIn);
    expect(await next("problem")).to.deep.equal({ message: "throttled" });
    fails = false;
    await next("overview");
  });
});

describe("a line of a chart", () => {
  it("has CloudWatch's points where no page was open, and those that pages saw where one was", () => {
    const minutes = (...points: [minute: number, value: number][]) => points.map(([minute, value]) => [minute * 60_000, value] as const);
    const own = minutes([10, 1], [10.5, 2], [40, 5]);
    const others = minutes([8, 7], [10, 8], [11, 9], [12, 3], [39.5, 4], [41.5, 6]);

    expect(filled(own, others)).to.deep.equal(minutes([8, 7], [10, 1], [10.5, 2], [12, 3], [40, 5], [41.5, 6]));
  });
});

describe("what a service has cost", () => {
  it("is its instances' minutes, and idle are those in which no job was open", () => {
    const minute = (index: number) => 1_769_335_200_000 + index * 60_000;
    const instances = [0, 1, 2, 3].map((index) => [minute(index), 2] as const);
    const open = [
      [minute(0), 5],
      [minute(1), 1],
      [minute(2), 0],
      [minute(3), 0],
    ] as const;

    expect(costOf({ instances, open: [...open] }, 1.5)).to.deep.equal({
      instanceHours: 8 / 60,
      idleHours: 4 / 60,
      hours: 3 / 60 + 1 / 60,
      pricePerHourUsd: 1.5,
    });
    expect(costOf({ instances: [], open: [] }, undefined)).to.deep.equal({ instanceHours: 0, idleHours: 0, hours: 0 });
  });
});
