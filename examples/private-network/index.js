// No traffic of model or functions leaves the VPC, and everything that is stored is encrypted with the account's own key.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { AsyncInference, keyPolicy } from "sagemaker-async-inference";
const config = new pulumi.Config();
const key = new aws.kms.Key("records", { description: "Inputs and results", policy: keyPolicy(), enableKeyRotation: true });
const service = new AsyncInference("records", {
    image: "records:1",
    kmsKeyArn: key.arn,
    vpcSubnetIds: config.requireObject("subnetIds"),
    vpcSecurityGroupIds: config.requireObject("securityGroupIds"),
    // Subnets without a NAT gateway need VPC endpoints of every service that the functions call.
    functionsInVpc: true,
    forceDestroy: true,
});
export const submitFunction = service.outputs.submitFunctionName;
export const keyArn = key.arn;
