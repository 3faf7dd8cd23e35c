import * as pulumi from "@pulumi/pulumi";
import { accountId, awsState, region } from "../testing/awsDouble";
import { deploy } from "../doubles/deploy";
import { program, serviceName } from "./program";
/** Runs the program against Pulumi's mocks and reads what it registered. */
export async function deployProgram() {
    const { resources, outputs } = await deploy(program, { stack: "faults" });
    const ofType = (type) => resources.filter((resource) => resource.type === type);
    const one = (type) => {
        const [only] = ofType(type);
        if (!only)
            throw new Error(`the program has no ${type}`);
        return only;
    };
    const stateOf = ({ type, name, inputs }) => awsState(type, name, inputs);
    const retries = new Map(ofType("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig").map(({ inputs }) => [nameIn(inputs["functionName"]), inputs]));
    return {
        outputs: await new Promise((resolve) => pulumi.output(outputs).apply(resolve)),
        functions: await Promise.all(ofType("aws:lambda/function:Function").map(async (resource) => functionOf(resource, stateOf(resource), retries.get(stateOf(resource).id)))),
        table: tableOf(stateOf(one("aws:dynamodb/table:Table"))),
        subscriptions: ofType("aws:sns/topicSubscription:TopicSubscription")
            .filter(({ inputs }) => inputs["protocol"] === "lambda")
            .map(({ name, inputs }) => ({
            arn: `${String(inputs["topic"])}:${name}`,
            topicArn: String(inputs["topic"]),
            functionArn: String(inputs["endpoint"]),
            filterPolicy: inputs["filterPolicy"],
            deadLetterArn: deadLetterArnIn(inputs["redrivePolicy"]),
        })),
        endpoint: endpointOf(one("aws:sagemaker/endpointConfiguration:EndpointConfiguration"), stateOf(one("aws:sagemaker/endpoint:Endpoint")).id),
        scaling: {
            minCapacity: Number(one("aws:appautoscaling/target:Target").inputs["minCapacity"]),
            maxCapacity: Number(one("aws:appautoscaling/target:Target").inputs["maxCapacity"]),
        },
        queues: ofType("aws:sqs/queue:Queue").map((queue) => String(stateOf(queue).state["name"])),
        bucket: stateOf(one("aws:s3/bucket:Bucket")).id,
        uploads: ofType("aws:s3/bucketNotification:BucketNotification").flatMap(({ inputs }) => inputs["lambdaFunctions"].map(({ filterPrefix, lambdaFunctionArn }) => ({
            prefix: String(filterPrefix),
            functionArn: String(lambdaFunctionArn),
        }))),
        schedules: schedulesOf(resources),
        jobsTopicArn: stateOf(one("aws:sns/topic:Topic") && ofType("aws:sns/topic:Topic").find(({ name }) => name.endsWith("-jobs"))).id,
    };
}
function deadLetterArnIn(redrivePolicy) {
    if (typeof redrivePolicy !== "string")
        return undefined;
    return JSON.parse(redrivePolicy).deadLetterTargetArn;
}
/** Functions are named by name or ARN. */
function nameIn(reference) {
    return String(reference).split(":").at(-1);
}
async function functionOf(resource, { state }, retry) {
    const { inputs } = resource;
    const name = resource.name.slice(serviceName.length + 1);
    const variables = (inputs["environment"]?.["variables"] ?? {});
    const destination = retry?.["destinationConfig"]?.["onFailure"]?.["destination"];
    return {
        name,
        arn: String(state["arn"]),
        text: await textOf(inputs["code"]),
        environment: { ...variables, AWS_LAMBDA_FUNCTION_NAME: name },
        timeoutSeconds: Number(inputs["timeout"]),
        maximumRetryAttempts: Number(retry?.["maximumRetryAttempts"] ?? 2),
        onFailureArn: destination,
    };
}
async function textOf(code) {
    const files = await code.assets;
    const names = Object.keys(files);
    if (names.join() !== "__index.js")
        throw new Error(`an archive with ${names.join(", ")}: the simulator runs one file`);
    return files["__index.js"].text;
}
function tableOf({ id, state }) {
    const indexes = state["globalSecondaryIndexes"];
    return {
        TableName: id,
        AttributeDefinitions: state["attributes"].map(({ name, type }) => ({
            AttributeName: String(name),
            AttributeType: String(type),
        })),
        KeySchema: [{ AttributeName: String(state["hashKey"]), KeyType: "HASH" }],
        GlobalSecondaryIndexes: indexes.map((index) => ({
            IndexName: String(index["name"]),
            KeySchema: index["keySchemas"].map(({ attributeName, keyType }) => ({
                AttributeName: String(attributeName),
                KeyType: String(keyType),
            })),
            Projection: {
                ProjectionType: String(index["projectionType"]),
                ...(index["nonKeyAttributes"] === undefined ? {} : { NonKeyAttributes: index["nonKeyAttributes"] }),
            },
        })),
    };
}
function endpointOf({ inputs }, name) {
    const { outputConfig, clientConfig } = inputs["asyncInferenceConfig"];
    const [variant] = inputs["productionVariants"];
    const { successTopic, errorTopic } = (outputConfig?.["notificationConfig"] ?? {});
    const config = {
        OutputConfig: {
            S3OutputPath: String(outputConfig?.["s3OutputPath"]).replace(/\/$/, ""),
            S3FailurePath: String(outputConfig?.["s3FailurePath"]).replace(/\/$/, ""),
            NotificationConfig: { SuccessTopic: successTopic, ErrorTopic: errorTopic },
        },
    };
    return {
        name,
        region,
        instances: Number(variant?.["initialInstanceCount"]),
        concurrentInvocations: Number(clientConfig?.["maxConcurrentInvocationsPerInstance"] ?? 4),
        config,
    };
}
/** EventBridge's schedules of either kind: a rule with a target, or a schedule of its own. */
function schedulesOf(resources) {
    const everySeconds = (expression) => {
        const [, count, unit] = /^rate\((\d+) (minute|hour)s?\)$/.exec(String(expression)) ?? [];
        if (count === undefined)
            throw new Error(`a schedule of ${String(expression)}: the simulator knows rate(n minutes)`);
        return Number(count) * (unit === "hour" ? 3600 : 60);
    };
    const rules = resources.filter(({ type }) => type === "aws:cloudwatch/eventRule:EventRule");
    return resources.flatMap(({ type, inputs }) => {
        if (type === "aws:scheduler/schedule:Schedule") {
            const { arn, input } = inputs["target"];
            return [{ functionArn: String(arn), everySeconds: everySeconds(inputs["scheduleExpression"]), input: input }];
        }
        if (type !== "aws:cloudwatch/eventTarget:EventTarget")
            return [];
        const rule = rules.find((candidate) => [
            candidate.name,
            awsState(candidate.type, candidate.name, candidate.inputs).id,
            awsState(candidate.type, candidate.name, candidate.inputs).state["name"],
        ].includes(String(inputs["rule"])));
        if (!rule)
            throw new Error(`no rule ${String(inputs["rule"])}`);
        return [
            {
                functionArn: String(inputs["arn"]),
                everySeconds: everySeconds(rule.inputs["scheduleExpression"]),
                input: inputs["input"],
            },
        ];
    });
}
/** Where the doubles live. */
export const place = { region, accountId };
