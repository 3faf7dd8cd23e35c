import { TableService } from "../client/tableService";
import { dynamoDbJobs } from "../aws/dynamoDbJobs";
import { followClock } from "../aws/followClock";
import { s3Objects } from "../aws/s3Objects";
import { sageMakerEndpoint, singleTryClient } from "../aws/sageMakerEndpoint";
import { snsEvents } from "../aws/snsEvents";
import { createServiceClock } from "../core/serviceClock";
/** The client of such a process: the published one's own code, over the simulated services. */
export function clientOf({ load, scheduler, clockSkew, followsClock }, outputs) {
    const clock = createServiceClock({
        now: () => scheduler.now() + clockSkew,
        setTimeout: (callback, milliseconds) => scheduler.after(milliseconds, callback),
        clearTimeout: (timer) => (timer.cancelled = true),
    });
    const follow = (client) => {
        if (followsClock)
            followClock(client, clock);
        return client;
    };
    const dynamodb = load("@aws-sdk/client-dynamodb");
    const documents = load("@aws-sdk/lib-dynamodb");
    const s3 = load("@aws-sdk/client-s3");
    const sns = load("@aws-sdk/client-sns");
    const lambda = load("@aws-sdk/client-lambda");
    const runtime = load("@aws-sdk/client-sagemaker-runtime");
    const table = follow(new dynamodb.DynamoDBClient({}));
    const connections = {
        jobs: (tableName) => dynamoDbJobs(documents, table, tableName),
        objects: () => s3Objects(s3, follow(new s3.S3Client({}))),
        events: (topicArn) => snsEvents(sns, follow(new sns.SNSClient({})), topicArn),
        endpoint: () => sageMakerEndpoint(runtime, follow(singleTryClient(runtime))),
        lambda: { library: lambda, client: follow(new lambda.LambdaClient({})) },
        dynamodb: { library: documents, client: table, documents: documents.DynamoDBDocumentClient.from(table) },
    };
    return new TableService(connections, {
        outputs,
        waiter: "application",
        pollIntervalSeconds: 1,
        consumerQueueUrl: undefined,
        maxOpenJobs: undefined,
        clock,
        random: () => scheduler.random.next(),
        randomBytes: (count) => Buffer.from(Array.from({ length: count }, () => scheduler.random.integer(0, 255))),
        log: () => undefined,
    });
}
