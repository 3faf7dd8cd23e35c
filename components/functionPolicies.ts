import * as pulumi from "@pulumi/pulumi";
import { jobEndedSource } from "../core/records/jobEndedEvent";
import { jobTable, waitingIndex } from "../core/records/table";
import type { DeadLetters } from "./deadLetters";
import type { Settings } from "./settings";
import type { Serving } from "./serving";
import type { Endpoint } from "./endpoint";
import type { Place } from "./images";
import type { Jobs } from "./jobs";
import type { Prefixes } from "./prefixes";
import { bucketArns, keyStatements, lowerCase, type Keys, type Statement } from "./policies";
import type { Storage } from "./storage";

/** What the functions work on. */
export interface Reach extends Prefixes {
  place: Place;
  settings: Settings & Serving;
  endpoint: Endpoint;
  storage: Storage;
  jobs: Jobs;
  jobsTopicArn: pulumi.Output<string>;
  deadLetters: DeadLetters;
}

/**
 * Raising and lowering the scalable target's minimum. Application Auto Scaling checks that the
 * caller itself may describe and scale the endpoint, and for that describes an endpoint configuration whose name it makes up.
 *
 * - The service presents no target's own ARN, only `scalable-target/*`: the two conditions narrow it.
 *   https://docs.aws.amazon.com/service-authorization/latest/reference/list_applicationautoscaling.html
 * - https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_permission_validation.html
 * - https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html
 * - https://github.com/aws-controllers-k8s/community/issues/2110
 */
function floorStatements({ place, endpoint }: Reach): Statement[] {
  const arn = (service: string, resource: pulumi.Input<string>) =>
    pulumi.interpolate`arn:${place.partition}:${service}:${place.region}:${place.accountId}:${resource}`;
  const is = (key: string, value: string) => ({ test: "StringEquals", variable: `application-autoscaling:${key}`, values: [value] });
  return [
    {
      sid: "Floor",
      actions: ["application-autoscaling:RegisterScalableTarget"],
      resources: [arn("application-autoscaling", "scalable-target/*")],
      conditions: [is("service-namespace", "sagemaker"), is("scalable-dimension", "sagemaker:variant:DesiredInstanceCount")],
    },
    // https://docs.aws.amazon.com/service-authorization/latest/reference/list_applicationautoscaling.html: no resource level
    { sid: "ReadTarget", actions: ["application-autoscaling:DescribeScalableTargets"], resources: ["*"] },
    {
      sid: "ScaleEndpoint",
      actions: ["sagemaker:DescribeEndpoint", "sagemaker:UpdateEndpointWeightsAndCapacities"],
      resources: [arn("sagemaker", pulumi.interpolate`endpoint/${lowerCase(endpoint.endpointName)}`)],
    },
    { sid: "EndpointConfigs", actions: ["sagemaker:DescribeEndpointConfig"], resources: [arn("sagemaker", "endpoint-config/*")] },
  ];
}

/** Putting ends of jobs on the event bus, and nothing else. */
function busStatements({ place, settings: { eventBusName } }: Reach): Statement[] {
  if (eventBusName === undefined) return [];
  const busArn = pulumi
    .all([eventBusName, pulumi.interpolate`arn:${place.partition}:events:${place.region}:${place.accountId}:event-bus/`])
    .apply(([bus, prefix]) => (bus.startsWith("arn:") ? bus : `${prefix}${bus}`));
  const conditions = [{ test: "StringEquals", variable: "events:source", values: [jobEndedSource] }];
  return [{ sid: "PutEvents", actions: ["events:PutEvents"], resources: [busArn], conditions }];
}

/**
 * Answering tasks of workflows; nothing without them. Which state machines ask is not known here: their definitions name the submit
 * function. Without a task's token the right alone is of no use.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concept-create-iam-advanced.html
 */
function taskStatements({ place, settings }: Reach, ...actions: string[]): Statement[] {
  if (!settings.workflowsEnabled) return [];
  const stateMachines = pulumi.interpolate`arn:${place.partition}:states:${place.region}:${place.accountId}:stateMachine:*`;
  return [{ sid: "Tasks", actions: actions.map((action) => `states:SendTask${action}`), resources: [stateMachines] }];
}

/** Reading the tokens of the tasks that wait for a job, and nothing else of it. */
function tokenStatement({ jobs }: Reach): Statement {
  const condition = (test: string, name: string, values: string[]) => ({ test, variable: `dynamodb:${name}`, values });
  const attributes = condition("ForAllValues:StringEquals", "Attributes", ["jobId", "taskTokens"]);
  const select = condition("StringEqualsIfExists", "Select", ["SPECIFIC_ATTRIBUTES"]);
  return { sid: "ReadTokens", actions: ["dynamodb:GetItem"], resources: [jobs.tableArn], conditions: [attributes, select] };
}

/** Functions of a service that have a role. */
export type FunctionPart = "submit" | "inbox" | "batch" | "result" | "sweep" | "floor" | "bus" | "tasks" | "tracing";

/** Statements that more than one function has. */
function sharedStatements({ place, settings, endpoint, storage, jobs, jobsTopicArn, inputPrefix }: Reach) {
  const below = (prefix: string) => pulumi.interpolate`${storage.bucketArn}/${prefix}*`;
  return {
    /** Objects below a prefix, and below those that it was before. */
    all: (prefix: string, formerly: readonly string[]) => [prefix, ...formerly].map(below),
    table: (...actions: string[]): Statement => ({ sid: "Jobs", actions, resources: [jobs.tableArn] }),
    dueJobs: {
      sid: "DueJobs",
      actions: ["dynamodb:Query"],
      resources: [pulumi.interpolate`${jobs.tableArn}/index/${jobTable.indexes.due.name}`],
    } satisfies Statement,
    waitingJobs: (settings.priorityEnabled
      ? [
          {
            sid: "WaitingJobs",
            actions: ["dynamodb:Query"],
            resources: [pulumi.interpolate`${jobs.tableArn}/index/${waitingIndex.index.name}`],
          },
        ]
      : []) satisfies Statement[],
    read: (resources: pulumi.Input<pulumi.Input<string>[]>): Statement => ({ sid: "ReadObjects", actions: ["s3:GetObject"], resources }),
    // Without it a missing object reads as forbidden.
    list: (buckets: pulumi.Input<pulumi.Input<string>[]>): Statement => ({
      sid: "ListBuckets",
      actions: ["s3:ListBucket"],
      resources: buckets,
    }),
    upload: { sid: "WriteInputs", actions: ["s3:PutObject"], resources: [below(inputPrefix)] } satisfies Statement,
    invoke: {
      sid: "Invoke",
      actions: ["sagemaker:InvokeEndpointAsync"],
      resources: [
        pulumi.interpolate`arn:${place.partition}:sagemaker:${place.region}:${place.accountId}:endpoint/${lowerCase(endpoint.endpointName)}`,
      ],
    } satisfies Statement,
    announce: { sid: "Announce", actions: ["sns:Publish"], resources: [jobsTopicArn] } satisfies Statement,
  };
}

/**
 * What each function may do: what its factory's documentation lists, action by action.
 *
 * @param floorFunctionArn the function that submit and inbox call
 */
export function functionStatements(reach: Reach, floorFunctionArn?: pulumi.Output<string>): Record<FunctionPart, Statement[]> {
  const { place, settings, storage, inputPrefix, outputPrefix, failurePrefix, inboxPrefix, former } = reach;
  const { bucketArn } = storage;
  const { all, table, dueJobs, waitingJobs, read, list, upload, invoke, announce } = sharedStatements(reach);
  const allowed = bucketArns(place.partition, settings.inputBuckets);
  const outputs = all(outputPrefix, former.output);
  const failures = all(failurePrefix, former.failure);
  const callFloor: Statement = {
    sid: "CallFloor",
    actions: ["lambda:InvokeFunction"],
    resources: floorFunctionArn === undefined ? [] : [floorFunctionArn],
  };
  const withAllowed = (own: pulumi.Input<string>[], suffix: string) =>
    pulumi.all([pulumi.all(own), allowed]).apply(([arns, buckets]) => [...arns, ...buckets.map((bucket) => bucket + suffix)]);
  const listAllowed = list(withAllowed([bucketArn], ""));
  const readAndWrite = table("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem");

  return {
    submit: [
      readAndWrite,
      upload,
      read(withAllowed([...all(inputPrefix, []), ...outputs], "/*")),
      listAllowed,
      invoke,
      announce,
      callFloor,
      ...taskStatements(reach, "Success", "Failure"),
    ],
    inbox: [readAndWrite, upload, read(all(inboxPrefix, former.inbox)), list([bucketArn]), invoke, announce, callFloor],
    batch: [readAndWrite, read(withAllowed(all(inputPrefix, []), "/*")), listAllowed, invoke, announce, callFloor],
    sweep: [
      readAndWrite,
      dueJobs,
      ...waitingJobs,
      read([...all(inputPrefix, former.input), ...outputs, ...failures]),
      list([bucketArn]),
      invoke,
      announce,
      ...taskStatements(reach, "Heartbeat"),
    ],
    floor: [
      table("dynamodb:GetItem", "dynamodb:PutItem"),
      dueJobs,
      ...floorStatements(reach),
      // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html: no resource level
      { sid: "Backlog", actions: ["cloudwatch:GetMetricStatistics"], resources: ["*"] },
    ],
    result: [
      table("dynamodb:GetItem", "dynamodb:UpdateItem"),
      ...waitingJobs,
      read([...outputs, ...failures]),
      list([bucketArn]),
      invoke,
      announce,
    ],
    bus: busStatements(reach),
    tasks: [tokenStatement(reach), ...taskStatements(reach, "Success", "Failure")],
    tracing: [],
  };
}

/** What each function may do with customers' keys. Looking whether an object is there takes none: a function that reads no body needs no former key. */
export function functionKeyStatements({ kmsKeyArn, formerKmsKeyArns, decryptKeyArns }: Keys): Record<FunctionPart, Statement[]> {
  return {
    // Results.
    submit: keyStatements({ kmsKeyArn, formerKmsKeyArns }),
    // Uploads, which it copies.
    inbox: keyStatements({ kmsKeyArn, formerKmsKeyArns, decryptKeyArns }),
    // It looks at inputs without reading them; the floor's count and the job table are its own.
    batch: keyStatements({ kmsKeyArn }),
    // What the model said when it failed.
    sweep: keyStatements({ kmsKeyArn, formerKmsKeyArns }),
    floor: keyStatements({ kmsKeyArn }, ["kms:Decrypt"]),
    result: keyStatements({ kmsKeyArn, formerKmsKeyArns }),
    // Dead letters.
    bus: keyStatements({ kmsKeyArn }),
    // The table, and dead letters.
    tasks: keyStatements({ kmsKeyArn }),
    // Dead letters.
    tracing: keyStatements({ kmsKeyArn }),
  };
}
