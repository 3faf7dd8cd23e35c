import { giveUpTime, lambdaLow, lambdaPorts, type LambdaContext, type SnsEvent } from "../aws/lambda";
import { forEach } from "../core/forEach";
import { readNotification } from "../core/messages/notification";
import type { JobSettings } from "../core/ports";
import { lowEnded } from "../core/lifecycle/priority";
import { settle } from "../core/lifecycle/settle";
import { readSettings, type JobResources } from "./settings";

/** Settings of {@link resultFunction}. What a job needs to run again is in its record. */
export interface ResultFunctionSettings extends JobSettings, JobResources {
  /** Whether the end of a low job admits the next ones. Only where the service has priorities. */
  admitsLow?: true;
}

/**
 * The result function ("result handling"): SageMaker's notification in, job closed and announced.
 * Subscribed to the success and the error topic; one topic for both works too.
 *
 * IAM, exactly:
 * - `dynamodb:GetItem`, `dynamodb:UpdateItem` on the job table, with priorities `dynamodb:Query` on its index `waiting`
 * - `s3:GetObject` on `<bucket>/<outputPrefix>*` (the result's size) and `<bucket>/<failurePrefix>*` (what the container answered),
 *   `s3:ListBucket` on the bucket
 * - `sagemaker:InvokeEndpointAsync` on the endpoint (the next attempt after a killed one)
 * - `sns:Publish` on the jobs topic
 * - `sqs:SendMessage` on the dead-letter queue
 * - its log group; with customer keys `kms:Decrypt` and `kms:GenerateDataKey`
 */
export function resultFunction(): (event: SnsEvent, context: LambdaContext) => Promise<void> {
  const settings = readSettings<ResultFunctionSettings>();
  const plain = lambdaPorts(settings);
  const low = settings.admitsLow === true ? lambdaLow(settings) : undefined;
  const ports = low ? { ...plain, lowEnded: lowEnded({ ...plain, low }, settings) } : plain;
  return (event, context) =>
    forEach(event.Records, async ({ Sns }) => {
      const notification = readNotification(Sns.Message);
      if (notification.kind === "test") return;
      if (notification.kind === "malformed") {
        // Delivered again it would read the same.
        ports.log({
          level: "error",
          message: "notification dropped",
          code: "BAD_MESSAGE",
          problem: notification.problem,
          messageId: Sns.MessageId,
        });
        return;
      }
      await settle(ports, settings, notification, giveUpTime(context));
    });
}
