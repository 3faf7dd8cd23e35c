import type { Problem } from "./problems";
import { show } from "./problems";
import type { SettingName } from "./settings";
import { deploymentFields, type Deployment } from "./settings/deployment";

/** What a release does, in whole instances. */
export interface DeploymentPlan extends Required<Deployment> {
  /** Instances of the new fleet. An update puts it to this, whatever ran before. */
  instances: number;
  /** Instances that take the new version first, or at a time. All of them when it takes over at once. */
  stepInstances: number;
  /** How often the alarms are watched for `bakeSeconds`. */
  bakes: number;
}

/**
 * Longest wait of a whole release, in seconds. The AWS provider waits an hour for an update; a third of it is left for starting instances.
 */
export const longestReleaseSeconds = 2400;

/** How long a release may take in all: what the provider no longer waits for is rolled back, and does not end unseen. */
export const releaseTimeoutSeconds = 3600;

/**
 * What a deployment comes to. Steps are told to SageMaker as instance counts, so that its rounding of percents does not matter.
 *
 * @param minCapacity an update starts as many instances, and at least one
 */
export function planDeployment(deployment: Deployment, minCapacity: number): DeploymentPlan {
  const {
    strategy = deploymentFields.strategy.default,
    canaryPercent = deploymentFields.canaryPercent.default,
    bakeSeconds = deploymentFields.bakeSeconds.default,
    rollbackAlarms = [],
  } = deployment;
  const instances = Math.max(1, minCapacity);
  const part = Math.min(Math.floor(instances / 2), Math.ceil((instances * canaryPercent) / 100));
  const stepInstances = strategy === "allAtOnce" ? instances : Math.max(1, part);
  const bakes = { allAtOnce: 1, blueGreen: 2, rolling: Math.ceil(instances / stepInstances) }[strategy];
  return { strategy, canaryPercent, bakeSeconds, rollbackAlarms, instances, stepInstances, bakes };
}

/** Instances that a release may need at once: those that run, and those that start beside them. */
export function instancesInRelease({ strategy, instances, stepInstances }: DeploymentPlan, maxCapacity: number): number {
  return maxCapacity + (strategy === "rolling" ? stepInstances : instances);
}

/**
 * Why a deployment can't be carried out with the capacities.
 *
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html: a canary has at most half of the instances;
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_RollingUpdatePolicy.html: a step has 5 to 50 % of them.
 *
 * @param value what a setting says, or its default; undefined when it is known later
 */
export function deploymentProblems(value: <T>(name: SettingName) => T | undefined): Problem[] {
  const deployment = value<Deployment>("deployment");
  const [minCapacity, maxCapacity] = [value<number>("minCapacity"), value<number>("maxCapacity")];
  if (deployment === undefined || minCapacity === undefined || maxCapacity === undefined) return [];
  const { strategy, canaryPercent, bakeSeconds, instances, stepInstances, bakes } = planDeployment(deployment, minCapacity);
  const problems: Problem[] = [];
  const refuse = (member: keyof Deployment, reason: string) => problems.push({ propertyPath: `deployment.${member}`, reason });
  if (strategy === "allAtOnce" && deployment.canaryPercent !== undefined) {
    refuse(
      "canaryPercent",
      `got ${canaryPercent} with the strategy allAtOnce, which has no canary: remove it, or take blueGreen or rolling`,
    );
  }
  if (strategy !== "allAtOnce" && instances < 2) {
    const got = `got ${show(strategy)} with minCapacity ${minCapacity}: an update starts one instance, which only fits allAtOnce`;
    refuse("strategy", `${got}; set minCapacity to 2 or more, or take allAtOnce`);
    return problems;
  }
  if (strategy === "rolling" && stepInstances * 20 < maxCapacity) {
    const got = `got ${canaryPercent} with the strategy rolling, which comes to ${stepInstances} of up to ${maxCapacity} instances`;
    refuse("canaryPercent", `${got}; SageMaker takes at least 5 % of them: raise it or minCapacity, or lower maxCapacity`);
  }
  if (bakes * bakeSeconds > longestReleaseSeconds) {
    const got = `got ${bakeSeconds}, ${bakes} times in a release, expected at most ${longestReleaseSeconds} in all`;
    refuse(
      "bakeSeconds",
      `${got}, since the AWS provider waits an hour for an update: at most ${Math.floor(longestReleaseSeconds / bakes)}`,
    );
  }
  return problems;
}
