import { existsSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import type { AwsCredentialIdentity } from "@aws-sdk/types";
import { addressIn, addressNamed, type AtAddress } from "../aws/atAddress";
import { UsageError } from "./failure";
import type { Target } from "./target";

/** What every SDK client of the command line is made with. */
export interface AwsSettings extends Partial<AtAddress> {
  region: string;
  credentials?: AwsCredentialIdentity;
}

/** The AWS SDK's own variable. */
export const endpointVariable = "AWS_ENDPOINT_URL";

/**
 * Where all AWS services are by the SDK's own variable; undefined when it is not set.
 *
 * @throws UsageError when it is no URL
 */
export function endpointOf(environment: NodeJS.ProcessEnv): string | undefined {
  const text = addressNamed(environment);
  if (text === undefined) return undefined;
  if (/^https?:/.test(text) && URL.canParse(text)) return text.replace(/\/$/, "");
  throw new UsageError(`${endpointVariable}: got ${text}, expected a URL such as http://127.0.0.1:4566`);
}

/** Any of these says that there are credentials. */
const credentialVariables = [
  "AWS_ACCESS_KEY_ID",
  "AWS_PROFILE",
  "AWS_WEB_IDENTITY_TOKEN_FILE",
  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
];

/** Whether anything names credentials for AWS: a variable, or the files of its tools. Asking without would take seconds. */
export function hasCredentials(environment: NodeJS.ProcessEnv): boolean {
  if (credentialVariables.some((name) => environment[name])) return true;
  const { AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE, HOME = homedir() } = environment;
  const files = [
    AWS_SHARED_CREDENTIALS_FILE ?? path.join(HOME, ".aws", "credentials"),
    AWS_CONFIG_FILE ?? path.join(HOME, ".aws", "config"),
  ];
  return files.some((file) => file !== "/dev/null" && existsSync(file));
}

/**
 * Keys for a cloud on this machine, which asks for none: only there, and only when the environment names no credentials,
 * so that made-up keys never go to AWS.
 */
export function loopbackCredentials(endpointUrl: string | undefined, environment: NodeJS.ProcessEnv): AwsCredentialIdentity | undefined {
  if (endpointUrl === undefined || credentialVariables.some((name) => environment[name])) return undefined;
  return isLoopback(endpointUrl) ? { accessKeyId: "test", secretAccessKey: "test" } : undefined;
}

/** Whether an address is of this machine alone. */
export function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** How SDK clients reach the target. */
export function awsSettings({ outputs, endpointUrl }: Target, environment: NodeJS.ProcessEnv): AwsSettings {
  const credentials = loopbackCredentials(endpointUrl, environment);
  return {
    region: outputs.region,
    ...addressIn(endpointUrl, environment),
    ...(credentials !== undefined && { credentials }),
  };
}
