import { autoscaling } from "./autoscaling";
import { cloudwatch } from "./cloudwatch";
import { dynamodb } from "./dynamodb";
import { events } from "./events";
import { iam } from "./iam";
import { kms } from "./kms";
import { lambda } from "./lambda";
import { logs } from "./logs";
import { s3 } from "./s3";
import { sagemaker } from "./sagemaker";
import { sns } from "./sns";
import { sqs } from "./sqs";
import { ssm } from "./ssm";
import { states } from "./states";
import { sts } from "./sts";
import type { NeedsOf } from "./table";

/** Which actions, on which resources, each request of each service needs: by the service's name in signatures. */
export const actionsByService: Readonly<Record<string, NeedsOf>> = {
  "application-autoscaling": autoscaling,
  dynamodb,
  events,
  iam,
  kms,
  lambda,
  logs,
  monitoring: cloudwatch,
  s3,
  sagemaker,
  sns,
  sqs,
  ssm,
  states,
  sts,
};
