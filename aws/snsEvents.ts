import type { Events } from "../core/ports";
import { isTraced } from "../core/tracing/traceContext";

type Library = typeof import("@aws-sdk/client-sns");
type Client = import("@aws-sdk/client-sns").SNSClient;

/**
 * The jobs topic in SNS. Its attributes are what subscriptions filter by; `hasTasks` is there when workflows wait for the job,
 * `traced` when its spans are to be exported.
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
      const attributes = {
        state: text(state),
        jobId: text(jobId),
        endpointName: text(endpointName),
        ...(taskTokens && { hasTasks: text("true") }),
        ...(isTraced(job) && { traced: text("true") }),
      };
      await client.send(
        new library.PublishCommand({
          TopicArn: topicArn,
          Message: JSON.stringify({ ...event, job }),
          MessageAttributes: attributes,
        }),
      );
    },
  };
}
