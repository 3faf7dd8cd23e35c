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
