import { giveUpTime, lambdaPorts } from "../aws/lambda";
import { forEach } from "../core/forEach";
import { readNotification } from "../core/messages/notification";
import { settle } from "../core/lifecycle/settle";
import { readSettings } from "./settings";
/**
 * The result function ("result handling"): SageMaker's notification in, job closed and announced.
 * Subscribed to the success and the error topic; one topic for both works too.
 *
 * IAM, exactly:
 * - `dynamodb:GetItem`, `dynamodb:UpdateItem` on the job table
 * - `s3:GetObject` on `<bucket>/<outputPrefix>*` (the result's size) and `<bucket>/<failurePrefix>*` (what the container answered),
 *   `s3:ListBucket` on the bucket
 * - `sagemaker:InvokeEndpointAsync` on the endpoint (the next attempt after a killed one)
 * - `sns:Publish` on the jobs topic
 * - `sqs:SendMessage` on the dead-letter queue
 * - its log group; with customer keys `kms:Decrypt` and `kms:GenerateDataKey`
 */
export function resultFunction() {
    const settings = readSettings();
    const ports = lambdaPorts(settings);
    return (event, context) => forEach(event.Records, async ({ Sns }) => {
        const notification = readNotification(Sns.Message);
        if (notification.kind === "test")
            return;
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
