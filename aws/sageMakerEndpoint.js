import { classifyInvokeError } from "../core/messages/classify";
import { freshAgents } from "./freshAgents";
/** A Lambda function makes few calls at a time. */
const maxSockets = 50;
/** How long one call may take; the service answers in well under a second. */
const callTimeoutMilliseconds = 10_000;
/**
 * A client whose calls are sent once: an automatic retry would not be in the record.
 *
 * @param library `@aws-sdk/client-sagemaker-runtime`: given, so that a Lambda's archive does without it
 */
export function singleTryClient(library, config = {}) {
    return new library.SageMakerRuntimeClient({ requestHandler: freshAgents(maxSockets), ...config, maxAttempts: 1 });
}
/**
 * InvokeEndpointAsync.
 *
 * @param client sends each call once, as that of {@link singleTryClient}
 */
export function sageMakerEndpoint(library, client) {
    let takesInput;
    async function send(invocation, body) {
        const command = new library.InvokeEndpointAsyncCommand({
            EndpointName: invocation.endpointName,
            InferenceId: invocation.inferenceId,
            InputLocation: "location" in invocation.input ? invocation.input.location : undefined,
            ContentType: invocation.contentType,
            Accept: invocation.accept,
            CustomAttributes: invocation.customAttributes,
            InvocationTimeoutSeconds: invocation.invocationTimeoutSeconds,
            RequestTTLSeconds: invocation.requestTtlSeconds,
        });
        // Set in the request because the Lambda runtime's SDK may be older than these parameters.
        command.middlewareStack.add((next) => (args) => {
            const request = args.request;
            request.headers["X-Amzn-SageMaker-S3OutputPathExtension"] = invocation.outputPath ?? invocation.inferenceId;
            request.headers["X-Amzn-SageMaker-Filename"] = "result";
            if (body !== undefined) {
                request.headers["content-type"] = "application/octet-stream";
                request.body = body;
            }
            return next(args);
        }, 
        // Before the one that says how long the body is.
        { step: "build", name: "newParameters", priority: "high" });
        return client.send(command, { abortSignal: AbortSignal.timeout(callTimeoutMilliseconds) });
    }
    async function invoke(invocation) {
        const { input } = invocation;
        if ("body" in input && takesInput === false)
            return invoke({ ...invocation, input: { location: await input.place() } });
        try {
            const { OutputLocation, FailureLocation } = await send(invocation, "body" in input ? input.body : undefined);
            if ("body" in input)
                takesInput = true;
            return { kind: "taken", outputLocation: OutputLocation, failureLocation: FailureLocation };
        }
        catch (error) {
            if (!("body" in input) || !refusesInput(error))
                return classifyInvokeError(error);
            takesInput = false;
            // Certainly not queued, and sent in the other way at once: the attempt stays one.
            return invoke(invocation);
        }
    }
    return { invoke, takesInput: () => takesInput };
}
/** A service from before inputs could be in the call asks for the location that isn't there. */
function refusesInput(error) {
    const { message, $metadata } = error;
    return $metadata?.httpStatusCode === 400 && /input-?location/i.test(String(message));
}
