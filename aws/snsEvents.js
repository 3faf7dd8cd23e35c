/**
 * The jobs topic in SNS. Its attributes are what subscriptions filter by.
 *
 * @param library `@aws-sdk/client-sns`: given, so that a Lambda's archive does without it
 */
export function snsEvents(library, client, topicArn) {
    const text = (value) => ({ DataType: "String", StringValue: value });
    return {
        async publish(event) {
            const { state, jobId, endpointName } = event.job;
            await client.send(new library.PublishCommand({
                TopicArn: topicArn,
                Message: JSON.stringify(event),
                MessageAttributes: { state: text(state), jobId: text(jobId), endpointName: text(endpointName) },
            }));
        },
    };
}
