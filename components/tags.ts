import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Resource types of this project that take tags. */
const taggable = new Set([
  "aws:appautoscaling/target:Target",
  "aws:cloudwatch/eventRule:EventRule",
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:cloudwatch/metricAlarm:MetricAlarm",
  "aws:dynamodb/table:Table",
  "aws:iam/role:Role",
  "aws:lambda/eventSourceMapping:EventSourceMapping",
  "aws:lambda/function:Function",
  "aws:s3/bucket:Bucket",
  "aws:sagemaker/endpoint:Endpoint",
  "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
  "aws:sagemaker/model:Model",
  "aws:sns/topic:Topic",
  "aws:sqs/queue:Queue",
  "aws:ssm/parameter:Parameter",
]);

/**
 * The project's own tags and the user's, which win. The project's own also give way to `aws:defaultTags`, which the provider adds to
 * each resource. Names that differ only in case are one: IAM takes no two of them.
 */
export function tagsOf(own: Record<string, string>): Record<string, string> {
  const names = [...Object.keys(own), ...Object.keys(aws.config.defaultTags?.tags ?? {})];
  const taken = new Set(names.map((name) => name.toLowerCase()));
  const ours = Object.entries({ project: pulumi.getProject(), stack: pulumi.getStack() }).filter(([name]) => !taken.has(name));
  return { ...Object.fromEntries(ours), ...own };
}

/** Adds `tags` to every resource below the one that has this transformation; a resource's own tags win. */
export function tagging(tags: Record<string, string>): pulumi.ResourceTransformation {
  return ({ type, props, opts }) => {
    if (!taggable.has(type)) return undefined;
    const { tags: own } = props as { tags?: Record<string, string> };
    return { props: { ...(props as object), tags: { ...tags, ...own } }, opts };
  };
}
