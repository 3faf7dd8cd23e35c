import { partitionOf } from "../../core/partition";
import { formerPrefixesOf } from "../../outputs";
import type { PolicyStatement, SourceName } from "./types";

/** What the sources are asked about. Without a stack's outputs the second half is unknown. */
export interface ExplainedService {
  region: string;
  endpointName: string;
  bucketName: string;
  inputPrefix: string;
  outputPrefix: string;
  failurePrefix: string;
  formerPrefixes?: string;
  partition?: string;
  accountId?: string;
  jobTableName?: string;
  jobTableArn?: string;
  endpointConfigName?: string;
  resultLogGroupName?: string;
  /** Absent or empty in stacks that have no such queue. */
  deadLetterQueueUrl?: string;
}

/**
 * What reading each source takes, exactly.
 *
 * Four have no resource level and need `*`: GetMetricData, DescribeScalableTargets, DescribeScalingActivities, and
 * DescribeAlarms in part (metric alarms do have one, which is what is asked for here).
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_applicationautoscaling.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
 *
 * @param configName the endpoint configuration in use, once that is known
 */
export function explainStatement(service: ExplainedService, source: SourceName, configName?: string): PolicyStatement {
  const { region, endpointName, bucketName, accountId = "*", jobTableName = "*" } = service;
  const partition = service.partition ?? partitionOf(region);
  const arn = (name: string, resource: string) => `arn:${partition}:${name}:${region}:${accountId}:${resource}`;
  const bucketArn = `arn:${partition}:s3:::${bucketName}`;
  const allow = (Action: string | string[], Resource: string | string[]): PolicyStatement => ({ Effect: "Allow", Action, Resource });
  // Without s3:ListBucket an object that is missing reads as one that is forbidden.
  const objects = (kind: "input" | "output" | "failure") => {
    const prefixes = [service[`${kind}Prefix`], ...formerPrefixesOf(service, kind)];
    return allow(["s3:GetObject", "s3:ListBucket"], [...prefixes.map((prefix) => `${bucketArn}/${prefix}*`), bucketArn]);
  };
  switch (source) {
    case "record":
      return allow("dynamodb:GetItem", service.jobTableArn ?? arn("dynamodb", `table/${jobTableName}`));
    case "waiting":
      return allow("dynamodb:Query", `${service.jobTableArn ?? arn("dynamodb", `table/${jobTableName}`)}/index/waiting`);
    case "input":
      return objects("input");
    case "output":
      return objects("output");
    case "failure":
      return objects("failure");
    case "endpoint":
      return allow("sagemaker:DescribeEndpoint", arn("sagemaker", `endpoint/${endpointName.toLowerCase()}`));
    case "endpointConfig": {
      const name = configName ?? service.endpointConfigName ?? "*";
      return allow("sagemaker:DescribeEndpointConfig", arn("sagemaker", `endpoint-config/${name.toLowerCase()}`));
    }
    case "scaling":
      return allow(["application-autoscaling:DescribeScalableTargets", "application-autoscaling:DescribeScalingActivities"], "*");
    case "schedules":
      return allow("application-autoscaling:DescribeScheduledActions", "*");
    case "metrics":
      return allow("cloudwatch:GetMetricData", "*");
    case "alarms":
      return allow("cloudwatch:DescribeAlarms", arn("cloudwatch", "alarm:*"));
    case "deadLetters":
      return allow("sqs:GetQueueAttributes", arn("sqs", (service.deadLetterQueueUrl ?? "*").split("/").at(-1) as string));
    case "resultLog":
      return allow("logs:FilterLogEvents", arn("logs", `log-group:${service.resultLogGroupName ?? "*"}:*`));
    case "containerLog":
      return allow("logs:FilterLogEvents", arn("logs", `log-group:${endpointLogGroup(endpointName)}:*`));
  }
}

/** Where SageMaker writes what the containers of an endpoint print, and its own words about each failed invocation. */
export function endpointLogGroup(endpointName: string): string {
  return `/aws/sagemaker/Endpoints/${endpointName}`;
}
