import type * as pulumi from "@pulumi/pulumi";

/** Resource types of this project that take tags. */
const taggable = new Set([
  "aws:appautoscaling/target:Target",
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:cloudwatch/metricAlarm:MetricAlarm",
  "aws:dynamodb/table:Table",
  "aws:iam/role:Role",
  "aws:lambda/function:Function",
  "aws:s3/bucket:Bucket",
  "aws:sagemaker/endpoint:Endpoint",
  "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
  "aws:sagemaker/model:Model",
  "aws:sns/topic:Topic",
]);

/** Adds `tags` to every resource below the one that has this transformation; a resource's own tags win. */
export function tagging(tags: Record<string, string>): pulumi.ResourceTransformation {
  return ({ type, props, opts }) => {
    if (!taggable.has(type)) return undefined;
    const { tags: own } = props as { tags?: Record<string, string> };
    return { props: { ...(props as object), tags: { ...tags, ...own } }, opts };
  };
}
