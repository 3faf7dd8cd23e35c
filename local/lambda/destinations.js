/** What an on-success or on-failure destination's ARN leads to; undefined for what Lambda has but this cloud has not. */
export function destinationService(arn) {
    const service = arn.split(":")[2];
    return service === "sqs" || service === "sns" || service === "lambda" ? service : undefined;
}
/**
 * Sends an invocation's record to a queue, topic or function, as the function's role. The SDK's clients load with the first one.
 *
 * @throws what the service answers, such as AccessDenied
 */
export async function sendToDestination(arn, document, { roleArn, name: sessionName }, context, targets) {
    const { region, endpointUrl: endpoint } = context;
    const service = destinationService(arn);
    if (service === "lambda") {
        context.access.requireRole(roleArn, sessionName, { action: "lambda:InvokeFunction", resource: arn });
        return targets.invokeFunction(arn, document);
    }
    const client = { region, endpoint, credentials: context.credentialsFor(roleArn, sessionName) };
    const message = JSON.stringify(document);
    if (service === "sns") {
        const { SNSClient, PublishCommand } = await import("@aws-sdk/client-sns");
        const sns = new SNSClient(client);
        await sns.send(new PublishCommand({ TopicArn: arn, Message: message })).finally(() => sns.destroy());
        return;
    }
    const { SQSClient, SendMessageCommand } = await import("@aws-sdk/client-sqs");
    const sqs = new SQSClient(client);
    try {
        const [, , , , account, name] = arn.split(":");
        // Lambda asks for no URL, which would be a permission more.
        await sqs.send(new SendMessageCommand({ QueueUrl: `${endpoint}/${account}/${name}`, MessageBody: message }));
    }
    finally {
        sqs.destroy();
    }
}
