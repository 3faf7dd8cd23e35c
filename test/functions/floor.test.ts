import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import { floorFunction, type FloorFunctionSettings } from "../../functions/floor";
import { testFloorSettings } from "../support/jobPorts";
import { startJobServices, type JobServices } from "../../doubles/jobServices";
import { deployed } from "../support/serialized";

describe("the floor function, as Lambda runs it", () => {
  let services: JobServices;
  let handler: ReturnType<typeof floorFunction>;
  let settings: FloorFunctionSettings;
  const log: string[] = [];

  before(async () => {
    services = await startJobServices();
    settings = { ...testFloorSettings, jobTableName: services.tableName };
    handler = await deployed(floorFunction, { settings, log });
  });

  beforeEach(async () => {
    log.length = 0;
    services.scalingCalls.length = 0;
    services.scalingDenied = false;
    for (const jobId of ["#floor", "#count"]) {
      await services.documents.send(new DeleteCommand({ TableName: services.tableName, Key: { jobId } }));
    }
  });

  after(() => services.close());

  const lines = () => log.map((line) => JSON.parse(line) as Record<string, unknown>);
  const count = (open: number, countedAt = new Date()) => {
    const states = { ACCEPTED: 0, INVOKING: 0, SUBMITTED: open };
    return services.putJob({ jobId: "#count", schemaVersion: 1, open, states, countedAt: countedAt.toISOString() } as never);
  };
  const set = (call: string) => call.startsWith("RegisterScalableTarget");

  it("raises the floor to what runs when somebody opens a job, and tells at once that one is open", async () => {
    await handler({ hold: true });
    await handler({ hold: true });

    expect(services.scalingCalls.map((call) => call.split(" ")[0])).to.deep.equal(["DescribeEndpoint", "RegisterScalableTarget"]);
    expect(JSON.parse((services.scalingCalls[1] as string).split(" ")[1] as string)).to.deep.equal({
      ServiceNamespace: "sagemaker",
      ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
      ResourceId: "endpoint/ocr/variant/AllTraffic",
      MinCapacity: 2,
    });
    expect(lines().flatMap((line) => line["OpenJobs"] ?? [])).to.deep.equal([1]);
    expect((await services.job("#floor"))?.state).to.equal("up");
  });

  it("sets it again each minute while jobs are counted as open", async () => {
    await count(60);
    await handler({});
    await handler({});

    expect(services.scalingCalls.filter(set).length).to.equal(2);
  });

  it("takes nothing away, and says so, when nobody has counted for minutes", async () => {
    await handler({ hold: true });
    await count(0, new Date(Date.now() - 600_000));
    await handler({});

    expect((await services.job("#floor"))?.state).to.equal("up");
    expect(lines().filter(({ level }) => level !== undefined)).to.deep.equal([
      {
        level: "warn",
        message: "open jobs not counted for 5 minutes: the endpoint's capacity stays as it is until the sweep function has counted them",
        advice: "Nothing to do where the service has just started or was interrupted. If it repeats, look into the sweep function's log.",
      },
    ]);
  });

  it("waits out the idle time when nothing is open", async () => {
    await handler({ hold: true });
    await count(0);
    await handler({});

    expect(await services.job("#floor")).to.have.property("idleSince");
    expect(services.scalingCalls.filter(set).length).to.equal(2);
  });

  it("puts the minimum right that a deployment or a schedule left, with nothing open: the GPU would run on", async () => {
    await count(0);
    await handler({});

    expect(services.scalingCalls.map((call) => call.split(" ")[0])).to.deep.equal(["DescribeScalableTargets", "RegisterScalableTarget"]);
    expect(JSON.parse((services.scalingCalls[1] as string).split(" ")[1] as string)).to.include({ MinCapacity: 0 });
  });

  it("shrinks a fleet that has been emptied, to what the held jobs need", async () => {
    const drain = { since: "2026-01-25T12:00:00.000Z", emptySince: "2026-01-25T12:01:00.000Z" };
    const floor = { jobId: "#floor", schemaVersion: 1, revision: 1, state: "up", instances: 2, setAt: "2026-01-25T12:02:00.000Z", drain };
    await services.putJob(floor as never);
    const states = { ACCEPTED: 2, INVOKING: 0, SUBMITTED: 0 };
    await services.putJob({ jobId: "#count", schemaVersion: 1, open: 2, states, countedAt: new Date().toISOString() } as never);
    const draining = await deployed(floorFunction, { settings: { ...settings, drain: true }, log });
    await draining({});

    const bounds = services.scalingCalls.filter(set).map((call) => JSON.parse(call.slice(call.indexOf(" "))) as Record<string, number>);
    expect(bounds.map(({ MinCapacity, MaxCapacity }) => [MinCapacity, MaxCapacity])).to.deep.equal([
      [1, 1],
      [1, 5],
    ]);
  });

  it("fails in the open when it may not scale: the next minute tries again", async () => {
    await count(60);
    services.scalingDenied = true;

    expect(await handler({}).catch(({ name }: Error) => name)).to.equal("AccessDeniedException");
  });
});
