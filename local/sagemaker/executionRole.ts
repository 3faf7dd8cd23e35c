import { ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import { PublishCommand } from "@aws-sdk/client-sns";
import { partitionOf } from "../../core/partition";
import { isDenial } from "../identity/denials";
import type { CloudContext, MetricSink } from "../ports";
import { RoleLog } from "../roleLog";
import { ServiceError } from "../wire";
import type { Logs } from "../logs";
import { modelNetworkNeeds } from "../network";
import type { Deployment } from "./deployment";
import { testNotification } from "./notifications";
import type { RoleClients } from "./roleClients";

/** As which session of the execution role SageMaker acts. */
export const sessionName = "SageMaker";

const principal = "sagemaker.amazonaws.com";
const toBeginLog = ["logs:CreateLogStream", "logs:DescribeLogStreams"];
const pullActions = ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"];
const repositoryPattern = /^(\d{12})\.dkr\.ecr(?:-fips)?\.([^.]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)/;

/** Refuses a model whose role SageMaker may not be. @throws ServiceError in the service's words */
export function requireAssumable({ access }: CloudContext, roleArn: string, modelArn: string): void {
  told(
    () => access.requireAssumable(roleArn, { principal, sourceArn: modelArn }),
    () => `Could not assume role ${roleArn}. Please ensure that the role exists and allows principal '${principal}' to assume the role.`,
  );
}

/**
 * What the service does before a container starts: it pulls the image, joins the network, encrypts the volume and downloads
 * the model.
 *
 * @throws ServiceError with the reason that the endpoint then fails with
 */
export function requireStartable(
  context: CloudContext,
  roleArn: string,
  { image, modelDataUrl, network, volumeKeyArn }: Pick<Deployment, "image" | "modelDataUrl" | "network" | "volumeKeyArn">,
): void {
  const { access, region } = context;
  const [, registry, imageRegion, repository] = repositoryPattern.exec(image ?? "") ?? [];
  if (repository !== undefined) {
    const resource = `arn:aws:ecr:${imageRegion}:${registry}:repository/${repository}`;
    const needs = [{ action: "ecr:GetAuthorizationToken", resource: "*" }, ...pullActions.map((action) => ({ action, resource }))];
    for (const need of needs) {
      told(
        () => access.requireRole(roleArn, sessionName, need),
        () => `The role '${roleArn}' does not have ${need.action.replace("ecr:", "")} permission for the image: '${image}'.`,
      );
    }
  }
  const ownNeeds = [
    ...(network === undefined ? [] : modelNetworkNeeds(context, network)),
    // https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
    ...(volumeKeyArn === undefined ? [] : [{ action: "kms:CreateGrant", resource: volumeKeyArn }]),
  ];
  for (const need of ownNeeds) {
    told(
      () => access.requireRole(roleArn, sessionName, need),
      () => `The role '${roleArn}' does not have ${need.action} permission on ${need.resource}.`,
    );
  }
  if (modelDataUrl?.startsWith("s3://")) {
    told(
      () =>
        access.requireRole(roleArn, sessionName, {
          action: "s3:GetObject",
          resource: `arn:aws:s3:::${modelDataUrl.slice("s3://".length)}`,
        }),
      () =>
        `Could not access model data at ${modelDataUrl}. Please ensure that the role "${roleArn}" exists and that its trust relationship policy ` +
        `allows the action "sts:AssumeRole" for the service principal "${principal}". Also ensure that the role has "s3:GetObject" ` +
        `permissions and that the object is located in ${region}.`,
    );
  }
}

/**
 * Looks below a model's prefix, as the execution role. A bucket that is not of this machine is taken as it is: what serves here is the
 * program's own command.
 *
 * @throws ServiceError with the reason that the endpoint then fails with
 */
export async function requireModelFiles(s3: S3Client, prefixUri: string): Promise<void> {
  const [, Bucket = "", Prefix = ""] = /^s3:\/\/([^/]+)\/(.*)$/.exec(prefixUri) ?? [];
  const refusal = (what: string) => new ServiceError("ValidationException", `Could not ${what} model data at ${prefixUri}.`);
  try {
    const { KeyCount = 0 } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1 }));
    if (KeyCount === 0) throw refusal("find");
  } catch (error) {
    const { name } = error as Error;
    if (name === "NoSuchBucket") return;
    if (name === "AccessDenied") throw refusal("access");
    throw error;
  }
}

/** What the service publishes for an endpoint, as far as the role lets it. One warning says when it doesn't. */
export function metricsUnder(context: CloudContext, roleArn: () => string, endpointName: string, sink: MetricSink): MetricSink {
  let warned = false;
  return {
    put: (data) => {
      try {
        const namespaces = new Set(data.map(({ namespace }) => namespace));
        for (const namespace of namespaces) {
          const keys = { "cloudwatch:namespace": namespace };
          context.access.requireRole(roleArn(), sessionName, { action: "cloudwatch:PutMetricData", resource: "*", context: keys });
        }
        sink.put(data);
      } catch (error) {
        if (!isDenial(error)) throw error;
        if (!warned) context.emit({ kind: "warning", message: `The endpoint ${endpointName} publishes no metrics: ${error.message}` });
        warned = true;
      }
    },
  };
}

/** The endpoint's log, as far as the role lets the service write it. */
export function logUnder(context: CloudContext, roleArn: string, endpointName: string, logs: Pick<Logs, "append" | "hasGroup">): RoleLog {
  const group = `/aws/sagemaker/Endpoints/${endpointName}`;
  return new RoleLog(context, logs, { roleArn, sessionName, group, writer: `The endpoint ${endpointName}`, toBegin: toBeginLog });
}

function told(ask: () => void, message: () => string): void {
  try {
    ask();
  } catch (error) {
    throw isDenial(error) ? new ServiceError("ValidationException", message()) : error;
  }
}

/**
 * Sends what the service sends to a topic before an endpoint is in service.
 *
 * @throws Error with the reason that the endpoint then fails with
 */
export async function requireNotifiable({ access }: CloudContext, clients: RoleClients, topicArn: string, roleArn: string): Promise<void> {
  try {
    // Simulated: the topic's own policy does not help here.
    access.requireIdentityPolicy(roleArn, sessionName, { action: "sns:Publish", resource: topicArn });
    const { sns } = clients.as(roleArn);
    await sns.send(new PublishCommand({ TopicArn: topicArn, Message: JSON.stringify(testNotification) }));
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    const said = `${name}: ${message}`;
    // What was never sent, no policy has refused.
    const isRefused = isDenial(error) || $metadata?.httpStatusCode !== undefined;
    if (!isRefused) throw new Error(`Whether ${topicArn} takes notifications could not be tried: ${said}`);
    throw new Error(`The execution role ${roleArn} must be allowed to publish to ${topicArn} (sns:Publish): ${said}`);
  }
}

/**
 * Refuses a release whose role may not look at an alarm that is to roll it back.
 *
 * https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
 *
 * @throws Error with the reason that the update is then rolled back with
 */
export function requireWatchable({ access, region, accountId }: CloudContext, alarmName: string, roleArn: string): void {
  const resource = `arn:${partitionOf(region)}:cloudwatch:${region}:${accountId}:alarm:${alarmName}`;
  try {
    access.requireIdentityPolicy(roleArn, sessionName, { action: "cloudwatch:DescribeAlarms", resource });
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`The execution role ${roleArn} must be allowed to look at ${alarmName} (cloudwatch:DescribeAlarms): ${message}`);
  }
}
