/** A function's permissions as the policy that Lambda keeps of them; undefined when it has none. */
export function permissionPolicy(permissions) {
    if (permissions.length === 0)
        return undefined;
    const Statement = permissions.map(({ statementId, functionArn, action, principal, sourceArn, sourceAccount }) => {
        const Condition = {
            ...(sourceAccount !== undefined && { StringEquals: { "AWS:SourceAccount": sourceAccount } }),
            ...(sourceArn !== undefined && { ArnLike: { "AWS:SourceArn": sourceArn } }),
        };
        return {
            Sid: statementId,
            Effect: "Allow",
            Principal: principalOf(principal),
            Action: action,
            Resource: functionArn,
            ...(Object.keys(Condition).length > 0 && { Condition }),
        };
    });
    return { Version: "2012-10-17", Statement };
}
function principalOf(principal) {
    if (principal === "*")
        return "*";
    if (principal.endsWith(".amazonaws.com"))
        return { Service: principal };
    return { AWS: /^\d{12}$/.test(principal) ? `arn:aws:iam::${principal}:root` : principal };
}
