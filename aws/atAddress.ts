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
  const { AWS_ENDPOINT_URL, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS } = environment;
  if (!AWS_ENDPOINT_URL || AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === "true") return {};
  const { useFipsEndpoint, useDualstackEndpoint } = atAddress(AWS_ENDPOINT_URL);
  return { useFipsEndpoint, useDualstackEndpoint };
}
