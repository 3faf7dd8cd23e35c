import type { CloudContext, EventTargets } from "../ports";

/** What an on-success or on-failure destination's ARN leads to; undefined for what Lambda has but this cloud has not. */
export function destinationService(arn: string): "sqs" | "sns" | "lambda" | undefined {
  const service = arn.split(":")[2];
  return service === "sqs" || service === "sns" || service === "lambda" ? service : undefined;
}

/**
 * Sends an invocation's record to a queue, topic or function, as the function's role. The SDK's clients load with the first one.
 *
 * @throws what the service answers, such as AccessDenied
 */
export async function sendToDestination(
  arn: string,
  document: object,
  roleArn: string,
  context: CloudContext,
  targets: Pick<EventTargets, "invokeFunction">,
): Promise<void> {
  const { region, endpointUrl: endpoint } = context;
  const service = destinationService(arn);
  if (service === "lambda") return targets.invokeFunction(arn, document);
  const client = { region, endpoint, credentials: context.credentialsFor(roleArn) };
  const message = JSON.stringify(document);
  if (service === "sns") {
    const { SNSClient, PublishCommand } = await import("@aws-sdk/client-sns");
    const sns = new SNSClient(client);
    await sns.send(new PublishCommand({ TopicArn: arn, Message: message })).finally(() => sns.destroy());
    return;
  }
  const { SQSClient, GetQueueUrlCommand, SendMessageCommand } = await import("@aws-sdk/client-sqs");
  const sqs = new SQSClient(client);
  try {
    const [, , , , account, name] = arn.split(":");
    const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: name, QueueOwnerAWSAccountId: account }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: message }));
  } finally {
    sqs.destroy();
  }
}
