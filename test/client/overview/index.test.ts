import * as autoscaling from "@aws-sdk/client-application-auto-scaling";
import * as cloudWatch from "@aws-sdk/client-cloudwatch";
import { expect } from "chai";
import type { ExplainSources } from "../../../client/explain";
import { readOverview } from "../../../client/overview";
import { serviceOutputs } from "../../support/outputs";
import { errorOf } from "../support";
import { answering } from "../explain/answering";
import { endpoint, minute } from "../explain/facts";

const service = { ...serviceOutputs, endpointName: "ocr", deadLetterQueueUrl: "https://sqs.eu-west-1.amazonaws.com/1/ocr-dead" };
const floor = { schemaVersion: 1, revision: 4, state: "up", instances: 2, setAt: minute(1), idleSince: minute(2), jobId: "#floor" };
const count = { jobId: "#count", open: 3, states: { SUBMITTED: 3 }, oldestCreatedAt: minute(-1), countedAt: minute(4), shards: 4 };
const described = { ...endpoint(), variantName: "AllTraffic" };
const target = { minCapacity: 0, maxCapacity: 5, scaleOutSuspended: false };

/** What is asked, and a source of all that there is; a test changes it. */
function sourced(changes: Partial<ExplainSources> = {}) {
  const asked: unknown[] = [];
  const items = { "#floor": floor, "#count": count } as Record<string, object>;
  const sources = {
    service,
    missingPackages: [],
    now: () => Date.parse(minute(5)),
    record: async (key: string) => items[key] ?? "missing",
    endpoint: async () => described,
    endpointConfig: async (name: string) => (asked.push(name), { instanceType: "ml.g5.2xlarge" }),
    scaling: async (variant: string) => (asked.push(variant), { target }),
    metrics: async (window: object) => (asked.push(window), { backlog: { at: minute(3), size: 2 } }),
    deadLetters: async () => 1,
    ...changes,
  } as unknown as ExplainSources;
  return { sources, asked };
}

/** CloudWatch's answers, then Application Auto Scaling's: the steps, and pages of scheduled changes. */
function connected(alarms: unknown[], scaling: unknown[]) {
  const [watch, scale] = [answering(...alarms), answering(...scaling)];
  const connections = {
    cloudWatch: { library: cloudWatch, client: watch.client },
    autoscaling: { library: autoscaling, client: scale.client },
  };
  return { connections, watched: watch.inputs, scaled: scale.inputs };
}

const denied = () => Promise.reject(Object.assign(new Error("no"), { name: "AccessDeniedException" }));
const resource = {
  ServiceNamespace: "sagemaker",
  ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
  ResourceId: "endpoint/ocr/variant/AllTraffic",
};

describe("How a service is", () => {
  it("is what is recorded, counted and watched of it, with the changes of its size", async () => {
    const dead = { AlarmName: "dead", StateValue: "OK", Dimensions: [{ Name: "QueueName", Value: "ocr-dead" }] };
    const steps = [
      {
        StartTime: new Date(minute(1)),
        EndTime: new Date(minute(2)),
        StatusCode: "Successful",
        Description: "d",
        StatusMessage: "m",
        Cause: "c",
      },
      {},
    ];
    const { connections, scaled } = connected(
      [{ MetricAlarms: [dead] }],
      [
        { ScalingActivities: steps },
        {
          ScheduledActions: [
            {
              ScheduledActionName: "warm",
              Schedule: "cron(0 8 ? * MON-FRI *)",
              Timezone: "Europe/Berlin",
              ScalableTargetAction: { MinCapacity: 1, MaxCapacity: 4 },
              StartTime: new Date(minute(0)),
              EndTime: new Date(minute(9)),
            },
          ],
          NextToken: "2",
        },
        { ScheduledActions: [{ ScheduledActionName: "cold", Schedule: "rate(1 day)" }, {}], NextToken: "3" },
        {},
      ],
    );
    const { sources, asked } = sourced();
    const { variantName: _, ...shown } = described;

    expect(await readOverview(sources, connections)).to.deep.equal({
      at: minute(5),
      endpointName: "ocr",
      endpoint: shown,
      instanceType: "ml.g5.2xlarge",
      open: { total: 3, states: { SUBMITTED: 3 }, oldestCreatedAt: minute(-1), countedAt: minute(4) },
      floor: { state: "up", instances: 2, setAt: minute(1), idleSince: minute(2) },
      target,
      steps: [
        { startedAt: minute(1), endedAt: minute(2), status: "Successful", description: "d", message: "m", cause: "c" },
        { startedAt: "1970-01-01T00:00:00.000Z", status: "", description: "", message: "", cause: "" },
      ],
      scheduled: [
        { name: "", schedule: "", timeZone: "UTC" },
        { name: "cold", schedule: "rate(1 day)", timeZone: "UTC" },
        {
          name: "warm",
          schedule: "cron(0 8 ? * MON-FRI *)",
          timeZone: "Europe/Berlin",
          minCapacity: 1,
          maxCapacity: 4,
          startsAt: minute(0),
          endsAt: minute(9),
        },
      ],
      backlog: { at: minute(3), size: 2 },
      alarms: [{ name: "dead", state: "OK", reason: "", description: "", points: [], policies: [] }],
      deadLetters: 1,
      unreadable: [],
    });
    expect(asked).to.deep.equal(["ocr-config-1", "AllTraffic", { variantName: "AllTraffic" }]);
    expect(scaled).to.deep.equal([
      { ...resource, MaxResults: 20 },
      resource,
      { ...resource, NextToken: "2" },
      { ...resource, NextToken: "3" },
    ]);
  });

  it("has metrics of the last minutes where they are asked for", async () => {
    const backlog = { MetricDataResults: [{ Id: "backlog", Timestamps: [new Date(minute(4))], Values: [2] }] };
    const { connections, watched } = connected([{}, backlog], [{}, {}]);
    const { history } = await readOverview(sourced().sources, connections, { historyMinutes: 3 });

    expect(history?.backlog).to.deep.equal([[Date.parse(minute(4)), 2]]);
    expect(watched[1]?.["StartTime"]).to.deep.equal(new Date(minute(2)));
  });

  it("is told of a service without an endpoint, a table or a dead-letter queue: nothing that needs one is asked", async () => {
    const { sources, asked } = sourced({ endpoint: async () => "missing", record: async () => "missing" });
    const { deadLetters: _, ...without } = sources;
    const { connections, scaled } = connected([{}], []);

    const bare = {
      at: minute(5),
      endpointName: "ocr",
      endpoint: "missing",
      steps: [],
      scheduled: [],
      backlog: { at: minute(3), size: 2 },
      alarms: [],
      unreadable: [],
    };
    expect(await readOverview(without, connections)).to.deep.equal(bare);
    const { record: __, ...untabled } = without;
    expect(await readOverview(untabled, connected([{}], []).connections)).to.deep.equal(bare);
    expect([asked, scaled]).to.deep.equal([[{}, {}], []]);
  });

  it("is read as far as it can be: each source that can't is named once, in the order of their names", async () => {
    const all = { record: denied, endpointConfig: denied, scaling: denied, metrics: denied, deadLetters: denied };
    const no = Object.assign(new Error("no"), { name: "AccessDeniedException" });
    const { connections } = connected([no, no], [no, no]);
    const told = await readOverview(sourced(all).sources, connections, { historyMinutes: 5 });
    const missing = told.unreadable.map(({ source }) => source);

    expect(missing).to.deep.equal(["alarms", "deadLetters", "endpointConfig", "metrics", "record", "scaling", "schedules"]);
    expect(JSON.stringify(told.unreadable[2]?.statement?.Resource)).to.match(/endpoint-config\/ocr-config-1"/);
    expect([told.endpoint === undefined, told.steps, told.scheduled, told.alarms]).to.deep.equal([false, [], [], []]);
    const blind = await readOverview(sourced({ endpoint: denied }).sources, connected([{}], []).connections);
    expect([blind.endpoint, blind.unreadable.map(({ source }) => source)]).to.deep.equal([undefined, ["endpoint"]]);
  });

  it("needs packages that explain needs", async () => {
    const { sources } = sourced({ missingPackages: ["@aws-sdk/client-sagemaker"] });

    expect(await errorOf(readOverview(sources, connected([], []).connections))).to.include({
      code: "BAD_INPUT",
      message: "overview needs the package @aws-sdk/client-sagemaker, which is not installed.",
    });
  });
});
