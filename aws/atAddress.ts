/** An address of the user's own, as SDK clients take it. */
export interface AtAddress {
  endpoint: string;
  useFipsEndpoint: false;
  useDualstackEndpoint: false;
}

/**
 * How an SDK client reaches every service at one address. The SDK refuses such an address while `AWS_USE_FIPS_ENDPOINT` or
 * `AWS_USE_DUALSTACK_ENDPOINT` is set, or the profile's settings of these names: they are about AWS's own addresses.
 */
export function atAddress(endpoint: string): AtAddress {
  return { endpoint, useFipsEndpoint: false, useDualstackEndpoint: false };
}

/**
 * The same for an address that may be given, or else is in `AWS_ENDPOINT_URL`, where the SDK finds it itself.
 *
 * @returns nothing where AWS's own addresses are meant
 */
export function addressIn(endpointUrl: string | undefined, environment: NodeJS.ProcessEnv): Partial<AtAddress> {
  if (endpointUrl !== undefined) return atAddress(endpointUrl);
  const named = addressNamed(environment);
  if (named === undefined) return {};
  const { useFipsEndpoint, useDualstackEndpoint } = atAddress(named);
  return { useFipsEndpoint, useDualstackEndpoint };
}

/** The address of all services that the SDK finds in the environment. */
export function addressNamed({ AWS_ENDPOINT_URL: named, ...environment }: NodeJS.ProcessEnv): string | undefined {
  return named === "" || isIgnored(environment) ? undefined : named;
}

/** Whether the SDK finds an address of all services, or of one, in the environment. */
export function namesAddress(environment: NodeJS.ProcessEnv): boolean {
  const isNamed = Object.entries(environment).some(([name, value]) => name.startsWith("AWS_ENDPOINT_URL") && value !== "");
  return isNamed && !isIgnored(environment);
}

function isIgnored({ AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: ignored }: NodeJS.ProcessEnv): boolean {
  return ignored === "true";
}
