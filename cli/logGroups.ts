import type { LambdaClient } from "@aws-sdk/client-lambda";
import { functionOutputs, webhookFunctionsOf, type AsyncInferenceOutputs } from "../outputs";
import type { AwsSettings } from "./aws";
import { UsageError } from "./failure";

/** The service's own functions that print, by the names that people know. A webhook's is called `webhook-NAME`. */
export const serviceFunctions = Object.keys(functionOutputs);

/** What switches on a function that not every service has, where it isn't the setting `…Enabled`. */
const switches: Record<string, string> = {
  tracing: "traceEndpoint is not set",
  bus: "eventBusName is not set",
  tasks: "workflowsEnabled is off",
};

/**
 * Name of the log group of what `source` names: `model`, one of {@link serviceFunctions}, `webhook-NAME`, or a handler of the user's,
 * by the name that `onCompleted` or `onFailed` was given; `completed-NAME` and `failed-NAME` tell two of one name apart.
 *
 * @throws UsageError listing what there is when nothing has the name, or two handlers have
 */
export async function logGroupOf(source: string, outputs: AsyncInferenceOutputs, aws: AwsSettings): Promise<string> {
  if (source === "model") return `/aws/sagemaker/Endpoints/${outputs.endpointName}`;
  if (source === "result") return outputs.resultLogGroupName;
  const { LambdaClient } = await import("@aws-sdk/client-lambda");
  const lambda = new LambdaClient(aws);
  try {
    const own = ownFunction(source, outputs);
    if (own === "") {
      const setting = switches[source] ?? `${source}Enabled is off`;
      throw new UsageError(`--source: got ${source}, and this service has none: the setting ${setting}`);
    }
    if (own !== undefined) return (await describe(lambda, own)).logGroup;
    const handlers = await handlersOf(lambda, outputs, aws);
    const spellings = [source, `completed-${source}`, `failed-${source}`];
    const found = handlers.filter(({ name }) => spellings.includes(name));
    const [only] = found;
    if (only !== undefined && found.length === 1) return only.logGroup;
    if (only !== undefined) {
      throw new UsageError(`--source: got ${source}, which several handlers are called: say ${found.map(({ name }) => name).join(" or ")}`);
    }
    const given = handlers.map(({ name }) => name);
    const parts = serviceFunctions.filter((each) => ownFunction(each, outputs) !== "");
    const known = ["model", ...parts, ...Object.keys(webhookFunctionsOf(outputs)).map((name) => `webhook-${name}`), ...given];
    const none = given.length === 0 ? "; this service has no handlers" : "";
    throw new UsageError(`--source: got ${source}, expected ${known.join(", ")}${none}`);
  } finally {
    lambda.destroy();
  }
}

/** Name or ARN of one of the service's own functions; empty when the service has none, undefined for other names. */
function ownFunction(source: string, outputs: AsyncInferenceOutputs): string | undefined {
  if (Object.hasOwn(functionOutputs, source)) return outputs[functionOutputs[source as keyof typeof functionOutputs]];
  return webhookFunctionsOf(outputs)[/^webhook-(.+)/.exec(source)?.[1] ?? ""];
}

async function describe(lambda: LambdaClient, name: string): Promise<{ logGroup: string; environment: Record<string, string> }> {
  const { GetFunctionConfigurationCommand } = await import("@aws-sdk/client-lambda");
  const { FunctionName, LoggingConfig, Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
  const logGroup = LoggingConfig?.LogGroup ?? `/aws/lambda/${FunctionName}`;
  return { logGroup, environment: Environment?.Variables ?? {} };
}

/** Log groups of the handlers that follow a service's jobs, by the name that each was given; `completed-NAME` or `failed-NAME` of two. */
export async function handlerLogGroups(outputs: AsyncInferenceOutputs, aws: AwsSettings): Promise<Record<string, string>> {
  const { LambdaClient } = await import("@aws-sdk/client-lambda");
  const lambda = new LambdaClient(aws);
  try {
    const handlers = await handlersOf(lambda, outputs, aws);
    const short = (name: string) => name.replace(/^(completed|failed)-/, "");
    const isTwice = (name: string) => handlers.filter((other) => short(other.name) === short(name)).length > 1;
    return Object.fromEntries(handlers.map(({ name, logGroup }) => [isTwice(name) ? name : short(name), logGroup]));
  } finally {
    lambda.destroy();
  }
}

/** Handlers of any project that follow the service's jobs: functions that subscribe to their ends, and say which they are. */
async function handlersOf(
  lambda: LambdaClient,
  { jobsTopicArn }: AsyncInferenceOutputs,
  aws: AwsSettings,
): Promise<{ name: string; logGroup: string }[]> {
  const { SNSClient, paginateListSubscriptionsByTopic } = await import("@aws-sdk/client-sns");
  const sns = new SNSClient(aws);
  try {
    const functions: string[] = [];
    for await (const { Subscriptions = [] } of paginateListSubscriptionsByTopic({ client: sns }, { TopicArn: jobsTopicArn })) {
      for (const { Protocol, Endpoint } of Subscriptions) if (Protocol === "lambda" && Endpoint !== undefined) functions.push(Endpoint);
    }
    const described = await Promise.all(functions.map((name) => describe(lambda, name)));
    return described.flatMap(({ logGroup, environment: { HANDLER_NAME } }) => {
      // project/stack/completed-NAME, with the service's name before it where the same program has made both.
      const name = /(?:^|-)((?:completed|failed)-.*)$/.exec(HANDLER_NAME?.split("/").at(-1) ?? "")?.[1];
      return name === undefined ? [] : [{ name, logGroup }];
    });
  } finally {
    sns.destroy();
  }
}
