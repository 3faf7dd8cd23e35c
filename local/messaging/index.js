import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { loadFauxqs } from "../fauxqs";
import { messagingFacts } from "./policies";
import { messagingResources } from "./resources";
import { timedStore } from "./timedQueues";
import { Topics } from "./topics";
import { answerSns, requireEmulatedSqs } from "./wire";
import { errorResponse, protocolOf } from "../protocol";
import { ServiceError } from "../wire";
/** The account that the emulator writes into every ARN. */
const emulatedAccountId = "000000000000";
/**
 * SNS and SQS. Queues, topics and subscriptions are kept by fauxqs; publishing is ours, to queues and functions alike,
 * so that one filter decides for both, and a queue gets only what its policy lets in.
 */
export async function createMessaging(context, { targets }) {
    if (context.accountId !== emulatedAccountId) {
        throw new Error(`accountId: got ${context.accountId}; the embedded cloud's account is ${emulatedAccountId}`);
    }
    const { buildApp, S3Store, SnsStore, SqsStore } = await loadFauxqs();
    const snsStore = new SnsStore();
    const sqsStore = new (timedStore(SqsStore, context.clock))();
    // Without a host of its own, a queue's URL has the host of the request that asks for it.
    sqsStore.host = "";
    const topics = new Topics(context, snsStore, sqsStore, SqsStore, targets);
    const app = buildApp({ logger: false, defaultRegion: context.region, stores: { s3Store: new S3Store(), snsStore, sqsStore } });
    const bodies = new WeakMap();
    // The front has read the body already.
    app.addHook("preParsing", (request, _reply, _payload, done) => {
        done(null, Readable.from([bodies.get(request.raw) ?? Buffer.alloc(0)]));
    });
    app.addHook("preHandler", (request, reply, done) => {
        if (!(request.headers["content-type"] ?? "").includes("x-www-form-urlencoded")) {
            requireEmulatedSqs(request.headers["x-amz-target"], request.body ?? {});
            return done();
        }
        if (isSqs(request.headers.authorization))
            requireEmulatedSqs(undefined, {});
        const answer = answerSns(topics, request.body);
        if (answer === undefined)
            return done();
        void reply.type("text/xml").send(answer);
    });
    app.addHook("onSend", (_request, reply, payload, done) => {
        reply.header("x-amzn-requestid", randomUUID());
        done(null, payload);
    });
    app.setErrorHandler((error, request, reply) => {
        const told = asServiceError(error);
        const { status, headers, body } = errorResponse(told, protocolOf("", request.headers));
        return reply
            .status(status)
            .headers(headers ?? {})
            .send(body);
    });
    await app.ready();
    const route = async (request, response, { body }) => {
        if (body)
            bodies.set(request, body);
        // A queue's URL may be what the request is sent to; what it asks for stands in its body.
        request.url = "/";
        app.routing(request, response);
    };
    return {
        streams: { sns: route, sqs: route },
        resources: messagingResources(context, topics, sqsStore),
        factsOf: messagingFacts(snsStore, sqsStore, context.accountId),
        publish: async (topicArn, message, subject, source) => {
            context.access.requireService(source, { action: "sns:Publish", resource: topicArn });
            topics.publish(topicArn, { message, subject, messageAttributes: {} });
        },
        sendMessage: async (queueArn, body, source) => {
            const queue = sqsStore.getQueueByArn(queueArn);
            if (!queue)
                throw new ServiceError("QueueDoesNotExist", `The specified queue does not exist: ${queueArn}`);
            context.access.requireService(source, { action: "sqs:SendMessage", resource: queueArn });
            const delaySeconds = Number(queue.attributes["DelaySeconds"]);
            queue.enqueue(SqsStore.createMessage(body, {}, delaySeconds > 0 ? delaySeconds : undefined));
        },
        close: async () => app.close(),
    };
}
function isSqs(authorization) {
    return authorization?.includes("/sqs/aws4_request") ?? false;
}
function asServiceError(error) {
    if (error instanceof ServiceError)
        return error;
    const { code, statusCode = 500, message, stack } = error;
    // The emulator's own errors, thrown by its stores.
    if (error.name === "SnsError" || error.name === "SqsError")
        return new ServiceError(code ?? "", message, statusCode);
    if (statusCode < 500)
        return new ServiceError("InvalidRequest", message, statusCode);
    return new ServiceError("InternalFailure", `The embedded cloud failed: ${stack}`, 500);
}
