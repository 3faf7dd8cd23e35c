import { classifyInvokeError } from "../core/failure";
import type { Endpoint } from "../core/ports";

type Library = typeof import("@aws-sdk/client-sagemaker-runtime");
type Client = import("@aws-sdk/client-sagemaker-runtime").SageMakerRuntimeClient;

/** How long one call may take; the service answers in well under a second. */
const callTimeoutMilliseconds = 10_000;

/**
 * A client whose calls are sent once: one that was sent again would be behind the record's back.
 *
 * @param library `@aws-sdk/client-sagemaker-runtime`: given, so that a Lambda's archive does without it
 */
export function singleTryClient(
  library: Library,
  config: import("@aws-sdk/client-sagemaker-runtime").SageMakerRuntimeClientConfig = {},
): Client {
  // A connection that was kept while Lambda froze the process may be dead: the SDK's retries, which hide that elsewhere, are off.
  const once = { keepAlive: false };
  return new library.SageMakerRuntimeClient({ requestHandler: { httpAgent: once, httpsAgent: once }, ...config, maxAttempts: 1 });
}

/**
 * InvokeEndpointAsync.
 *
 * @param client sends each call once, as that of {@link singleTryClient}
 */
export function sageMakerEndpoint(library: Library, client: Client): Endpoint {
  return {
    async invoke(invocation) {
      const command = new library.InvokeEndpointAsyncCommand({
        EndpointName: invocation.endpointName,
        InferenceId: invocation.inferenceId,
        InputLocation: invocation.inputLocation,
        ContentType: invocation.contentType,
        Accept: invocation.accept,
        CustomAttributes: invocation.customAttributes,
        InvocationTimeoutSeconds: invocation.invocationTimeoutSeconds,
        RequestTTLSeconds: invocation.requestTtlSeconds,
      });
      // Set as headers because the Lambda runtime's SDK may be older than these two parameters.
      command.middlewareStack.add(
        (next) => (args) => {
          const { headers } = args.request as { headers: Record<string, string> };
          headers["X-Amzn-SageMaker-S3OutputPathExtension"] = invocation.outputPath ?? invocation.inferenceId;
          headers["X-Amzn-SageMaker-Filename"] = "result";
          return next(args);
        },
        { step: "build", name: "outputName" },
      );
      try {
        const { OutputLocation, FailureLocation } = await client.send(command, {
          abortSignal: AbortSignal.timeout(callTimeoutMilliseconds),
        });
        return { kind: "taken", outputLocation: OutputLocation, failureLocation: FailureLocation };
      } catch (error) {
        return classifyInvokeError(error);
      }
    },
  };
}
