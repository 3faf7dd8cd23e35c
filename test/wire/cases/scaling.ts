import {
  DeleteScalingPolicyCommand,
  DeleteScheduledActionCommand,
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
  ListTagsForResourceCommand,
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
  TagResourceCommand,
} from "@aws-sdk/client-application-auto-scaling";
import {
  DeleteAlarmsCommand,
  DeleteDashboardsCommand,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  ListTagsForResourceCommand as ListTagsOfAlarmCommand,
  PutDashboardCommand,
  PutMetricAlarmCommand,
  TagResourceCommand as TagAlarmCommand,
} from "@aws-sdk/client-cloudwatch";
import { account, region, type Clients, type WireCase } from "../cloud";
import { endpointName, variantName } from "./sagemaker";

const resourceId = `endpoint/${endpointName}/variant/${variantName}`;
const key = { ServiceNamespace: "sagemaker", ResourceId: resourceId, ScalableDimension: "sagemaker:variant:DesiredInstanceCount" } as const;
const ofTarget = { serviceNamespace: key.ServiceNamespace, resourceId, scalableDimension: key.ScalableDimension };

const target: WireCase = {
  type: "aws:appautoscaling/target:Target",
  inputs: { ...ofTarget, minCapacity: 1, maxCapacity: 2, tags: { team: "ocr" } },
  create: ({ autoscaling }) =>
    autoscaling.send(new RegisterScalableTargetCommand({ ...key, MinCapacity: 1, MaxCapacity: 2, Tags: { team: "ocr" } })),
  read: readTarget,
  change: {
    inputs: { ...ofTarget, minCapacity: 1, maxCapacity: 3, tags: { stage: "dev", team: "ocr" } },
    call: async (clients) => {
      const { ScalableTargetARN } = await clients.autoscaling.send(
        new RegisterScalableTargetCommand({ ...key, MinCapacity: 1, MaxCapacity: 3 }),
      );
      await clients.autoscaling.send(new TagResourceCommand({ ResourceARN: ScalableTargetARN, Tags: { stage: "dev" } }));
    },
  },
  delete: ({ autoscaling }) => autoscaling.send(new DeregisterScalableTargetCommand(key)),
  gone: {},
};

async function readTarget({ autoscaling }: Clients) {
  const described = await autoscaling.send(
    new DescribeScalableTargetsCommand({ ServiceNamespace: "sagemaker", ResourceIds: [resourceId] }),
  );
  const [found] = described.ScalableTargets ?? [];
  if (!found) return {};
  const { Tags = {} } = await autoscaling.send(new ListTagsForResourceCommand({ ResourceARN: found.ScalableTargetARN }));
  return { found, tags: Object.entries(Tags).sort() };
}

const steps = (scalingAdjustment: number) => ({ metricIntervalLowerBound: "0", scalingAdjustment });
const policyInputs = (scalingAdjustment: number) => ({
  ...ofTarget,
  name: "wake",
  policyType: "StepScaling",
  stepScalingPolicyConfiguration: {
    adjustmentType: "ExactCapacity",
    cooldown: 60,
    metricAggregationType: "Average",
    stepAdjustments: [steps(scalingAdjustment)],
  },
});
const putPolicy =
  (ScalingAdjustment: number) =>
  ({ autoscaling }: Clients) =>
    autoscaling.send(
      new PutScalingPolicyCommand({
        ...key,
        PolicyName: "wake",
        PolicyType: "StepScaling",
        StepScalingPolicyConfiguration: {
          AdjustmentType: "ExactCapacity",
          Cooldown: 60,
          MetricAggregationType: "Average",
          StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment }],
        },
      }),
    );

const policy: WireCase = {
  type: "aws:appautoscaling/policy:Policy",
  inputs: policyInputs(1),
  create: putPolicy(1),
  read: async ({ autoscaling }) =>
    (await autoscaling.send(new DescribeScalingPoliciesCommand({ ServiceNamespace: "sagemaker", PolicyNames: ["wake"] }))).ScalingPolicies,
  change: { inputs: policyInputs(2), call: putPolicy(2) },
  delete: ({ autoscaling }) => autoscaling.send(new DeleteScalingPolicyCommand({ ...key, PolicyName: "wake" })),
  gone: [],
};

const actionInputs = (schedule: string) => ({
  ...ofTarget,
  name: "morning",
  schedule,
  timezone: "UTC",
  scalableTargetAction: { minCapacity: 1 },
});
const putAction =
  (Schedule: string) =>
  ({ autoscaling }: Clients) =>
    autoscaling.send(
      new PutScheduledActionCommand({
        ...key,
        ScheduledActionName: "morning",
        Schedule,
        Timezone: "UTC",
        ScalableTargetAction: { MinCapacity: 1 },
      }),
    );

const scheduledAction: WireCase = {
  type: "aws:appautoscaling/scheduledAction:ScheduledAction",
  inputs: actionInputs("cron(0 8 * * ? *)"),
  create: putAction("cron(0 8 * * ? *)"),
  read: async ({ autoscaling }) =>
    (await autoscaling.send(new DescribeScheduledActionsCommand({ ServiceNamespace: "sagemaker" }))).ScheduledActions,
  change: { inputs: actionInputs("cron(0 9 * * ? *)"), call: putAction("cron(0 9 * * ? *)") },
  delete: ({ autoscaling }) => autoscaling.send(new DeleteScheduledActionCommand({ ...key, ScheduledActionName: "morning" })),
  gone: [],
};

const alarmArn = `arn:aws:cloudwatch:${region}:${account}:alarm:idle`;
const topicArn = `arn:aws:sns:${region}:${account}:none`;
const alarmInputs = (threshold: number) => ({
  name: "idle",
  alarmDescription: "nothing waits",
  comparisonOperator: "LessThanThreshold",
  threshold,
  evaluationPeriods: 10,
  datapointsToAlarm: 10,
  treatMissingData: "notBreaching",
  alarmActions: [topicArn],
  metricQueries: [
    {
      id: "open",
      metric: { metricName: "Open", namespace: "Jobs", dimensions: { EndpointName: endpointName }, period: 60, stat: "Maximum" },
    },
    { id: "busy", expression: "FILL(open, 0)", label: "busy", returnData: true },
  ],
  tags: { team: "ocr" },
});
const putAlarm = (Threshold: number, more: { Tags?: { Key: string; Value: string }[] }) =>
  new PutMetricAlarmCommand({
    AlarmName: "idle",
    AlarmDescription: "nothing waits",
    ActionsEnabled: true,
    ComparisonOperator: "LessThanThreshold",
    Threshold,
    EvaluationPeriods: 10,
    DatapointsToAlarm: 10,
    TreatMissingData: "notBreaching",
    AlarmActions: [topicArn],
    Metrics: [
      {
        Id: "open",
        MetricStat: {
          Metric: { MetricName: "Open", Namespace: "Jobs", Dimensions: [{ Name: "EndpointName", Value: endpointName }] },
          Period: 60,
          Stat: "Maximum",
        },
        ReturnData: false,
      },
      { Id: "busy", Expression: "FILL(open, 0)", Label: "busy", ReturnData: true },
    ],
    ...more,
  });

const alarm: WireCase = {
  type: "aws:cloudwatch/metricAlarm:MetricAlarm",
  inputs: alarmInputs(1),
  create: ({ cloudWatch }) => cloudWatch.send(putAlarm(1, { Tags: [{ Key: "team", Value: "ocr" }] })),
  read: async ({ cloudWatch }) => ({
    found: (await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: ["idle"], AlarmTypes: ["MetricAlarm"] }))).MetricAlarms,
    tags: (await cloudWatch.send(new ListTagsOfAlarmCommand({ ResourceARN: alarmArn }))).Tags,
  }),
  change: {
    inputs: { ...alarmInputs(2), tags: { team: "ocr", stage: "dev" } },
    call: async ({ cloudWatch }) => {
      await cloudWatch.send(putAlarm(2, {}));
      await cloudWatch.send(new TagAlarmCommand({ ResourceARN: alarmArn, Tags: [{ Key: "stage", Value: "dev" }] }));
    },
  },
  delete: ({ cloudWatch }) => cloudWatch.send(new DeleteAlarmsCommand({ AlarmNames: ["idle"] })),
  gone: "404 ResourceNotFoundException",
};

const body = (markdown: string) => JSON.stringify({ widgets: [{ type: "text", properties: { markdown } }] });
const dashboard: WireCase = {
  type: "aws:cloudwatch/dashboard:Dashboard",
  inputs: { dashboardName: "jobs", dashboardBody: body("one") },
  create: ({ cloudWatch }) => cloudWatch.send(new PutDashboardCommand({ DashboardName: "jobs", DashboardBody: body("one") })),
  read: ({ cloudWatch }) => cloudWatch.send(new GetDashboardCommand({ DashboardName: "jobs" })),
  change: {
    inputs: { dashboardName: "jobs", dashboardBody: body("two") },
    call: ({ cloudWatch }) => cloudWatch.send(new PutDashboardCommand({ DashboardName: "jobs", DashboardBody: body("two") })),
  },
  delete: ({ cloudWatch }) => cloudWatch.send(new DeleteDashboardsCommand({ DashboardNames: ["jobs"] })),
  gone: "404 ResourceNotFound",
};

/** Autoscaling and CloudWatch. */
export const scalingCases = [target, policy, scheduledAction, alarm, dashboard];
