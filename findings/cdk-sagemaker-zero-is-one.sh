#!/usr/bin/env bash
# @aws-cdk/aws-sagemaker-alpha 2.159.1-alpha.0 (the newest) with aws-cdk-lib 2.276.0, an endpoint that may sleep and a variant that gets
# no requests yet. Node.js 22 or later.
#
# Guess:     `minCapacity: 0` and `initialVariantWeight: 0` reach the template, as aws-cdk-lib's own ScalableTarget keeps a minimum of 0;
#            or they are refused, as an `initialInstanceCount` of 0 is.
# Behaviour: both become 1 without a word: the endpoint never sleeps and its GPU is paid around the clock, and the new variant
#            gets its share of the requests.
# Output:    see `expected` below.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix . @aws-cdk/aws-sagemaker-alpha@2.159.1-alpha.0 aws-cdk-lib@2.276.0 constructs@10.8.1
cat >stack.mjs <<'JAVASCRIPT'
import sagemaker from "@aws-cdk/aws-sagemaker-alpha";
import cdk from "aws-cdk-lib";
import scaling from "aws-cdk-lib/aws-applicationautoscaling";
import { Template } from "aws-cdk-lib/assertions";

const stack = new cdk.Stack(new cdk.App(), "ocr", { env: { account: "123456789012", region: "eu-west-1" } });
const model = sagemaker.Model.fromModelName(stack, "Model", "ocr");
const variant = (variantName, more) => ({ model, variantName, instanceType: sagemaker.InstanceType.G4DN_XLARGE, ...more });
const instanceProductionVariants = [variant("old"), variant("new", { initialVariantWeight: 0 })];
const endpointConfig = new sagemaker.EndpointConfig(stack, "Config", { instanceProductionVariants });
const endpoint = new sagemaker.Endpoint(stack, "Endpoint", { endpointConfig });
endpoint.findInstanceProductionVariant("old").autoScaleInstanceCount({ minCapacity: 0, maxCapacity: 4 });
new scaling.ScalableTarget(stack, "Own", {
  minCapacity: 0,
  maxCapacity: 4,
  resourceId: "endpoint/ocr/variant/new",
  scalableDimension: "sagemaker:variant:DesiredInstanceCount",
  serviceNamespace: scaling.ServiceNamespace.SAGEMAKER,
});
for (const { Type, Properties } of Object.values(Template.fromStack(stack).toJSON().Resources)) {
  for (const { VariantName, InitialVariantWeight } of Properties.ProductionVariants ?? [])
    console.log(`variant ${VariantName}: weight ${InitialVariantWeight}`);
  if (Type.endsWith("ScalableTarget"))
    console.log(`${Properties.ResourceId === "endpoint/ocr/variant/new" ? "ScalableTarget" : "autoScaleInstanceCount"}: minimum ${Properties.MinCapacity}`);
}
try {
  new sagemaker.EndpointConfig(stack, "Empty", { instanceProductionVariants: [variant("none", { initialInstanceCount: 0 })] });
} catch (error) {
  console.log("initialInstanceCount 0:", error.message);
}
JAVASCRIPT
seen=$(node --no-warnings stack.mjs)
expected="variant old: weight 1
variant new: weight 1
autoScaleInstanceCount: minimum 1
ScalableTarget: minimum 0
initialInstanceCount 0: Invalid Production Variant Props: Must have at least one instance"

printf '@aws-cdk/aws-sagemaker-alpha 2.159.1-alpha.0\n%s\n' "$seen"
[ "$seen" = "$expected" ] || {
  printf 'changed: expected\n%s\n' "$expected" >&2
  exit 1
}
