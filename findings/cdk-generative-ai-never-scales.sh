#!/usr/bin/env bash
# @cdklabs/generative-ai-cdk-constructs 0.1.318, AWS's constructs for models: an endpoint for asynchronous inference that may sleep, with a Lambda
# that is to send jobs to it, in two stacks of one account. aws-cdk-lib 2.276.0.
#
# Guess:     the endpoint wakes by the backlog that SageMaker reports, `grantInvoke` lets the Lambda send a job, and two stacks can stand beside
#            each other.
# Behaviour: both alarms read ApproximateBacklogSizePerInstance by the dimensions Endpoint and Variant; SageMaker reports it by EndpointName, so
#            that they have no data and the endpoint keeps its number of instances. None reads HasBacklogWithoutCapacity, the one
#            that knows of jobs at zero. The Lambda may sagemaker:InvokeEndpoint, which an asynchronous endpoint refuses, and not
#            InvokeEndpointAsync. The topics' names are fixed by the construct's id: the second stack fails.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . @cdklabs/generative-ai-cdk-constructs@0.1.318 aws-cdk-lib@2.276.0 constructs@10.8.1 cdk-nag@2.38.2
cat >stacks.js <<'JAVASCRIPT'
const { sagemaker_deployment: models } = require("@cdklabs/generative-ai-cdk-constructs");
const { App, Stack, assertions, aws_iam: iam } = require("aws-cdk-lib");

function resources(name) {
  const stack = new Stack(new App(), name, { env: { account: "123456789012", region: "eu-west-1" } });
  const endpoint = new models.CustomSageMakerEndpoint(stack, "ocr", {
    modelId: "team/ocr",
    instanceType: models.SageMakerInstanceType.ML_G5_2XLARGE,
    container: models.DeepLearningContainerImage.fromDeepLearningContainerImage("huggingface-pytorch-inference", "2.1.0-gpu"),
    modelDataUrl: "s3://team-models/ocr.tar.gz",
    endpointName: name,
    minCapacity: 0,
    maxCapacity: 3,
    asyncInference: { outputPath: "s3://team-jobs/output", failurePath: "s3://team-jobs/failure" },
  });
  endpoint.grantInvoke(new iam.Role(stack, "caller", { assumedBy: new iam.ServicePrincipal("lambda.amazonaws.com") }));
  return Object.entries(assertions.Template.fromStack(stack).toJSON().Resources);
}
const found = resources("dev");
for (const [, { Type, Properties }] of found)
  if (Type === "AWS::CloudWatch::Alarm") {
    const { MetricName, ComparisonOperator, Threshold, Dimensions } = Properties;
    console.log(`alarm: ${MetricName} by ${Dimensions.map(({ Name }) => Name).join(" and ")}, ${ComparisonOperator} ${Threshold}`);
  }
for (const [id, { Type, Properties }] of found)
  if (Type === "AWS::IAM::Policy" && id.startsWith("caller"))
    console.log(`the Lambda may: ${Properties.PolicyDocument.Statement.map(({ Action }) => Action).join(", ")}`);
const topics = (list) => list.filter(([, { Type }]) => Type === "AWS::SNS::Topic").map(([, { Properties }]) => Properties.TopicName);
console.log(`topics of the first stack: ${topics(found).join(", ")}`);
console.log(`topics of the second stack: ${topics(resources("prod")).join(", ")}`);
JAVASCRIPT
seen=$(node --no-warnings stacks.js 2>notes.txt) || cat notes.txt >&2
expected='alarm: ApproximateBacklogSizePerInstance by Endpoint and Variant, LessThanOrEqualToThreshold 0
alarm: ApproximateBacklogSizePerInstance by Endpoint and Variant, GreaterThanOrEqualToThreshold 0.5
the Lambda may: sagemaker:InvokeEndpoint
topics of the first stack: success-topic-ocr, failure-topic-ocr
topics of the second stack: success-topic-ocr, failure-topic-ocr'

printf '@cdklabs/generative-ai-cdk-constructs 0.1.318\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
