import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { planDeployment, longestReleaseSeconds, releaseTimeoutSeconds, type DeploymentPlan } from "./deploymentPlan";
import { metricQuery } from "./metricQuery";
import { oldestJobQueries, type OldestJobArgs } from "./oldestJob";
import type { Deployment } from "./settings/deployment";

/** What the alarms of a release watch. */
export interface ReleaseArgs extends OldestJobArgs {
  deployment: Deployment;
  minCapacity: number;
  /** Known before the endpoint is: its alarms must exist when SageMaker is told of them. */
  endpointName: string;
  /** The new version's. */
  endpointConfigName: pulumi.Input<string>;
  variantName: string;
}

/** How a release is carried out: SageMaker's words, and alarms of its own. */
export type ReleasePolicy = aws.types.input.sagemaker.EndpointDeploymentConfig;

const serviceNamespace = "AWS/SageMaker";
/** Failures below which a share of them says nothing. */
const fewestFailures = 3;
/** Share of failed invocations that is too much whatever came before. */
const mostFailedPercent = 10;

/** What the names of a service's rollback alarms begin with; Pulumi adds a suffix. */
export function rollbackAlarmPrefix(name: string): string {
  return `${name}-rollback`;
}

/**
 * The physical name of an endpoint that has rollback alarms. Alarms name the endpoint and the endpoint its alarms, so one of them must have a
 * name that is known before. The provider replaces an endpoint whose list of alarms changes: the list is therefore part of the name.
 */
export function releasedEndpointName(name: string, { rollbackAlarms = [] }: Deployment): string {
  const stack = [pulumi.getProject(), pulumi.getStack(), name, ...[...rollbackAlarms].sort()];
  return `${name}-endpoint-${createHash("sha256").update(stack.join("\n")).digest("hex").slice(0, 8)}`;
}

/** What changes the way in which a release is carried out: SageMaker takes no other policy without another configuration. */
export function releaseTrigger(deployment: Deployment, minCapacity: number): DeploymentPlan {
  return planDeployment(deployment, minCapacity);
}

/** Makes the alarms that roll a release back, and says how it is carried out. */
export function releasePolicy(name: string, args: ReleaseArgs, parent: pulumi.Resource): pulumi.Input<ReleasePolicy> {
  const plan = planDeployment(args.deployment, args.minCapacity);
  const alarms = Object.entries(alarmsOf(args, plan)).map(
    ([key, { says, ...alarm }]) =>
      new aws.cloudwatch.MetricAlarm(
        `${rollbackAlarmPrefix(name)}-${key}`,
        {
          evaluationPeriods: 1,
          datapointsToAlarm: 1,
          comparisonOperator: "GreaterThanOrEqualToThreshold",
          treatMissingData: "notBreaching",
          ...alarm,
          alarmDescription: `${says} It rolls a release back: docs/releases.md`,
        },
        { parent },
      ),
  );
  const names = [...alarms.map(({ name }) => name), ...plan.rollbackAlarms];
  return pulumi.all([args.invocationTimeoutSeconds, names]).apply(([invocationTimeoutSeconds, all]) => ({
    autoRollbackConfiguration: { alarms: all.map((alarmName) => ({ alarmName })) },
    ...updatePolicy(plan, invocationTimeoutSeconds),
  }));
}

type ReleaseAlarm = Partial<aws.cloudwatch.MetricAlarmArgs> & { says: string };

/** The alarms of a release, by the end of their names. */
function alarmsOf(
  { endpointName, endpointConfigName, variantName, ...args }: ReleaseArgs,
  plan: DeploymentPlan,
): Record<string, ReleaseAlarm> {
  const endpoint = { EndpointName: endpointName };
  const variant = { ...endpoint, VariantName: variantName };
  // What failed before the release counts for no longer than the release is watched, and at most a quarter of an hour.
  const period = 60 * Math.min(15, Math.max(1, Math.ceil(plan.bakeSeconds / 60)));
  // Of both fleets together: a version that always fails fails as much of it as it gets at first.
  const firstShare = (100 * plan.stepInstances) / plan.instances;
  const threshold = Math.min(mostFailedPercent, firstShare / 2);
  return {
    // SageMaker publishes this dimension while it releases. https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
    "new-version": {
      says: `The new version answered at least ${fewestFailures} requests with a server error.`,
      namespace: serviceNamespace,
      metricName: "Invocation5XXErrors",
      dimensions: { ...variant, EndpointConfigName: endpointConfigName },
      statistic: "Sum",
      period,
      threshold: fewestFailures,
    },
    "failure-rate": {
      says: `At least ${threshold} % of the endpoint's invocations, and at least ${fewestFailures}, have failed.`,
      metricQueries: [
        metricQuery("failures", serviceNamespace, "InvocationFailures", "Sum", variant, period),
        metricQuery("processed", serviceNamespace, "InvocationsProcessed", "Sum", variant, period),
        {
          id: "rate",
          // Whether failed ones count as processed is not documented: with the larger of both it is a share either way.
          expression: `IF(FILL(failures, 0) >= ${fewestFailures}, 100 * FILL(failures, 0) / MAX([FILL(failures, 0), FILL(processed, 0)]), 0)`,
          label: "Failed invocations, percent",
          returnData: true,
        },
      ],
      threshold,
    },
    "oldest-job": {
      says: "A request has waited for half of the time after which it expires, or a job has been open for that long and the longest run.",
      metricQueries: oldestJobQueries(args, endpoint),
      threshold: 1,
    },
  };
}

function updatePolicy(plan: DeploymentPlan, invocationTimeoutSeconds: number): Partial<ReleasePolicy> {
  const { strategy, bakeSeconds, bakes, stepInstances } = plan;
  const size = { type: "INSTANCE_COUNT", value: stepInstances };
  const timeout = { maximumExecutionTimeoutInSeconds: releaseTimeoutSeconds };
  if (strategy === "rolling") {
    return { rollingUpdatePolicy: { maximumBatchSize: size, waitIntervalInSeconds: bakeSeconds, ...timeout } };
  }
  // From the shift on the old fleet gets nothing new, and stays for as long as its last job may run.
  const terminationWaitInSeconds = Math.max(
    0,
    Math.min(invocationTimeoutSeconds - bakeSeconds, longestReleaseSeconds - bakes * bakeSeconds),
  );
  const routing = strategy === "blueGreen" ? { type: "CANARY", canarySize: size } : { type: "ALL_AT_ONCE" };
  return {
    blueGreenUpdatePolicy: {
      trafficRoutingConfiguration: { ...routing, waitIntervalInSeconds: bakeSeconds },
      terminationWaitInSeconds,
      ...timeout,
    },
  };
}
