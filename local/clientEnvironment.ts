/** Where clients find an embedded cloud. */
export interface CloudAddress {
  /** `http://127.0.0.1:<port>` */
  endpointUrl: string;
  region: string;
}

/** Keys that no cloud issued: those of its administrator. */
const dummyKey = "test";

/**
 * Services of the cloud by the AWS provider's names of their endpoints. EC2 is none of them: named all the same, a VPC in a program is
 * refused by the cloud, which says why, and does not leave the machine to be refused by AWS for its keys.
 */
const endpointNames = [
  "appautoscaling",
  "cloudwatch",
  "dynamodb",
  "ec2",
  "events",
  "iam",
  "kms",
  "lambda",
  "logs",
  "s3",
  "s3control",
  "sagemaker",
  "sfn",
  "sns",
  "sqs",
  "ssm",
  "sts",
] as const;

/** What makes any AWS SDK or tool a client of the cloud. boto3 and the older AWS CLI know only AWS_DEFAULT_REGION. */
export function clientEnvironment({ endpointUrl, region }: CloudAddress): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: dummyKey,
    AWS_SECRET_ACCESS_KEY: dummyKey,
  };
}

/** The same as lines for a shell. */
export function shellLines(address: CloudAddress): string[] {
  return Object.entries(clientEnvironment(address)).map(([name, value]) => `export ${name}=${value}`);
}

/**
 * The AWS provider's settings as entries of a stack file's `config:`, indented so that they can be appended to it.
 *
 * @param region left out for a stack file that has `aws:region` already
 */
export function pulumiLines({ endpointUrl, region }: Omit<CloudAddress, "region"> & { region: string | undefined }): string[] {
  const flags = Object.entries(pulumiFlags(endpointUrl)).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`);
  return [
    ...(region === undefined ? [] : [`  aws:region: ${region}`]),
    ...flags,
    "  aws:endpoints:",
    ...endpointNames.map((name, index) => `    ${index === 0 ? "-" : " "} ${name}: ${endpointUrl}`),
  ];
}

/** The same by key, without the region: what `config:` of a stack file has to have. */
export function pulumiSettings(endpointUrl: string): Record<string, string | object> {
  return {
    ...pulumiFlags(endpointUrl),
    "aws:endpoints": [Object.fromEntries(endpointNames.map((name) => [name, endpointUrl]))],
  };
}

function pulumiFlags(endpointUrl: string): Record<string, string> {
  return Object.fromEntries(Object.entries(providerFlags(endpointUrl)).map(([name, value]) => [`aws:${camel(name)}`, String(value)]));
}

/** The provider block of a Terraform configuration. */
export function terraformLines({ endpointUrl, region }: CloudAddress): string[] {
  const settings = { region, ...providerFlags(endpointUrl) };
  const width = Math.max(...Object.keys(settings).map((name) => name.length));
  const endpointWidth = Math.max(...endpointNames.map((name) => name.length));
  return [
    'provider "aws" {',
    ...Object.entries(settings).map(([name, value]) => `  ${name.padEnd(width)} = ${JSON.stringify(value)}`),
    "",
    "  endpoints {",
    ...endpointNames.map((name) => `    ${name.padEnd(endpointWidth)} = ${JSON.stringify(endpointUrl)}`),
    "  }",
    "}",
  ];
}

/**
 * The provider's settings besides its endpoints. It puts the account before the host of S3 Control's endpoint, a name that leads
 * nowhere. As its own proxy the cloud gets those requests all the same; a provider sends none to 127.0.0.1 itself by a proxy.
 */
function providerFlags(endpointUrl: string): Record<string, string | boolean> {
  return {
    access_key: dummyKey,
    secret_key: dummyKey,
    http_proxy: endpointUrl,
    // Left out, the provider warns that it takes the other proxy.
    https_proxy: "",
    s3_use_path_style: true,
    skip_credentials_validation: true,
    skip_metadata_api_check: true,
    skip_region_validation: true,
  };
}

function camel(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
