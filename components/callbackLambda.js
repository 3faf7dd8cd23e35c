import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { present } from "../core/present";
import { functionArchive, handlerName } from "./archive";
import { requireLambdaBounds } from "./nameChecks";
import { keyUsePolicy, policyDocument } from "./policies";
/**
 * A TypeScript function in Lambda, with a role of its own that allows exactly the given statements and its own log group.
 *
 * The only place of this project that creates a function: left to itself, `aws.lambda.CallbackFunction` attaches
 * nine full-access policies and packs every dependency.
 */
export class CallbackLambda extends pulumi.ComponentResource {
    functionName;
    /** Where the function's log lines are. */
    logGroupName;
    functionArn;
    roleArn;
    /** The policy with the role's use of keys; none without keys. */
    keyPolicies;
    deadLetterQueueArn;
    /** @throws pulumi.InputPropertiesError when time or memory are beyond Lambda's bounds */
    constructor(name, args, opts) {
        super("sagemaker-async:index:CallbackLambda", name, {}, opts);
        requireLambdaBounds(name, args);
        // Made first and named to the function, so that the role can name it without guessing the function's name.
        const logGroup = new aws.cloudwatch.LogGroup(name, present({ retentionInDays: args.logRetentionDays, kmsKeyId: args.kmsKeyArn }), {
            parent: this,
        });
        const role = new aws.iam.Role(name, { assumeRolePolicy: policyDocument(this, [lambdaAssumes]) }, { parent: this });
        const policy = new aws.iam.RolePolicy(name, {
            role: role.id,
            policy: policyDocument(this, [writeLog(logGroup), ...sendDeadLetters(args.deadLetterQueueArn)], args.statements),
        }, { parent: this });
        this.keyPolicies = keyUsePolicy(name, role, args.keyStatements ?? [], this);
        const policies = [policy, ...this.keyPolicies, ...this.networkPolicy(name, role, args.network)];
        const callback = new aws.lambda.Function(name, {
            code: functionArchive(args.factory, args.packages ?? [], this),
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
        }, { parent: this, dependsOn: policies });
        this.functionName = callback.name;
        this.logGroupName = logGroup.name;
        this.functionArn = callback.arn;
        this.roleArn = role.arn;
        this.deadLetterQueueArn = args.deadLetterQueueArn;
        if (args.deadLetterQueueArn !== undefined) {
            new aws.lambda.FunctionEventInvokeConfig(name, {
                functionName: this.functionName,
                maximumRetryAttempts: asynchronousRetries,
                destinationConfig: { onFailure: { destination: args.deadLetterQueueArn } },
            }, 
            // Lambda refuses a destination that the role may not send to.
            { parent: this, dependsOn: [policy, ...this.keyPolicies] });
        }
        this.registerOutputs({ functionName: this.functionName, functionArn: this.functionArn });
    }
    /** Hands every message of a topic to the function, or those whose attributes match `filter`. */
    subscribeTo(name, topicArn, filter) {
        const permission = this.allow(name, "sns.amazonaws.com", topicArn);
        new aws.sns.TopicSubscription(name, {
            topic: topicArn,
            protocol: "lambda",
            endpoint: this.functionArn,
            ...(filter === undefined ? {} : { filterPolicy: JSON.stringify(filter) }),
            ...(this.deadLetterQueueArn === undefined
                ? {}
                : { redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: this.deadLetterQueueArn }) }),
        }, { parent: this, dependsOn: [permission] });
    }
    /** Has the function invoked at a rate such as `rate(1 minute)`. A run that fails is not tried again: the next one does its work. */
    schedule(name, scheduleExpression) {
        const rule = new aws.cloudwatch.EventRule(name, { scheduleExpression }, { parent: this });
        const permission = this.allow(name, "events.amazonaws.com", rule.arn);
        new aws.lambda.FunctionEventInvokeConfig(name, { functionName: this.functionName, maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 }, { parent: this });
        new aws.cloudwatch.EventTarget(name, { rule: rule.name, arn: this.functionArn }, { parent: this, dependsOn: [permission] });
    }
    /**
     * A policy of its own: when the function leaves the VPC it is deleted, which the engine does after all updates. Taken out of another
     * policy, the permissions would be gone before the function has left.
     */
    networkPolicy(name, role, network) {
        if (network === undefined)
            return [];
        const policy = policyDocument(this, joinNetwork(network));
        return [new aws.iam.RolePolicy(`${name}.network`, { role: role.id, policy }, { parent: this })];
    }
    /** Lets a service invoke the function, for one resource of its only. */
    allow(name, service, sourceArn, sourceAccount) {
        return new aws.lambda.Permission(name, {
            action: "lambda:InvokeFunction",
            function: this.functionName,
            principal: service,
            sourceArn,
            // A bucket's ARN has no account: the name could be somebody else's after ours is deleted.
            ...present({ sourceAccount }),
        }, { parent: this });
    }
}
function settingsVariable(settings) {
    return settings === undefined ? {} : { SETTINGS: pulumi.jsonStringify(settings) };
}
/** Lambda's most: after one and after two minutes more. */
const asynchronousRetries = 2;
function sendDeadLetters(queueArn) {
    return queueArn === undefined ? [] : [{ sid: "DeadLetters", actions: ["sqs:SendMessage"], resources: [queueArn] }];
}
const lambdaAssumes = {
    sid: "LambdaAssumes",
    actions: ["sts:AssumeRole"],
    principals: [{ type: "Service", identifiers: ["lambda.amazonaws.com"] }],
};
function vpcConfigOf({ subnetIds, securityGroupIds }) {
    return { subnetIds, securityGroupIds };
}
/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
function joinNetwork({ ec2ArnPrefix, subnetIds, securityGroupIds }) {
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
            resources: [pulumi.interpolate `${ec2ArnPrefix}*/*`],
        },
        // These actions take no resource.
        { sid: "DescribeVpc", actions: ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"], resources: ["*"] },
    ];
}
function writeLog(logGroup) {
    return {
        sid: "WriteLog",
        actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
        resources: [pulumi.interpolate `${logGroup.arn}:*`],
    };
}
