import { autoscaling } from "./autoscaling";
import { cloudwatch } from "./cloudwatch";
import { dynamodb } from "./dynamodb";
import { iam } from "./iam";
import { lambda } from "./lambda";
import { logs } from "./logs";
import { s3 } from "./s3";
import { sagemaker } from "./sagemaker";
import { sns } from "./sns";
import { sqs } from "./sqs";
import { sts } from "./sts";
/** Which actions, on which resources, each request of each service needs: by the service's name in signatures. */
export const actionsByService = {
    "application-autoscaling": autoscaling,
    dynamodb,
    iam,
    lambda,
    logs,
    monitoring: cloudwatch,
    s3,
    sagemaker,
    sns,
    sqs,
    sts,
};
