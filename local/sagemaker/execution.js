import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { PublishCommand } from "@aws-sdk/client-sns";
import { largestPayloadBytes } from "./bounds";
import { isClientError, modelErrorSentence, withoutAnswer } from "./modelError";
import { failureNotification, successNotification } from "./notifications";
/** Larger inputs are taken from the store itself instead of being sent through this machine's network to it. */
const sentBytes = 1024 * 1024;
/** Ends an invocation as failed. */
class InvocationFailure extends Error {
    reason;
    metric;
    response;
    constructor(reason, 
    /** The step that failed, by its metric. */
    metric, 
    /** What the model said, if it did. */
    response) {
        super(reason);
        this.reason = reason;
        this.metric = metric;
        this.response = response;
    }
}
/** Ends an invocation without a trace: nothing is stored, counted or announced. */
class InvocationKilled extends Error {
}
/**
 * Runs one invocation on one instance, from download to notification.
 *
 * Decisions where no document speaks: InvocationsProcessed counts every invocation that an instance brought to an end,
 * failed ones too; the timeout is that of the model alone; what is killed in a scale-in leaves no object, metric or notification.
 */
export async function execute(invocation, site, dependencies) {
    const { clock } = dependencies.context;
    const { variantName } = site;
    const startedAt = clock.now();
    dependencies.metrics.variant(variantName, [{ name: "TimeInBacklog", value: startedAt - invocation.receivedAt }]);
    const steps = new Steps(invocation, site, dependencies);
    let ending;
    try {
        const response = await steps.infer(await steps.download());
        await steps.upload(response);
        await steps.announce("SuccessTopic", (now) => successNotification(invocation, response, dependencies.context.region, now));
        ending = { change: "completed" };
    }
    catch (error) {
        if (error instanceof InvocationKilled)
            return { change: "killed", detail: error.message };
        if (!(error instanceof InvocationFailure))
            throw error;
        await steps.fail(error);
        ending = { change: "failed", detail: error.reason };
    }
    dependencies.metrics.variant(variantName, [
        ...steps.measured,
        { name: "InvocationsProcessed", value: 1 },
        ...(ending.change === "failed" ? [{ name: "InvocationFailures", value: 1 }] : []),
        { name: "TotalProcessingTime", value: clock.now() - startedAt },
    ]);
    return ending;
}
class Steps {
    invocation;
    site;
    dependencies;
    measured = [];
    constructor(invocation, site, dependencies) {
        this.invocation = invocation;
        this.site = site;
        this.dependencies = dependencies;
    }
    async download() {
        const { inlinePayload, inputLocation } = this.invocation;
        if (inlinePayload)
            return inlinePayload;
        return this.timed("RequestDownloadLatency", async () => {
            try {
                const payload = await (inputLocation?.startsWith("https:") ? this.fetch(inputLocation) : this.getObject(inputLocation));
                if (payload.length <= largestPayloadBytes)
                    return payload;
                throw new Error(`it has ${payload.length} bytes, at most ${largestPayloadBytes} are accepted`);
            }
            catch (error) {
                throw new InvocationFailure(`ClientError: Failed to download the input from ${inputLocation}: ${told(error)}. ` +
                    `Make sure that it exists and that ${this.site.roleArn} may read it.`, "RequestDownloadFailures");
            }
        });
    }
    async infer(body) {
        const { contentType, accept, customAttributes, inferenceId, invocationTimeoutSeconds } = this.invocation;
        const headers = {
            "Content-Type": contentType ?? "application/octet-stream",
            ...(accept !== undefined && { Accept: accept }),
            ...(customAttributes !== undefined && { "X-Amzn-SageMaker-Custom-Attributes": customAttributes }),
            "X-Amzn-SageMaker-Inference-Id": inferenceId,
        };
        const { clock } = this.dependencies.context;
        const timeout = new AbortController();
        const timer = clock.setTimeout(() => timeout.abort(), invocationTimeoutSeconds * 1000);
        const answer = await this.timed("ModelLatency", async () => {
            try {
                return await this.site.container.invoke({ headers, body }, timeout.signal);
            }
            catch (error) {
                if (this.site.isStopping())
                    throw new InvocationKilled("its instance was taken away");
                throw this.modelFailure(0, withoutAnswer(error, timeout.signal, "model"));
            }
            finally {
                clock.clearTimeout(timer);
            }
        });
        if (answer.status >= 200 && answer.status < 300)
            return answer;
        throw this.modelFailure(answer.status, undefined, answer);
    }
    async upload(response) {
        await this.timed("ResponseUploadLatency", async () => {
            try {
                await this.putObject(this.invocation.outputLocation, response.body, response.contentType);
            }
            catch (error) {
                throw new InvocationFailure(`ClientError: Failed to upload the response to ${this.invocation.outputLocation}: ${told(error)}. ` +
                    `Make sure that the bucket exists and that ${this.site.roleArn} may write to it.`, "ResponseUploadFailures");
            }
        });
    }
    async fail({ reason, metric, response }) {
        const { invocation, dependencies } = this;
        if (metric)
            this.measured.push({ name: metric, value: 1 });
        this.site.log(`[sagemaker logs] [${invocation.inferenceId}] ${reason}`);
        const stores = metric !== "RequestDownloadFailures" || dependencies.failureObjectWithoutInput;
        if (stores && invocation.failureLocation) {
            try {
                await this.putObject(invocation.failureLocation, response?.body ?? Buffer.from(reason), response?.contentType ?? "text/plain");
            }
            catch (error) {
                this.measured.push({ name: "ResponseUploadFailures", value: 1 });
                this.site.log(`[sagemaker logs] [${invocation.inferenceId}] Failed to upload to ${invocation.failureLocation}: ${told(error)}`);
            }
        }
        await this.announce("ErrorTopic", (now) => failureNotification(invocation, reason, response, dependencies.context.region, now));
    }
    async announce(topic, message) {
        const { context, clients } = this.dependencies;
        const topicArn = this.invocation.config.OutputConfig.NotificationConfig?.[topic];
        if (topicArn === undefined)
            return;
        try {
            await clients
                .as(this.site.roleArn)
                .sns.send(new PublishCommand({ TopicArn: topicArn, Message: JSON.stringify(message(context.clock.now())) }));
        }
        catch (error) {
            this.measured.push({ name: "NotificationFailures", value: 1 });
            context.emit({ kind: "warning", message: `No notification of ${this.invocation.inferenceId} on ${topicArn}: ${told(error)}` });
        }
    }
    modelFailure(status, message, response) {
        const { endpointName } = this.invocation;
        return new InvocationFailure(`ClientError: ${modelErrorSentence(this.dependencies.context, { endpointName, container: "model", status, message })}`, isClientError(status) ? "Invocation4XXErrors" : "Invocation5XXErrors", response);
    }
    async getObject(location) {
        const { s3 } = this.dependencies.clients.as(this.site.roleArn);
        const object = bucketAndKey(location);
        // Without a key, the address is the list of the bucket's objects.
        if (object.Key === "")
            throw new Error("it names a bucket and no key");
        // Whether the role may, and the object is there, S3 says to a call like any other.
        const { Body, ContentLength = 0 } = await s3.send(new GetObjectCommand(object));
        const stored = ContentLength > sentBytes ? this.dependencies.storedObject(object.Bucket, object.Key) : undefined;
        if (stored?.length === ContentLength) {
            Body.destroy();
            return stored;
        }
        const { buffer, byteOffset, byteLength } = (await Body?.transformToByteArray()) ?? new Uint8Array();
        return Buffer.from(buffer, byteOffset, byteLength); // Not a copy: an input may have a gigabyte.
    }
    async putObject(location, body, contentType) {
        const { s3 } = this.dependencies.clients.as(this.site.roleArn);
        const kmsKeyId = this.invocation.config.OutputConfig.KmsKeyId;
        await s3.send(new PutObjectCommand({
            ...bucketAndKey(location),
            Body: body,
            ...(contentType !== undefined && { ContentType: contentType }),
            ...(kmsKeyId !== undefined && { ServerSideEncryption: "aws:kms", SSEKMSKeyId: kmsKeyId }),
        }));
    }
    /** The embedded cloud reaches no other machine. */
    async fetch(location) {
        const { hostname } = new URL(location);
        if (!/^(127(\.\d+){3}|\[::1\]|localhost)$/.test(hostname)) {
            throw new Error(`the embedded cloud fetches from loopback addresses only, not from ${hostname}; upload the input to its S3`);
        }
        const response = await fetch(location, { redirect: "error" });
        if (!response.ok)
            throw new Error(`${response.status} ${response.statusText}`);
        return Buffer.from(await response.arrayBuffer());
    }
    async timed(name, step) {
        const { clock } = this.dependencies.context;
        const from = clock.now();
        try {
            return await step();
        }
        finally {
            this.measured.push({ name, value: (clock.now() - from) * 1000 });
        }
    }
}
/** `s3://bucket/key` apart. */
function bucketAndKey(location) {
    const [, Bucket = "", Key = ""] = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(location) ?? [];
    return { Bucket, Key };
}
/** `NoSuchKey (404): The specified key does not exist`. */
function told(error) {
    const { name, message, $metadata, cause } = error;
    const why = cause instanceof Error ? `${message} (${cause.message})` : message;
    return ($metadata ? `${name} (${$metadata.httpStatusCode ?? "no answer"}): ${why}` : why).replace(/\.$/, "");
}
