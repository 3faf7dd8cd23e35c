import type { PolicyDocument } from "../identity/policyDocument";
import type { InvokePermission } from "./definition";

/** A function's permissions as the policy that Lambda keeps of them; undefined when it has none. */
export function permissionPolicy(permissions: readonly InvokePermission[]): PolicyDocument | undefined {
  if (permissions.length === 0) return undefined;
  const Statement = permissions.map(({ statementId, functionArn, action, principal, sourceArn, sourceAccount }) => {
    const Condition = {
      ...(sourceAccount !== undefined && { StringEquals: { "AWS:SourceAccount": sourceAccount } }),
      ...(sourceArn !== undefined && { ArnLike: { "AWS:SourceArn": sourceArn } }),
    };
    return {
      Sid: statementId,
      Effect: "Allow" as const,
      Principal: principalOf(principal),
      Action: action,
      Resource: functionArn,
      ...(Object.keys(Condition).length > 0 && { Condition }),
    };
  });
  return { Version: "2012-10-17", Statement };
}

function principalOf(principal: string): PolicyDocument["Statement"][number]["Principal"] {
  if (principal === "*") return "*";
  if (principal.endsWith(".amazonaws.com")) return { Service: principal };
  return { AWS: /^\d{12}$/.test(principal) ? `arn:aws:iam::${principal}:root` : principal };
}
