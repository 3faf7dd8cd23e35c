import type { Events } from "../core/ports";

type Library = typeof import("@aws-sdk/client-sns");
type Client = import("@aws-sdk/client-sns").SNSClient;

/**
 * The jobs topic in SNS. Its attributes are what subscriptions filter by; `hasTasks` is there when workflows wait for the job.
 *
 * @param library `@aws-sdk/client-sns`: given, so that a Lambda's archive does without it
 */
export function snsEvents(library: Library, client: Client, topicArn: string): Events {
  const text = (value: string) => ({ DataType: "String", StringValue: value });
  return {
    async publish(event) {
      // A token lets its holder answer for the job: who reads the table may have it.
      const { taskTokens, ...job } = event.job;
      const { state, jobId, endpointName } = job;
      const attributes = { state: text(state), jobId: text(jobId), endpointName: text(endpointName) };
      await client.send(
        new library.PublishCommand({
          TopicArn: topicArn,
          Message: JSON.stringify({ ...event, job }),
          MessageAttributes: taskTokens === undefined ? attributes : { ...attributes, hasTasks: text("true") },
        }),
      );
    },
  };
}
