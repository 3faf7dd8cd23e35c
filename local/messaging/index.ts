import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { openEmulatorState, reloadTopics } from "../emulatorState";
import { loadFauxqs, type EmulatorState } from "../fauxqs";
import { messagingFacts } from "./policies";
import { Queues } from "./queues";
import { messagingResources } from "./resources";
import { timedStore } from "./timedQueues";
import { Topics } from "./topics";
import { answerSns, type QueryParameters } from "./snsApi";
import { answerSqs, type Batches } from "./sqsApi";
import type { CloudContext, CloudService, EventTargets } from "../ports";
import { errorResponse, protocolOf } from "../protocol";
import { asFailureOf, internalFailure, ServiceError } from "../wire";

/** The account that the emulator writes into every ARN. */
const emulatedAccountId = "000000000000";

/** The embedded cloud's SNS and SQS. */
export type Messaging = CloudService &
  Pick<EventTargets, "publish" | "sendMessage"> & {
    /** Seconds for which a queue hides what was received; undefined when there is no such queue. */
    visibilitySecondsOf(queueArn: string): number | undefined;
  };

/**
 * SNS and SQS. Queues, topics and subscriptions are kept by fauxqs; publishing is ours, to queues and functions alike,
 * so that one filter decides for both, and a queue gets only what its policy lets in.
 */
export async function createMessaging(context: CloudContext, { targets }: { targets: EventTargets }): Promise<Messaging> {
  if (context.accountId !== emulatedAccountId) {
    throw new Error(`accountId: got ${context.accountId}; the embedded cloud's account is ${emulatedAccountId}`);
  }
  const { buildApp, S3Store, SnsStore, SqsStore, sqsBatches, EmulatorState: State } = await loadFauxqs();
  const { directory } = context.keeper;
  const snsStore = new SnsStore();
  const state: EmulatorState | undefined =
    directory === undefined
      ? undefined
      : openEmulatorState(State, directory, "messaging", context.clock, () => state && reloadTopics(state, snsStore));
  const sqsStore = new (timedStore(SqsStore, context.clock))();
  // Without a host of its own, a queue's URL has the host of the request that asks for it.
  sqsStore.host = "";
  if (state) sqsStore.load(state, snsStore, (name) => `${context.endpointUrl}/${context.accountId}/${name}`);
  const queues = new Queues(context, sqsStore);
  const topics = new Topics(context, snsStore, sqsStore, SqsStore, targets);

  const app = buildApp({ logger: false, defaultRegion: context.region, stores: { s3Store: new S3Store(), snsStore, sqsStore } });
  const batches: Batches = {
    SendMessageBatch: (parameters) => sqsBatches.SendMessageBatch(parameters, sqsStore),
    ChangeMessageVisibilityBatch: (parameters) => sqsBatches.ChangeMessageVisibilityBatch(parameters, sqsStore),
  };
  const bodies = new WeakMap<IncomingMessage, Buffer>();
  // The front has read the body already.
  app.addHook("preParsing", (request, _reply, _payload, done) => {
    done(null, Readable.from([bodies.get(request.raw) ?? Buffer.alloc(0)]));
  });
  app.addHook("preHandler", (request, reply, done) => {
    const form = (request.headers["content-type"] ?? "").includes("x-www-form-urlencoded");
    if (form && !isSqs(request.headers.authorization)) {
      void reply.type("text/xml").send(answerSns(topics, request.body as QueryParameters));
      return;
    }
    const target = form ? undefined : (request.headers["x-amz-target"] as string | undefined);
    const parameters = (request.body ?? {}) as Record<string, unknown>;
    const answer = answerSqs(queues, batches, target, parameters, request.headers.host ?? "");
    if (answer === undefined) return done();
    void reply.type("application/x-amz-json-1.0").send(answer);
  });
  app.addHook("onSend", (_request, reply, payload, done) => {
    reply.header("x-amzn-requestid", randomUUID());
    const older = reply.getHeader("x-amzn-query-error");
    if (older !== undefined) reply.header("x-amzn-query-error", mendedQueryError(String(older)));
    done(null, payload);
  });
  app.setErrorHandler((error, request, reply) => {
    const told = asFailureOf(isSqs(request.headers.authorization) ? "sqs" : "sns", asServiceError(error));
    const { status, headers, body } = errorResponse(told, protocolOf("", request.headers));
    // SDKs of both protocols know errors by the older one's names.
    if (isSqs(request.headers.authorization)) reply.header("x-amzn-query-error", queryError(told));
    return reply
      .status(status)
      .headers(headers ?? {})
      .send(body);
  });
  await app.ready();

  const route: NonNullable<CloudService["streams"]>[string] = async (request, response, { body }) => {
    if (body) bodies.set(request, body);
    // A queue's URL may be what the request is sent to; what it asks for stands in its body.
    request.url = "/";
    app.routing(request, response);
  };

  return {
    streams: { sns: route, sqs: route },
    resources: messagingResources(context, topics, queues),
    factsOf: messagingFacts(snsStore, sqsStore),
    publish: async (topicArn, message, subject, source) => {
      context.access.requireService(source, { action: "sns:Publish", resource: topicArn });
      topics.publish(topicArn, { message, subject, messageAttributes: {} });
    },
    sendMessage: async (queueArn, body, source) => {
      const queue = sqsStore.getQueueByArn(queueArn);
      if (!queue) throw new ServiceError("QueueDoesNotExist", `The specified queue does not exist: ${queueArn}`);
      context.access.requireService(source, { action: "sqs:SendMessage", resource: queueArn });
      const delaySeconds = Number(queue.attributes["DelaySeconds"]);
      queue.enqueue(SqsStore.createMessage(body, {}, delaySeconds > 0 ? delaySeconds : undefined));
    },
    visibilitySecondsOf: (queueArn) => {
      const queue = queues.byArn(queueArn);
      return queue && Number(queue.attributes["VisibilityTimeout"]);
    },
    close: async () => {
      await app.close();
      state?.close();
    },
  };
}

function isSqs(authorization: string | undefined): boolean {
  return authorization?.includes("/sqs/aws4_request") ?? false;
}

/** Errors whose older name has a prefix. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
const prefixed =
  /^(BatchEntryIdsNotDistinct|BatchRequestTooLong|EmptyBatchRequest|InvalidBatchEntryId|MessageNotInflight|PurgeQueueInProgress|QueueDeletedRecently|TooManyEntriesInBatchRequest|UnsupportedOperation)$/;
const queryPrefix = "AWS.SimpleQueueService.";
const queryNames: Readonly<Record<string, string>> = {
  QueueDoesNotExist: `${queryPrefix}NonExistentQueue`,
  QueueNameExists: "QueueAlreadyExists",
};

function queryError({ code, status }: ServiceError): string {
  return `${queryNameOf(code)};${status < 500 ? "Sender" : "Receiver"}`;
}

function queryNameOf(code: string): string {
  return queryNames[code] ?? (prefixed.test(code) ? `${queryPrefix}${code}` : code);
}

/** The emulator puts the prefix before every name. */
function mendedQueryError(header: string): string {
  const [name = "", fault] = header.replace(queryPrefix, "").split(";");
  return `${name === "NonExistentQueue" ? `${queryPrefix}${name}` : queryNameOf(name)};${fault}`;
}

function asServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  const { code, statusCode = 500, message, stack } = error as Error & { code?: string; statusCode?: number };
  // The emulator's own errors, thrown by its stores.
  if ((error as Error).name === "SnsError" || (error as Error).name === "SqsError")
    return new ServiceError(code ?? "", message, statusCode);
  if (statusCode < 500) return new ServiceError("InvalidRequest", message, statusCode);
  return new ServiceError(internalFailure, `The embedded cloud failed: ${stack}`, 500);
}
