import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { present } from "../core/present";
import type { SettingsEnvironment } from "../functions/settings";
import { functionArchive, handlerName } from "./archive";
import { requireLambdaBounds } from "./nameChecks";
import { keyUsePolicy, policyDocument, type Statement } from "./policies";

/** Settings of a function whose values may be known later. */
export type FunctionInputs<Settings extends object> = { [Name in keyof Settings]: pulumi.Input<Settings[Name]> };

/** Arguments of {@link CallbackLambda}. */
export interface CallbackLambdaArgs<Settings extends object> {
  /** Makes the handler inside Lambda; serialized with what it captures. It alone reads the environment and requires the SDK. */
  factory: () => (event: never, context: never) => Promise<unknown>;
  /**
   * Settings of the function: plain data, one JSON document in its environment, which `readSettings` of functions/settings.ts reads.
   * They are not part of the archive, which is therefore the same in every stack. @default none
   */
  settings?: FunctionInputs<Settings>;
  /** Environment variables besides: what code of users reads by name. @default none */
  environment?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Exactly what the function may do, besides writing its own log. */
  statements: pulumi.Input<Statement[]>;
  /** What it may do with customers' keys: in force before {@link statements}, whatever those wait for. @default nothing */
  keyStatements?: Statement[];
  /** Seconds, 1 to 900. */
  timeoutSeconds: number;
  /** MB, 128 to 10240. The share of a CPU follows it. */
  memoryMb: number;
  logRetentionDays: pulumi.Input<number>;
  /** Key that encrypts log and environment; the statements must allow its use. @default AWS's keys */
  kmsKeyArn?: pulumi.Input<string>;
  /** Subnets and security groups of the function's network interfaces. @default none: Lambda's own network */
  network?: FunctionNetwork;
  /** Where an event goes that can't be delivered, or that the function fails at three times. @default nowhere: it is lost */
  deadLetterQueueArn?: pulumi.Input<string>;
  /** Whether the factory captures nothing of a user's; its archive is then smaller. @default false */
  isOwn?: boolean;
  /** npm packages in the archive, besides what the Lambda runtime has. @default none: the archive is `__index.js` alone */
  packages?: readonly string[];
}

/** Where a function's traffic goes. Subnets without a NAT gateway need VPC endpoints of every service that it calls. */
export interface FunctionNetwork {
  subnetIds: pulumi.Input<pulumi.Input<string>[]>;
  securityGroupIds: pulumi.Input<pulumi.Input<string>[]>;
  /** `arn:<partition>:ec2:<region>:<account>:` */
  ec2ArnPrefix: pulumi.Input<string>;
}

/**
 * A TypeScript function in Lambda, with a role of its own that allows exactly the given statements and its own log group.
 *
 * The only place of this project that creates a function: left to itself, `aws.lambda.CallbackFunction` attaches
 * nine full-access policies and packs every dependency.
 */
export class CallbackLambda<Settings extends object = object> extends pulumi.ComponentResource {
  readonly functionName: pulumi.Output<string>;
  /** Where the function's log lines are. */
  readonly logGroupName: pulumi.Output<string>;
  readonly functionArn: pulumi.Output<string>;
  readonly roleArn: pulumi.Output<string>;
  /** The policy with the role's use of keys; none without keys. */
  readonly keyPolicies: readonly pulumi.Resource[];

  private readonly deadLetterQueueArn: pulumi.Input<string> | undefined;
  private readonly policies: readonly pulumi.Resource[];

  /** @throws pulumi.InputPropertiesError when time or memory are beyond Lambda's bounds */
  constructor(name: string, args: CallbackLambdaArgs<Settings>, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-async:index:CallbackLambda", name, {}, opts);
    requireLambdaBounds(name, args);

    // Made first and named to the function, so that the role can name it without guessing the function's name.
    const logGroup = new aws.cloudwatch.LogGroup(name, present({ retentionInDays: args.logRetentionDays, kmsKeyId: args.kmsKeyArn }), {
      parent: this,
    });
    const role = new aws.iam.Role(name, { assumeRolePolicy: policyDocument(this, [lambdaAssumes]) }, { parent: this });
    const policy = new aws.iam.RolePolicy(
      name,
      {
        role: role.id,
        policy: policyDocument(this, [writeLog(logGroup), ...sendDeadLetters(args.deadLetterQueueArn)], args.statements),
      },
      { parent: this },
    );
    this.keyPolicies = keyUsePolicy(name, role, args.keyStatements ?? [], this);
    this.policies = [policy, ...this.keyPolicies, ...this.networkPolicy(name, role, args.network)];
    const callback = new aws.lambda.Function(
      name,
      {
        code: functionArchive(args.factory, args.packages ?? [], this, args.isOwn ?? false),
        handler: handlerName,
        role: role.arn,
        runtime: aws.lambda.Runtime.NodeJS24dX,
        architectures: ["arm64"],
        timeout: args.timeoutSeconds,
        memorySize: args.memoryMb,
        environment: { variables: { ...args.environment, ...settingsVariable(args.settings) } },
        ...present({ kmsKeyArn: args.kmsKeyArn, vpcConfig: args.network && vpcConfigOf(args.network) }),
        // Plain text: metrics that a function prints in the embedded metric format are lines of their own.
        loggingConfig: { logFormat: "Text", logGroup: logGroup.name },
      },
      { parent: this, dependsOn: [...this.policies] },
    );

    this.functionName = callback.name;
    this.logGroupName = logGroup.name;
    this.functionArn = callback.arn;
    this.roleArn = role.arn;
    this.deadLetterQueueArn = args.deadLetterQueueArn;
    if (args.deadLetterQueueArn !== undefined) {
      new aws.lambda.FunctionEventInvokeConfig(
        name,
        {
          functionName: this.functionName,
          maximumRetryAttempts: asynchronousRetries,
          destinationConfig: { onFailure: { destination: args.deadLetterQueueArn } },
        },
        // Lambda refuses a destination that the role may not send to.
        { parent: this, dependsOn: [policy, ...this.keyPolicies] },
      );
    }
    this.registerOutputs({ functionName: this.functionName, functionArn: this.functionArn });
  }

  /** Hands every message of a topic to the function, or those whose attributes match `filter`. */
  subscribeTo(name: string, topicArn: pulumi.Input<string>, filter?: Record<string, string[]>): void {
    const permission = this.allow(name, "sns.amazonaws.com", topicArn);
    new aws.sns.TopicSubscription(
      name,
      {
        topic: topicArn,
        protocol: "lambda",
        endpoint: this.functionArn,
        ...(filter === undefined ? {} : { filterPolicy: JSON.stringify(filter) }),
        ...(this.deadLetterQueueArn === undefined
          ? {}
          : { redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: this.deadLetterQueueArn }) }),
      },
      { parent: this, dependsOn: [permission] },
    );
  }

  /** Has the function invoked at a rate such as `rate(1 minute)`. A run that fails is not tried again: the next one does its work. */
  schedule(name: string, scheduleExpression: string): void {
    const rule = new aws.cloudwatch.EventRule(name, { scheduleExpression }, { parent: this });
    const permission = this.allow(name, "events.amazonaws.com", rule.arn);
    new aws.lambda.FunctionEventInvokeConfig(
      name,
      { functionName: this.functionName, maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      { parent: this },
    );
    new aws.cloudwatch.EventTarget(name, { rule: rule.name, arn: this.functionArn }, { parent: this, dependsOn: [permission] });
  }

  /**
   * Has the function invoked with what is in a queue. Its answer says which messages failed; those stay.
   *
   * @param maximumConcurrency invocations at a time, from 2 to 1000
   */
  drain(name: string, queueArn: pulumi.Input<string>, batchSize: number, maximumConcurrency: number): void {
    new aws.lambda.EventSourceMapping(
      name,
      {
        functionName: this.functionName,
        eventSourceArn: queueArn,
        batchSize,
        functionResponseTypes: ["ReportBatchItemFailures"],
        scalingConfig: { maximumConcurrency },
      },
      // Lambda refuses a queue that the role may not receive from.
      { parent: this, dependsOn: [...this.policies] },
    );
  }

  /**
   * A policy of its own: when the function leaves the VPC it is deleted, which the engine does after all updates. Taken out of another
   * policy, the permissions would be gone before the function has left.
   */
  private networkPolicy(name: string, role: aws.iam.Role, network: FunctionNetwork | undefined): aws.iam.RolePolicy[] {
    if (network === undefined) return [];
    const policy = policyDocument(this, joinNetwork(network));
    return [new aws.iam.RolePolicy(`${name}.network`, { role: role.id, policy }, { parent: this })];
  }

  /** Lets a service invoke the function, for one resource of its only. */
  allow(
    name: string,
    service: "sns.amazonaws.com" | "s3.amazonaws.com" | "events.amazonaws.com",
    sourceArn: pulumi.Input<string>,
    sourceAccount?: pulumi.Input<string>,
  ): aws.lambda.Permission {
    return new aws.lambda.Permission(
      name,
      {
        action: "lambda:InvokeFunction",
        function: this.functionName,
        principal: service,
        sourceArn,
        // A bucket's ARN has no account: the name could be somebody else's after ours is deleted.
        ...present({ sourceAccount }),
      },
      { parent: this },
    );
  }
}

function settingsVariable(settings: object | undefined): Partial<FunctionInputs<SettingsEnvironment>> {
  return settings === undefined ? {} : { SETTINGS: pulumi.jsonStringify(settings) };
}

/** Lambda's most: after one and after two minutes more. */
const asynchronousRetries = 2;

function sendDeadLetters(queueArn: pulumi.Input<string> | undefined): Statement[] {
  return queueArn === undefined ? [] : [{ sid: "DeadLetters", actions: ["sqs:SendMessage"], resources: [queueArn] }];
}

const lambdaAssumes: Statement = {
  sid: "LambdaAssumes",
  actions: ["sts:AssumeRole"],
  principals: [{ type: "Service", identifiers: ["lambda.amazonaws.com"] }],
};

function vpcConfigOf({ subnetIds, securityGroupIds }: FunctionNetwork) {
  return { subnetIds, securityGroupIds };
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
function joinNetwork({ ec2ArnPrefix, subnetIds, securityGroupIds }: FunctionNetwork): Statement[] {
  return [
    {
      sid: "JoinVpc",
      actions: ["ec2:CreateNetworkInterface"],
      resources: pulumi
        .all([ec2ArnPrefix, subnetIds, securityGroupIds])
        .apply(([prefix, subnets, groups]) => [
          `${prefix}network-interface/*`,
          ...subnets.map((id) => `${prefix}subnet/${id}`),
          ...groups.map((id) => `${prefix}security-group/${id}`),
        ]),
    },
    {
      // Lambda looks for these on every kind of resource.
      sid: "ManageInterfaces",
      actions: ["ec2:DeleteNetworkInterface", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"],
      resources: [pulumi.interpolate`${ec2ArnPrefix}*/*`],
    },
    // These actions take no resource.
    { sid: "DescribeVpc", actions: ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"], resources: ["*"] },
  ];
}

function writeLog(logGroup: aws.cloudwatch.LogGroup): Statement {
  return {
    sid: "WriteLog",
    actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
    resources: [pulumi.interpolate`${logGroup.arn}:*`],
  };
}
