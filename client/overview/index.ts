import { present } from "../../core/present";
import { floorKey, openCountKey, type Floor, type OpenCount } from "../../core/records/items";
import { isoTime } from "../../core/records/isoTime";
import { packagesMissing } from "../../core/records/errors";
import { AsyncInferenceError } from "../errors";
import { unreadable } from "../explain/gather";
import type { ExplainConnections, ExplainSources } from "../explain/sources";
import type { SourceName, Unreadable } from "../explain/types";
import { readAllAlarms } from "./alarms";
import { readHistory } from "./history";
import type { OverviewOptions, ScalingStep, ScheduledChange, ServiceOverview } from "./types";

/** How many changes of the instance count are read. */
const mostSteps = 20;

/**
 * Reads how a service is. Only reads; what can't be read is in `unreadable`, and the others are read all the same.
 *
 * IAM: what `grantExplain` gives.
 *
 * @throws AsyncInferenceError `BAD_INPUT` when SDK packages are not installed
 */
export async function readOverview(
  sources: ExplainSources,
  connections: Pick<ExplainConnections, "cloudWatch" | "autoscaling">,
  { historyMinutes }: Pick<OverviewOptions, "historyMinutes"> = {},
): Promise<ServiceOverview> {
  const { missingPackages, service, record } = sources;
  if (missingPackages.length > 0) throw new AsyncInferenceError(packagesMissing("overview", missingPackages));
  const problems: Unreadable[] = [];
  const read = async <Value>(source: SourceName, call: () => Promise<Value>, configName?: string): Promise<Value | undefined> => {
    try {
      return await call();
    } catch (error) {
      if (!problems.some((problem) => problem.source === source)) problems.push(unreadable(service, source, error, configName));
      return undefined;
    }
  };
  const { endpointName } = service;
  const now = sources.now();
  const deadLetterQueueName = (service.deadLetterQueueUrl ?? "").split("/").at(-1) ?? "";
  const item = async <Key extends typeof floorKey | typeof openCountKey>(key: Key) => {
    const found = record && (await read("record", () => record(key)));
    return found === "missing" ? undefined : found;
  };

  const [count, floor, described, alarms, deadLetters] = await Promise.all([
    item(openCountKey),
    item(floorKey),
    read("endpoint", () => sources.endpoint()),
    read("alarms", async () => readAllAlarms(connections.cloudWatch, { endpointName, deadLetterQueueName })),
    sources.deadLetters && read("deadLetters", sources.deadLetters),
  ]);
  const { variantName = "", ...endpoint } = described === undefined || described === "missing" ? {} : described;
  const configName = "configName" in endpoint ? endpoint.configName : undefined;
  const [config, scaling, steps, scheduled, metrics, history] = await Promise.all([
    configName === undefined ? undefined : read("endpointConfig", () => sources.endpointConfig(configName), configName),
    variantName === "" ? undefined : read("scaling", () => sources.scaling(variantName)),
    variantName === "" ? undefined : read("scaling", async () => readSteps(connections.autoscaling, endpointName, variantName)),
    variantName === "" ? undefined : read("schedules", async () => readScheduled(connections.autoscaling, endpointName, variantName)),
    read("metrics", () => sources.metrics(variantName === "" ? {} : { variantName })),
    historyMinutes === undefined
      ? undefined
      : read("metrics", async () => readHistory(connections.cloudWatch, { endpointName, variantName }, now, historyMinutes)),
  ]);
  return present({
    at: isoTime(now),
    endpointName,
    endpoint: described === undefined || described === "missing" ? described : (endpoint as ServiceOverview["endpoint"]),
    instanceType: config === undefined || config === "missing" ? undefined : config.instanceType,
    open: count && openOf(count),
    floor: floor && floorOf(floor),
    target: scaling?.target,
    steps: steps ?? [],
    scheduled: scheduled ?? [],
    backlog: metrics?.backlog,
    alarms: alarms ?? [],
    deadLetters,
    history,
    unreadable: problems.sort((a, b) => (a.source < b.source ? -1 : 1)),
  });
}

function openOf({ open, states, oldestCreatedAt, countedAt }: OpenCount): NonNullable<ServiceOverview["open"]> {
  return present({ total: open, states, oldestCreatedAt, countedAt });
}

function floorOf({ state, instances, setAt, idleSince, drain }: Floor): NonNullable<ServiceOverview["floor"]> {
  return present({ state, instances, setAt, idleSince, drain });
}

/** DescribeScalingActivities, newest first. */
async function readSteps(
  { library, client }: ExplainConnections["autoscaling"],
  endpointName: string,
  variantName: string,
): Promise<ScalingStep[]> {
  const target = scalable(endpointName, variantName);
  const { ScalingActivities = [] } = await client.send(new library.DescribeScalingActivitiesCommand({ ...target, MaxResults: mostSteps }));
  return ScalingActivities.map(
    (activity) =>
      present({
        startedAt: (activity.StartTime ?? new Date(0)).toISOString(),
        endedAt: activity.EndTime?.toISOString(),
        status: activity.StatusCode ?? "",
        description: activity.Description ?? "",
        message: activity.StatusMessage ?? "",
        cause: activity.Cause ?? "",
      }) as ScalingStep,
  );
}

/** DescribeScheduledActions: those of the endpoint's variant. */
async function readScheduled(
  { library, client }: ExplainConnections["autoscaling"],
  endpointName: string,
  variantName: string,
): Promise<ScheduledChange[]> {
  const found: ScheduledChange[] = [];
  let NextToken: string | undefined;
  do {
    const answer = await client.send(
      new library.DescribeScheduledActionsCommand({
        ...scalable(endpointName, variantName),
        ...(NextToken !== undefined && { NextToken }),
      }),
    );
    for (const { ScheduledActionName, Schedule, Timezone, ScalableTargetAction, StartTime, EndTime } of answer.ScheduledActions ?? []) {
      found.push(
        present({
          name: ScheduledActionName ?? "",
          schedule: Schedule ?? "",
          timeZone: Timezone ?? "UTC",
          minCapacity: ScalableTargetAction?.MinCapacity,
          maxCapacity: ScalableTargetAction?.MaxCapacity,
          startsAt: StartTime?.toISOString(),
          endsAt: EndTime?.toISOString(),
        }),
      );
    }
    NextToken = answer.NextToken;
  } while (NextToken !== undefined);
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The variant as Application Auto Scaling names it. */
function scalable(endpointName: string, variantName: string) {
  return {
    ServiceNamespace: "sagemaker",
    ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
    ResourceId: `endpoint/${endpointName}/variant/${variantName}`,
  } as const;
}
