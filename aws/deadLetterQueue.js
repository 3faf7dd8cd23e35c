/** For how long a letter that is looked at is hidden from others: until all have been. */
const lookSeconds = 300;
/**
 * Shows each message of a queue to `visit` once. One that it is done with is deleted; all others are given back at the end, whatever
 * happens.
 *
 * IAM: `sqs:ReceiveMessage`, `sqs:DeleteMessage` and `sqs:ChangeMessageVisibility` on the queue.
 *
 * @param visit whether the message can be deleted
 */
export async function eachMessage(sqs, queueUrl, visit, signal) {
    const library = require("@aws-sdk/client-sqs");
    const stay = new Set();
    try {
        for (;;) {
            const { Messages = [] } = await sqs.send(new library.ReceiveMessageCommand({
                QueueUrl: queueUrl,
                MaxNumberOfMessages: 10,
                WaitTimeSeconds: 1,
                VisibilityTimeout: lookSeconds,
            }), signal === undefined ? {} : { abortSignal: signal });
            if (Messages.length === 0)
                return;
            for (const message of Messages)
                stay.add(message);
            for (const message of Messages) {
                if (!(await visit(message)))
                    continue;
                await sqs.send(new library.DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: message.ReceiptHandle }));
                stay.delete(message);
            }
        }
    }
    finally {
        await Promise.allSettled([...stay].map(({ ReceiptHandle }) => sqs.send(new library.ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: 0 }))));
    }
}
