import { expect } from "chai";
import { readFileSync } from "node:fs";
import path from "node:path";
import { Observability, type ObservabilityArgs } from "../../components/observability";
import { testCloud, type TestCloud } from "../local/cloudwatch/cloud";
import { deploy } from "../../doubles/deploy";
import { root } from "../../doubles/program";
import { graphOf, inputsOf } from "../support/readable";

const args: ObservabilityArgs = {
  endpointName: "ocr",
  region: "us-east-1",
  accountId: "000000000000",
  partition: "aws",
  deadLetterQueueName: "ocr-dead-letters",
  alarmsEnabled: true,
  dashboardEnabled: true,
  alarmEmails: ["a@example.com"],
  requestTtlSeconds: 3600,
  invocationTimeoutSeconds: 600,
  minCapacity: 1,
  warmHours: [],
  warmMinCapacity: 1,
  warmTimeZone: "UTC",
  idleSeconds: 600,
  instanceType: "ml.g5.2xlarge",
  maxConcurrentInvocationsPerInstance: 2,
};
const alarmType = "aws:cloudwatch/metricAlarm:MetricAlarm";
const topicArn = "arn:aws:sns:eu-west-1:123456789012:ocr-alarms-0a1b2c3";

const endpoint = { EndpointName: "ocr" };
const variant = { ...endpoint, VariantName: "AllTraffic" };
const own = "SageMakerAsyncInference";

/** A datapoint of a minute. */
type Point = [namespace: string, metricName: string, dimensions: Record<string, string>, value: number];

const counted: Point = [own, "OldestOpenJobSeconds", endpoint, 0];

/** What raises each alarm, minute by minute, and what comes just short of it. */
const cases: Record<string, { minutes: number; raises: Point[]; doesNot: Point[] }> = {
  "oldest-job": {
    minutes: 1,
    raises: [["AWS/SageMaker", "ApproximateAgeOfOldestRequest", endpoint, 1800]],
    doesNot: [
      ["AWS/SageMaker", "ApproximateAgeOfOldestRequest", endpoint, 1799],
      [own, "OldestOpenJobSeconds", endpoint, 2399],
    ],
  },
  "failure-rate": {
    minutes: 1,
    raises: [
      [own, "JobsFailed", endpoint, 3],
      [own, "JobsCompleted", endpoint, 27],
    ],
    doesNot: [
      [own, "JobsFailed", endpoint, 3],
      [own, "JobsCompleted", endpoint, 28],
    ],
  },
  "only-failures": {
    minutes: 3,
    raises: [["AWS/SageMaker", "InvocationFailures", variant, 1]],
    doesNot: [
      ["AWS/SageMaker", "InvocationFailures", variant, 1],
      [own, "JobsCompleted", endpoint, 1],
    ],
  },
  "dead-letters": {
    minutes: 1,
    raises: [["AWS/SQS", "ApproximateNumberOfMessagesVisible", { QueueName: "ocr-dead-letters" }, 1]],
    doesNot: [["AWS/SQS", "ApproximateNumberOfMessagesVisible", { QueueName: "another" }, 1]],
  },
  expired: {
    minutes: 1,
    raises: [["AWS/SageMaker", "ExpiredRequests", variant, 1]],
    doesNot: [["AWS/SageMaker", "ExpiredRequests", variant, 0]],
  },
  "notification-failures": {
    minutes: 1,
    raises: [["AWS/SageMaker", "NotificationFailures", variant, 1]],
    doesNot: [["AWS/SageMaker", "NotificationFailures", variant, 0]],
  },
  "backlog-without-capacity": {
    minutes: 30,
    raises: [["AWS/SageMaker", "HasBacklogWithoutCapacity", endpoint, 1]],
    doesNot: [["AWS/SageMaker", "HasBacklogWithoutCapacity", endpoint, 0]],
  },
  "awake-with-nothing-open": {
    minutes: 40,
    raises: [
      [own, "OpenJobs", endpoint, 0],
      ["/aws/sagemaker/Endpoints", "CPUUtilization", variant, 3],
      ["/aws/sagemaker/Endpoints", "CPUUtilization", variant, 2],
    ],
    doesNot: [
      [own, "OpenJobs", endpoint, 0],
      ["/aws/sagemaker/Endpoints", "CPUUtilization", variant, 3],
    ],
  },
  "sweeper-silent": { minutes: 5, raises: [], doesNot: [counted] },
};

describe("Observability", () => {
  it("is nothing unless it is asked for", async () => {
    const deployment = await deploy(() => void new Observability("ocr", { ...args, alarmsEnabled: false, dashboardEnabled: false }));

    expect(graphOf(deployment)).to.deep.equal([]);
  });

  it("is one topic for every alarm, which CloudWatch of this account alone may publish to, and a dashboard", async () => {
    const deployment = await deploy(() => void new Observability("ocr", args));

    expect(graphOf(deployment)).to.deep.equal([
      "aws:cloudwatch/dashboard:Dashboard ocr",
      ...Object.keys(cases)
        .sort()
        .map((key) => `${alarmType} ocr-${key}`),
      "aws:sns/topic:Topic ocr-alarms",
      "aws:sns/topicPolicy:TopicPolicy ocr-alarms",
      "aws:sns/topicSubscription:TopicSubscription ocr-alarms-a@example.com",
    ]);
    expect(await inputsOf(deployment, "aws:sns/topicPolicy:TopicPolicy", "ocr-alarms")).to.deep.equal({
      arn: topicArn,
      policy: {
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "AlarmsPublish",
            Effect: "Allow",
            Principal: { Service: "cloudwatch.amazonaws.com" },
            Action: "sns:Publish",
            Resource: topicArn,
            Condition: {
              StringEquals: { "aws:SourceAccount": "000000000000" },
              ArnLike: { "aws:SourceArn": "arn:aws:cloudwatch:us-east-1:000000000000:alarm:*" },
            },
          },
          {
            Sid: "TlsOnly",
            Effect: "Deny",
            Principal: "*",
            Action: "sns:Publish",
            Resource: topicArn,
            Condition: { Bool: { "aws:SecureTransport": "false" } },
          },
        ],
      },
    });
  });

  it("sends alarms to the user's own topic, which stays as it is", async () => {
    const alarmTopicArn = "arn:aws:sns:us-east-1:000000000000:ops";
    const deployment = await deploy(() => void new Observability("ocr", { ...args, alarmTopicArn, alarmEmails: [] }));

    expect(graphOf(deployment).filter((resource) => resource.startsWith("aws:sns/"))).to.deep.equal([]);
    for (const key of Object.keys(cases)) {
      expect(await inputsOf(deployment, alarmType, `ocr-${key}`), key).to.deep.include({
        alarmActions: [alarmTopicArn],
        okActions: [alarmTopicArn],
      });
    }
  });

  it("says in each alarm what to do, under a heading of the runbook that exists", async () => {
    const deployment = await deploy(() => void new Observability("ocr", { ...args, idleSpendAlarmUsdPerDay: 1 }));
    const runbook = readFileSync(path.join(root, "docs/runbook.md"), "utf8");
    const headings = [...runbook.matchAll(/^## (.+)$/gm)].map((match) => match[1] as string);

    expect([...headings].sort()).to.deep.equal([...Object.keys(cases), "idle-spend"].sort());
    for (const key of headings) {
      const { alarmDescription } = await inputsOf(deployment, alarmType, `ocr-${key}`);
      expect(alarmDescription).to.match(new RegExp(`\\. What to do: docs/runbook\\.md#${key}$`));
    }
  });

  describe("on CloudWatch, in virtual time", () => {
    let cloud: TestCloud;
    beforeEach(async () => {
      cloud = await testCloud();
      await watch(args);
    });
    afterEach(() => cloud.close());

    async function watch(args: ObservabilityArgs): Promise<void> {
      const deployment = await deploy(() => void new Observability("ocr", args));
      for (const { type, name, inputs } of deployment.resources) {
        if (type === alarmType) await cloud.create(type, name, inputs);
      }
    }
    const states = () =>
      cloud.cloudWatch.alarms().map(({ alarm, state }) => [alarm.alarmName.replace(/^ocr-(.*)-[0-9a-f]{7}$/, "$1"), state]);
    async function minutes(count: number, points: readonly Point[]): Promise<void> {
      for (let minute = 0; minute < count; minute++) {
        const timestamp = cloud.clock.now();
        cloud.cloudWatch.put(
          points.map(([namespace, metricName, dimensions, value]) => ({
            namespace,
            metricName,
            dimensions,
            value,
            unit: "None",
            timestamp,
          })),
        );
        await cloud.minutes(1);
      }
    }

    it("raises oldest-job also for a job that no request waits of: the endpoint refuses it, or its end is in doubt", async () => {
      await minutes(16, [[own, "OldestOpenJobSeconds", endpoint, 2400]]);

      expect(states().filter(([, state]) => state === "ALARM")).to.deep.equal([["oldest-job", "ALARM"]]);
    });

    it("says when instances without work have cost their limit in a day, and not while they work", async () => {
      const instance: Point = ["/aws/sagemaker/Endpoints", "CPUUtilization", variant, 2];
      const raised = () => states().some(([name, state]) => name === "idle-spend" && state === "ALARM");
      await cloud.close();
      cloud = await testCloud();
      // An hour of 1.515 dollars is 39.6 minutes for one.
      await watch({ ...args, minCapacity: 5, idleSpendAlarmUsdPerDay: 1 });
      // Two requests at a time, each for a minute of the minute.
      await minutes(60, [counted, instance, ...[1, 2].map((): Point => ["AWS/SageMaker", "TotalProcessingTime", variant, 60_000])]);
      await minutes(39, [counted, instance]);
      expect(raised()).to.equal(false);
      await minutes(4, [counted, instance]);
      expect(raised()).to.equal(true);
      expect(states().filter(([, state]) => state === "ALARM")).to.deep.equal([["idle-spend", "ALARM"]]);
    });

    it("asks what it says it does, and each query names itself in the console", async () => {
      const warm = { warmHours: ["mon 08:00-09:00"], minCapacity: 1, warmMinCapacity: 3, idleSpendAlarmUsdPerDay: 5 };
      const deployment = await deploy(() => void new Observability("ocr", { ...args, ...warm }));
      const queries = async (key: string) =>
        ((await inputsOf(deployment, alarmType, `ocr-${key}`))["metricQueries"] ?? []) as {
          id: string;
          label?: string;
          expression?: string;
          metric?: { namespace: string; metricName: string; stat: string };
        }[];
      const idle = await queries("awake-with-nothing-open");
      expect(idle.map(({ id, metric }) => [id, metric?.namespace, metric?.metricName, metric?.stat].join(" ").trim())).to.deep.equal([
        "open SageMakerAsyncInference OpenJobs Maximum",
        "backlog AWS/SageMaker ApproximateBacklogSize Maximum",
        "instances /aws/sagemaker/Endpoints CPUUtilization SampleCount",
        "minute",
        "warm",
        "idle",
      ]);
      // Two above the minimum run on purpose.
      expect(idle[4]?.expression).to.match(/^IF\(\(minute >= 480 AND minute < 540\), 2, 0\)$/);
      const shown = ["failure-rate", "only-failures", "oldest-job", "awake-with-nothing-open", "idle-spend"];
      const labels = await Promise.all(shown.map(async (key) => (await queries(key)).at(-1)?.label));
      expect(labels).to.deep.equal([
        "Failed jobs, percent",
        "Failed invocations without a completed job",
        "Share of the longest wait and run",
        "Instances with nothing open",
        "Idle today, USD",
      ]);
    });

    it("says nothing of money where nobody knows the price, or no limit is set", async () => {
      const unpriced = { instanceType: "ml.unknown.large", idleSpendAlarmUsdPerDay: 5 };
      for (const changes of [unpriced, {}]) {
        const deployment = await deploy(() => void new Observability("ocr", { ...args, ...changes }));
        expect(graphOf(deployment).filter((line) => line.includes("idle-spend"))).to.deep.equal([]);
      }
    });

    it("counts failures in a row over three of the longest invocations, whole hours", async () => {
      const deployment = await deploy(() => void new Observability("ocr", { ...args, invocationTimeoutSeconds: 3600 }));
      const { metricQueries } = await inputsOf(deployment, alarmType, "ocr-only-failures");

      expect((metricQueries as { metric?: { period: number } }[]).map(({ metric }) => metric?.period)).to.deep.equal([
        14_400,
        14_400,
        undefined,
      ]);
    });

    describe("with warm hours, on a Monday", () => {
      const instances = (count: number): Point[] => [
        counted,
        [own, "OpenJobs", endpoint, 0],
        ...Array.from({ length: count }, (): Point => ["/aws/sagemaker/Endpoints", "CPUUtilization", variant, 2]),
      ];
      const raised = () => states().some(([name, state]) => name === "awake-with-nothing-open" && state === "ALARM");
      const run = async (args: ObservabilityArgs) => {
        await cloud.close();
        cloud = await testCloud();
        await watch(args);
      };
      const warm = { ...args, minCapacity: 0, warmHours: ["mon-fri 02:00-04:00", "sat 22:00-00:30"], warmMinCapacity: 2 };

      it("lets their instances run, and no more", async () => {
        await run(warm);
        await minutes(120, instances(0));
        await minutes(120, instances(2));
        const cries = cloud.delivered.filter(
          ({ subject }) => subject?.startsWith("ALARM") && subject.includes("ocr-awake-with-nothing-open"),
        );
        expect(cries).to.deep.equal([]);

        await run(warm);
        await minutes(120, instances(0));
        await minutes(39, instances(3));
        expect(raised()).to.equal(false);
        await minutes(6, instances(3));
        expect(raised()).to.equal(true);
      });

      it("says when their instances stay up afterwards", async () => {
        await run(warm);
        await minutes(120, instances(0));
        await minutes(120 + 39, instances(2));
        expect(raised()).to.equal(false);
        await minutes(6, instances(2));
        expect(raised()).to.equal(true);
      });

      it("knows the time zone in summer and in winter: an hour between the two is theirs all year", async () => {
        // 02:00 to 04:00 UTC in winter, 01:00 to 03:00 in summer.
        await run({ ...warm, warmHours: ["mon-fri 03:00-05:00"], warmTimeZone: "Europe/Berlin" });
        await minutes(60, instances(0));
        await minutes(180, instances(2));
        expect(raised()).to.equal(false);
        await minutes(45, instances(2));
        expect(raised()).to.equal(true);
      });
    });

    for (const [key, { minutes: needed, raises, doesNot }] of Object.entries(cases)) {
      it(`raises ${key}, alone, and tells the topic`, async () => {
        await minutes(needed + 15, key === "sweeper-silent" ? raises : [counted, ...raises]);

        expect(states().filter(([, state]) => state === "ALARM")).to.deep.equal([[key, "ALARM"]]);
        expect(cloud.delivered.map(({ arn }) => arn)).to.include(topicArn);
      });

      it(`does not raise ${key} just short of it`, async () => {
        await minutes(needed + 15, [counted, ...doesNot]);

        expect(states().filter(([, state]) => state === "ALARM")).to.deep.equal([]);
      });
    }
  });

  it("shows on the dashboard what its service and its functions publish", async () => {
    const deployment = await deploy(() => void new Observability("ocr", args));
    const cloud = await testCloud();
    const { dashboardName, dashboardBody } = await inputsOf(deployment, "aws:cloudwatch/dashboard:Dashboard", "ocr");
    await cloud.create("aws:cloudwatch/dashboard:Dashboard", "ocr", { dashboardName, dashboardBody: JSON.stringify(dashboardBody) });
    const { widgets } = dashboardBody as { widgets: { properties: { title: string } }[] };

    expect(dashboardName).to.equal("ocr");
    expect(widgets.map(({ properties }) => properties.title)).to.deep.equal([
      "Waiting requests",
      "Instances",
      "Open jobs by state",
      "Time in the queue, ms",
      "Time in the model, ms",
      "Time from accepted to recorded, s",
      "Failures by code",
      "Ends, and what was not delivered",
      "Estimated cost, USD (ml.g5.2xlarge)",
    ]);
    await cloud.close();
  });
});
