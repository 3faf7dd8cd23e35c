import type { MetricDataQuery, PutMetricAlarmCommandInput } from "@aws-sdk/client-cloudwatch";
import { waitUntilEndpointDeleted, waitUntilEndpointInService, type CreateModelCommandInput } from "@aws-sdk/client-sagemaker";
import type { CreateEndpointConfigCommandInput } from "@aws-sdk/client-sagemaker";
import {
  camel,
  differs,
  onceAssumable,
  pascal,
  retag,
  tagList,
  tagMap,
  tagRecord,
  tagsOf,
  text,
  waits,
  type Properties,
  type ProviderTypes,
  type Services,
} from "./resource";

/** SageMaker, Application Auto Scaling and CloudWatch. */
export function servingTypes(services: Services): ProviderTypes {
  return { ...sageMakerTypes(services), ...scalingTypes(services), ...monitoringTypes(services) };
}

function sageMakerTypes({ sageMaker }: Services): ProviderTypes {
  const tagsFrom = async (ResourceArn: string | undefined) => tagMap((await sageMaker.listTags({ ResourceArn })).Tags);
  const changeTags = (now: Properties, before: Properties) => {
    const ResourceArn = String(before["arn"]);
    return retag(
      now,
      before,
      (tags) => sageMaker.addTags({ ResourceArn, Tags: tagList({ tags }) }),
      (TagKeys) => sageMaker.deleteTags({ ResourceArn, TagKeys }),
    );
  };
  const inService = (EndpointName: string) => waitUntilEndpointInService({ client: sageMaker, ...waits }, { EndpointName });
  return {
    "aws:sagemaker/model:Model": {
      replacedBy: ["name", "executionRoleArn", "primaryContainer", "vpcConfig", "enableNetworkIsolation"],
      create: async (ModelName, inputs) => {
        const { executionRoleArn, primaryContainer, vpcConfig, enableNetworkIsolation } = inputs;
        const { environment, modelDataSource, ...container } = primaryContainer as Properties;
        const [source] = ((modelDataSource as Properties | undefined)?.["s3DataSources"] ?? []) as Properties[];
        const { ModelArn } = await onceAssumable(() =>
          sageMaker.createModel({
            ...pascal<CreateModelCommandInput>({ executionRoleArn, vpcConfig, enableNetworkIsolation }),
            ModelName,
            PrimaryContainer: {
              ...pascal<object>(container),
              ...(environment !== undefined && { Environment: environment as Record<string, string> }),
              ...(source && { ModelDataSource: { S3DataSource: pascal(source) } }),
            },
            Tags: tagList(inputs),
          }),
        );
        return { id: ModelName, outputs: { name: ModelName, arn: ModelArn } };
      },
      read: async (ModelName) => {
        const { PrimaryContainer: { Environment, ModelDataSource, ...container } = {}, ...found } = await sageMaker.describeModel({
          ModelName,
        });
        const { executionRoleArn, vpcConfig, enableNetworkIsolation } = camel(found);
        const source = ModelDataSource?.S3DataSource;
        const primaryContainer = {
          ...camel(container),
          environment: Environment,
          ...(source && { modelDataSource: { s3DataSources: [camel(source)] } }),
        };
        return { executionRoleArn, vpcConfig, enableNetworkIsolation, primaryContainer, tags: await tagsFrom(found.ModelArn) };
      },
      update: (_id, now, before) => changeTags(now, before),
      delete: (ModelName) => sageMaker.deleteModel({ ModelName }),
    },

    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": {
      replacedBy: ["name", "productionVariants", "asyncInferenceConfig", "executionRoleArn", "kmsKeyArn"],
      create: async (EndpointConfigName, { tags, asyncInferenceConfig, ...inputs }) => {
        const { executionRoleArn, kmsKeyArn, productionVariants } = inputs;
        const { EndpointConfigArn } = await sageMaker.createEndpointConfig({
          ...pascal<CreateEndpointConfigCommandInput>({ executionRoleArn, kmsKeyId: kmsKeyArn }),
          EndpointConfigName,
          ProductionVariants: (productionVariants as Properties[]).map(variantInput),
          AsyncInferenceConfig: asyncInput(asyncInferenceConfig as Properties),
          Tags: tagList({ tags }),
        });
        return { id: EndpointConfigName, outputs: { name: EndpointConfigName, arn: EndpointConfigArn } };
      },
      read: async (EndpointConfigName) => {
        const found = await sageMaker.describeEndpointConfig({ EndpointConfigName });
        const { clientConfig, outputConfig } = camel(found.AsyncInferenceConfig) as Record<string, Properties>;
        const { notificationConfig, ...output } = outputConfig as { notificationConfig?: Properties };
        const { includeInferenceResponseIn: includeInferenceResponseIns, ...topics } = notificationConfig ?? {};
        return {
          productionVariants: found.ProductionVariants?.map(({ RoutingConfig, VolumeSizeInGB, EnableSSMAccess, ...variant }) => ({
            ...camel(variant),
            volumeSizeInGb: VolumeSizeInGB,
            enableSsmAccess: EnableSSMAccess,
            routingConfigs: RoutingConfig && [camel(RoutingConfig)],
          })),
          asyncInferenceConfig: {
            clientConfig,
            outputConfig: { ...output, notificationConfig: { ...topics, includeInferenceResponseIns } },
          },
          executionRoleArn: found.ExecutionRoleArn,
          kmsKeyArn: found.KmsKeyId,
          tags: await tagsFrom(found.EndpointConfigArn),
        };
      },
      update: (_id, now, before) => changeTags(now, before),
      delete: (EndpointConfigName) => sageMaker.deleteEndpointConfig({ EndpointConfigName }),
    },

    "aws:sagemaker/endpoint:Endpoint": {
      replacedBy: ["name"],
      create: async (EndpointName, inputs) => {
        const { EndpointArn } = await sageMaker.createEndpoint({ EndpointName, ...deployment(inputs), Tags: tagList(inputs) });
        await inService(EndpointName);
        return { id: EndpointName, outputs: { name: EndpointName, arn: EndpointArn } };
      },
      read: async (EndpointName) => {
        const { EndpointConfigName, EndpointArn } = await sageMaker.describeEndpoint({ EndpointName });
        return { endpointConfigName: EndpointConfigName, tags: await tagsFrom(EndpointArn) };
      },
      update: async (EndpointName, now, before) => {
        if (differs(now, before, "endpointConfigName", "deploymentConfig")) {
          await sageMaker.updateEndpoint({ EndpointName, ...deployment(now) });
          // SageMaker rolls a failed update back: the endpoint is in service, and still the old one. The provider takes it for done.
          await inService(EndpointName);
        }
        await changeTags(now, before);
      },
      delete: async (EndpointName) => {
        await sageMaker.deleteEndpoint({ EndpointName });
        await waitUntilEndpointDeleted({ client: sageMaker, ...waits }, { EndpointName });
      },
    },
  };
}

function deployment({ endpointConfigName, deploymentConfig }: Properties) {
  return pascal<{ EndpointConfigName: string }>({ endpointConfigName, deploymentConfig });
}

function variantInput({ volumeSizeInGb, enableSsmAccess, routingConfigs, ...rest }: Properties) {
  const [routing] = (routingConfigs ?? []) as Properties[];
  return {
    ...pascal<{ VariantName: string; ModelName: string }>({ ...rest, routingConfig: routing }),
    ...(volumeSizeInGb !== undefined && { VolumeSizeInGB: Number(volumeSizeInGb) }),
    ...(enableSsmAccess !== undefined && { EnableSSMAccess: enableSsmAccess === true }),
  };
}

function asyncInput({ clientConfig, outputConfig }: Properties) {
  const { notificationConfig, ...output } = outputConfig as { notificationConfig?: Properties };
  const { includeInferenceResponseIns: includeInferenceResponseIn, ...topics } = notificationConfig ?? {};
  return pascal<NonNullable<CreateEndpointConfigCommandInput["AsyncInferenceConfig"]>>({
    clientConfig,
    outputConfig: { ...output, ...(notificationConfig && { notificationConfig: { ...topics, includeInferenceResponseIn } }) },
  });
}

interface Scalable {
  ServiceNamespace: "sagemaker";
  ResourceId: string;
  ScalableDimension: "sagemaker:variant:DesiredInstanceCount";
}

function scalable({ serviceNamespace, resourceId, scalableDimension }: Properties): Scalable {
  return pascal({ serviceNamespace, resourceId, scalableDimension });
}

function scalingTypes({ autoscaling }: Services): ProviderTypes {
  const ofTarget = ["serviceNamespace", "resourceId", "scalableDimension"];
  const register = (inputs: Properties) => {
    const { minCapacity, maxCapacity } = inputs;
    return autoscaling.registerScalableTarget({
      ...scalable(inputs),
      MinCapacity: Number(minCapacity),
      MaxCapacity: Number(maxCapacity),
    });
  };
  const putPolicy = async (PolicyName: string, inputs: Properties) => {
    const { policyType, targetTrackingScalingPolicyConfiguration, stepScalingPolicyConfiguration: step } = inputs;
    const { stepAdjustments = [], ...rest } = (step ?? {}) as { stepAdjustments?: Properties[] };
    const numbers = ({ metricIntervalLowerBound: low, metricIntervalUpperBound: high, scalingAdjustment }: Properties) => ({
      ...(low !== undefined && { MetricIntervalLowerBound: Number(low) }),
      ...(high !== undefined && { MetricIntervalUpperBound: Number(high) }),
      ScalingAdjustment: Number(scalingAdjustment),
    });
    const { PolicyARN } = await autoscaling.putScalingPolicy({
      ...scalable(inputs),
      PolicyName,
      ...pascal<object>({ policyType, targetTrackingScalingPolicyConfiguration }),
      ...(step !== undefined && {
        StepScalingPolicyConfiguration: { ...pascal<object>(rest), StepAdjustments: stepAdjustments.map(numbers) },
      }),
    });
    return PolicyARN;
  };
  const putAction = (ScheduledActionName: string, inputs: Properties) => {
    const { schedule, timezone = "UTC", startTime, endTime, scalableTargetAction } = inputs;
    return autoscaling.putScheduledAction({
      ...scalable(inputs),
      ScheduledActionName,
      ...pascal<object>({ schedule, timezone, startTime, endTime, scalableTargetAction }),
    });
  };
  return {
    "aws:appautoscaling/target:Target": {
      replacedBy: ofTarget,
      create: async (_name, inputs) => {
        const { ScalableTargetARN: arn = "" } = await register(inputs);
        if (tagList(inputs).length > 0) await autoscaling.tagResource({ ResourceARN: arn, Tags: { ...tagsOf(inputs) } });
        return { id: String(inputs["resourceId"]), outputs: { arn } };
      },
      read: async (ResourceId, state) => {
        const { ServiceNamespace, ScalableDimension } = scalable(state);
        const { ScalableTargets = [] } = await autoscaling.describeScalableTargets({
          ServiceNamespace,
          ScalableDimension,
          ResourceIds: [ResourceId],
        });
        const [found] = ScalableTargets;
        if (found === undefined) return undefined;
        const { Tags } = await autoscaling.listTagsForResource({ ResourceARN: found.ScalableTargetARN });
        return { ...camel(found), tags: tagRecord(Tags) };
      },
      update: async (_id, now, before) => {
        // With tags alone it is not called: the floor stays as it is.
        if (differs(now, before, "minCapacity", "maxCapacity")) await register(now);
        const ResourceARN = String(before["arn"]);
        await retag(
          now,
          before,
          (Tags) => autoscaling.tagResource({ ResourceARN, Tags: { ...Tags } }),
          (TagKeys) => autoscaling.untagResource({ ResourceARN, TagKeys }),
        );
      },
      delete: (_id, state) => autoscaling.deregisterScalableTarget(scalable(state)),
    },

    "aws:appautoscaling/policy:Policy": {
      replacedBy: ["name", ...ofTarget],
      create: async (name, inputs) => ({ id: name, outputs: { name, arn: await putPolicy(name, inputs) } }),
      read: async (name, state) => {
        const { ServiceNamespace, ResourceId } = scalable(state);
        const { ScalingPolicies = [] } = await autoscaling.describeScalingPolicies({ ServiceNamespace, ResourceId, PolicyNames: [name] });
        return ScalingPolicies[0] && camel(ScalingPolicies[0]);
      },
      update: async (name, now) => void (await putPolicy(name, now)),
      delete: (name, state) => autoscaling.deleteScalingPolicy({ ...scalable(state), PolicyName: name }),
    },

    "aws:appautoscaling/scheduledAction:ScheduledAction": {
      replacedBy: ["name", ...ofTarget],
      create: async (name, inputs) => {
        await putAction(name, inputs);
        return { id: name, outputs: { name } };
      },
      read: async (name, state) => {
        const { ServiceNamespace, ResourceId } = scalable(state);
        const { ScheduledActions = [] } = await autoscaling.describeScheduledActions({
          ServiceNamespace,
          ResourceId,
          ScheduledActionNames: [name],
        });
        return ScheduledActions[0] && camel(ScheduledActions[0]);
      },
      update: async (name, now) => void (await putAction(name, now)),
      delete: (name, state) => autoscaling.deleteScheduledAction({ ...scalable(state), ScheduledActionName: name }),
    },
  };
}

function monitoringTypes({ cloudWatch }: Services): ProviderTypes {
  const alarmOf = async (AlarmName: string) => {
    const { MetricAlarms = [] } = await cloudWatch.describeAlarms({ AlarmNames: [AlarmName], AlarmTypes: ["MetricAlarm"] });
    return MetricAlarms[0];
  };
  return {
    "aws:cloudwatch/metricAlarm:MetricAlarm": {
      replacedBy: ["name"],
      create: async (AlarmName, inputs) => {
        await cloudWatch.putMetricAlarm({ ...alarmInput(inputs), AlarmName, Tags: tagList(inputs) });
        return { id: AlarmName, outputs: { name: AlarmName, arn: (await alarmOf(AlarmName))?.AlarmArn } };
      },
      read: async (AlarmName) => {
        const found = await alarmOf(AlarmName);
        if (found === undefined) return undefined;
        const { Dimensions, Metrics, AlarmArn, OKActions, ...rest } = found;
        const { Tags } = await cloudWatch.listTagsForResource({ ResourceARN: AlarmArn });
        return {
          ...camel(rest),
          okActions: OKActions,
          dimensions: dimensionMap(Dimensions),
          metricQueries: Metrics?.map(({ MetricStat, ...query }) => ({
            ...camel(query),
            metric: MetricStat && {
              ...camel({ ...MetricStat.Metric, Dimensions: undefined }),
              dimensions: dimensionMap(MetricStat.Metric?.Dimensions),
              period: MetricStat.Period,
              stat: MetricStat.Stat,
              unit: MetricStat.Unit,
            },
          })),
          tags: tagMap(Tags),
        };
      },
      update: async (AlarmName, now, before) => {
        await cloudWatch.putMetricAlarm({ ...alarmInput(now), AlarmName });
        const ResourceARN = String(before["arn"]);
        await retag(
          now,
          before,
          (tags) => cloudWatch.tagResource({ ResourceARN, Tags: tagList({ tags }) }),
          (TagKeys) => cloudWatch.untagResource({ ResourceARN, TagKeys }),
        );
      },
      delete: (AlarmName) => cloudWatch.deleteAlarms({ AlarmNames: [AlarmName] }),
    },

    "aws:cloudwatch/dashboard:Dashboard": {
      replacedBy: ["dashboardName"],
      create: async (_name, { dashboardName, dashboardBody }) => {
        await cloudWatch.putDashboard({ DashboardName: String(dashboardName), DashboardBody: text(dashboardBody) });
        return { id: String(dashboardName) };
      },
      read: async (DashboardName) => ({ dashboardBody: (await cloudWatch.getDashboard({ DashboardName })).DashboardBody }),
      update: async (DashboardName, { dashboardBody }) =>
        void (await cloudWatch.putDashboard({ DashboardName, DashboardBody: text(dashboardBody) })),
      delete: (DashboardName) => cloudWatch.deleteDashboards({ DashboardNames: [DashboardName] }),
    },
  };
}

type Dimensions = readonly { Name?: string | undefined; Value?: string | undefined }[];

function dimensionMap(dimensions: Dimensions | undefined): Record<string, string> {
  return Object.fromEntries((dimensions ?? []).map(({ Name = "", Value = "" }) => [Name, Value]));
}

function dimensionList(dimensions: unknown) {
  return Object.entries((dimensions ?? {}) as Record<string, string>).map(([Name, Value]) => ({ Name, Value }));
}

function alarmInput({
  tags: _,
  name: __,
  dimensions,
  metricQueries,
  okActions,
  ...rest
}: Properties): Omit<PutMetricAlarmCommandInput, "AlarmName"> {
  const { alarmName: ___, arn: ____, ...settings } = rest;
  return {
    ...pascal<PutMetricAlarmCommandInput>(settings),
    OKActions: (okActions ?? []) as string[],
    ...(dimensions !== undefined && { Dimensions: dimensionList(dimensions) }),
    ...(metricQueries !== undefined && { Metrics: (metricQueries as Properties[]).map(queryInput) }),
  };
}

function queryInput({ metric, returnData = false, ...query }: Properties): MetricDataQuery {
  const common = pascal<MetricDataQuery>({ ...query, returnData });
  if (metric === undefined) return common;
  const { namespace, metricName, dimensions, period, stat, unit } = metric as Properties;
  const Metric = { ...pascal<object>({ namespace, metricName }), Dimensions: dimensionList(dimensions) };
  return { ...common, MetricStat: { ...pascal<{ Period: number; Stat: string }>({ period, stat, unit }), Metric } };
}
