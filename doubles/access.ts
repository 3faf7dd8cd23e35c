import type { AccessControl } from "../local/ports";

/** Lets everybody do everything, for services that a test runs without IAM. */
export const openAccess: AccessControl = {
  requireCall: () => undefined,
  requireRole: () => undefined,
  requireIdentityPolicy: () => undefined,
  requireService: () => undefined,
  requireKeyOfService: () => undefined,
  requireKeyOfDeployer: () => undefined,
  requireAssumable: () => undefined,
};
