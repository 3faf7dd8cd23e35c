import type { RoleLog } from "../roleLog";
import type { Deployment, EndpointDependencies, Serving } from "./deployment";
import { sessionName } from "./executionRole";
import { Fleet } from "./fleet";

const defaultStartupTimeoutSeconds = 600;

/** What a fleet is made for. */
interface FleetPurpose {
  endpointName: string;
  deployment: Deployment;
  /** Undefined when nothing can serve its model. */
  serving: Serving | undefined;
  /** Takes what its containers print. */
  log: RoleLog;
}

/** A fleet without instances yet, whose containers run as the execution role. @param onRoom called when an instance has room */
export function newFleet(
  { endpointName, deployment, serving, log }: FleetPurpose,
  { context, startContainer, soldOut }: Pick<EndpointDependencies, "context" | "startContainer" | "soldOut">,
  onRoom: () => void,
): Fleet {
  const { variant, environment, roleArn } = deployment;
  const { region, endpointUrl } = context;
  const credentials = context.credentialsFor(roleArn, sessionName);
  return new Fleet(
    context,
    startContainer,
    {
      endpointName,
      variantName: variant.VariantName,
      instanceStartupSeconds: serving?.instanceStartupSeconds ?? 0,
      soldOut: () => soldOut.has(variant.InstanceType),
      log: (instanceId, line) => void log.append(`${variant.VariantName}/${instanceId}`, line),
      container: (instanceId) => ({
        command: serving?.command ?? "",
        directory: serving?.directory ?? "",
        startupTimeoutSeconds: variant.ContainerStartupHealthCheckTimeoutInSeconds ?? defaultStartupTimeoutSeconds,
        environment: {
          AWS_REGION: region,
          AWS_DEFAULT_REGION: region,
          AWS_ENDPOINT_URL: endpointUrl,
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          ...(credentials.sessionToken !== undefined && { AWS_SESSION_TOKEN: credentials.sessionToken }),
          SM_CURRENT_INSTANCE_TYPE: variant.InstanceType,
          ...environment,
        },
        onLine: (line) => void log.append(`${variant.VariantName}/${instanceId}`, line),
      }),
    },
    onRoom,
  );
}
