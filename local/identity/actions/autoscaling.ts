import { anything, judgedBy, readJson, text, type Input, type Place, type Rule } from "./table";

/** Which of the targets is meant is told by keys: the id in a target's ARN is nobody's to know beforehand. */
const target = (_: Input, place: Place) => `arn:aws:application-autoscaling:${place.region}:${place.accountId}:scalable-target/*`;
const keys = (input: Input) => ({
  "application-autoscaling:service-namespace": text(input, "ServiceNamespace"),
  "application-autoscaling:scalable-dimension": text(input, "ScalableDimension"),
});
const one: Rule = { on: target, keys };
const tagged: Rule = { on: (input) => text(input, "ResourceARN") };
/**
 * It looks at the endpoint, and is to change it, on behalf of whoever registers.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html
 */
const onBehalf = (input: Input, place: Place) => {
  const { region, accountId } = place;
  const arn = `arn:aws:sagemaker:${region}:${accountId}`;
  const endpoint = `${arn}:endpoint/${(text(input, "ResourceId").split("/")[1] ?? "").toLowerCase()}`;
  return [
    { action: "sagemaker:DescribeEndpoint", resource: endpoint },
    { action: "sagemaker:DescribeEndpointConfig", resource: place.factsOf(endpoint)?.endpointConfigArn ?? `${arn}:endpoint-config/*` },
    { action: "sagemaker:UpdateEndpointWeightsAndCapacities", resource: endpoint },
  ];
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsapplicationautoscaling.html */
export const autoscaling = judgedBy(
  "application-autoscaling",
  {
    DeleteScalingPolicy: one,
    DeleteScheduledAction: one,
    DeregisterScalableTarget: one,
    DescribeScalableTargets: { on: anything },
    DescribeScalingActivities: { on: anything },
    DescribeScalingPolicies: { on: anything },
    DescribeScheduledActions: { on: anything },
    ListTagsForResource: tagged,
    PutScalingPolicy: one,
    PutScheduledAction: one,
    RegisterScalableTarget: { ...one, also: onBehalf },
    TagResource: tagged,
    UntagResource: tagged,
  },
  readJson,
);
