import type { PolicyDocument } from "../identity/policyDocument";
import type { InvokePermission } from "./definition";

/** A function's permissions as the policy that Lambda keeps of them; undefined when it has none. */
export function permissionPolicy(permissions: readonly InvokePermission[]): PolicyDocument | undefined {
  if (permissions.length === 0) return undefined;
  const Statement = permissions.map(({ statementId, functionArn, action, principal, sourceArn, sourceAccount }) => ({
    Sid: statementId,
    Effect: "Allow" as const,
    Principal: principalOf(principal),
    Action: action,
    Resource: functionArn,
    Condition: {
      ...(sourceArn !== undefined && { ArnLike: { "AWS:SourceArn": sourceArn } }),
      ...(sourceAccount !== undefined && { StringEquals: { "AWS:SourceAccount": sourceAccount } }),
    },
  }));
  return { Version: "2012-10-17", Statement };
}

function principalOf(principal: string): PolicyDocument["Statement"][number]["Principal"] {
  if (principal === "*") return "*";
  return principal.endsWith(".amazonaws.com") ? { Service: principal } : { AWS: principal };
}
