#!/usr/bin/env bash
# moto 5.2.5, Application Auto Scaling of a SageMaker endpoint's variant.
#
# Guess:     a target-tracking policy makes its two alarms, as moto does for DynamoDB tables or at least as AWS does; a target's minimum
#            may not exceed its maximum; the policies go with the target when it is deregistered.
# Behaviour: the policy makes no alarm. A minimum of 5 with a maximum of 3 is kept, for an endpoint that does not exist. The policies
#            stay after their target: a test can't see that an update that deregisters the target has to make them anew.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check "moto[applicationautoscaling,cloudwatch]==5.2.5" boto3==1.44.8
cd "$folder"
cat >scale.py <<'PYTHON'
import boto3
from moto import mock_aws

variant = {"ServiceNamespace": "sagemaker", "ResourceId": "endpoint/ocr/variant/all", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
backlog = {"MetricName": "ApproximateBacklogSizePerInstance", "Namespace": "AWS/SageMaker", "Statistic": "Average",
           "Dimensions": [{"Name": "EndpointName", "Value": "ocr"}]}
with mock_aws():
    scaling = boto3.client("application-autoscaling", "us-east-1")
    scaling.register_scalable_target(**variant, MinCapacity=5, MaxCapacity=3)
    target = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"][0]
    print("target:", target["MinCapacity"], "to", target["MaxCapacity"])
    policy = scaling.put_scaling_policy(**variant, PolicyName="backlog", PolicyType="TargetTrackingScaling",
                                        TargetTrackingScalingPolicyConfiguration={"TargetValue": 1, "CustomizedMetricSpecification": backlog})
    alarms = boto3.client("cloudwatch", "us-east-1").describe_alarms()["MetricAlarms"]
    print("alarms of the policy:", len(policy["Alarms"]), "in CloudWatch:", len(alarms))
    scaling.deregister_scalable_target(**variant)
    print("targets left:", len(scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]))
    print("policies left:", len(scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]))
PYTHON
seen=$(AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b venv/bin/python scale.py)
expected='target: 5 to 3
alarms of the policy: 0 in CloudWatch: 0
targets left: 0
policies left: 1'

printf 'moto 5.2.5\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
