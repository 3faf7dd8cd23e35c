/**
 * What this project uses of @pulumi/aws, for the compiler: tsconfig.json's `paths` name this file. The whole package is a million lines of
 * declarations, which would be read by each type check, by lint and by every editor, and take nine seconds instead of three.
 * A program that uses another service of AWS adds its line; nothing of this file exists at run time.
 */
export * from "@pulumi/aws/getAvailabilityZones";
export * from "@pulumi/aws/getCallerIdentity";
export * from "@pulumi/aws/getPartition";
export * from "@pulumi/aws/getRegion";
export * from "@pulumi/aws/provider";
export * from "@pulumi/aws/types/enums";
export * as appautoscaling from "@pulumi/aws/appautoscaling";
export * as cloudwatch from "@pulumi/aws/cloudwatch";
export * as config from "@pulumi/aws/config";
export * as dynamodb from "@pulumi/aws/dynamodb";
export * as iam from "@pulumi/aws/iam";
export * as kms from "@pulumi/aws/kms";
export * as lambda from "@pulumi/aws/lambda";
export * as s3 from "@pulumi/aws/s3";
export * as sagemaker from "@pulumi/aws/sagemaker";
export * as sfn from "@pulumi/aws/sfn";
export * as sns from "@pulumi/aws/sns";
export * as sqs from "@pulumi/aws/sqs";
export * as ssm from "@pulumi/aws/ssm";
export * as types from "@pulumi/aws/types";
