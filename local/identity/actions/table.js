/** Reads a service's requests by its table. @param read operation and parameters of a request */
export function judgedBy(service, rules, read) {
    return (request, place) => {
        const { operation, input } = read(request);
        const rule = Object.hasOwn(rules, operation) ? rules[operation] : undefined;
        return rule && needs(`${service}:${rule.action ?? operation}`, rule, input, place);
    };
}
function needs(action, { on, keys, also }, input, place) {
    const context = keys?.(input, place);
    const own = [on(input, place)].flat().map((resource) => ({ action, resource, ...(context && { context }) }));
    return [...own, ...(also?.(input, place) ?? [])];
}
/** Requests of AWS JSON: the operation is the target's last part. */
export function readJson({ headers, body }) {
    return { operation: String(headers["x-amz-target"]).split(".").at(-1) ?? "", input: parsed(body) };
}
/** Requests of the Query protocol. */
export function readForm({ body }) {
    const input = Object.fromEntries(new URLSearchParams(body?.toString()));
    return { operation: input["Action"] ?? "", input };
}
/** A body that is no JSON is the service's to refuse. */
function parsed(body) {
    try {
        return (JSON.parse(body?.toString() || "{}") ?? {});
    }
    catch {
        return {};
    }
}
/** For actions that AWS does not restrict to resources. */
export const anything = () => "*";
/** A member of a call as text; empty when it is missing, which matches no ARN. */
export function text(input, member) {
    const value = input[member];
    return typeof value === "string" ? value : "";
}
/** How each service names a resource to KMS. */
const encryptionContexts = {
    dynamodb: (arn) => ({ tablename: arn.split("/")[1] ?? "" }),
    s3: (arn) => ({ arn }),
    sns: (arn) => ({ topicarn: arn }),
    sqs: (arn) => ({ arn }),
};
/** Use of the key that encrypts a resource. */
export function keyNeeds(arn, place, service, ...actions) {
    const kmsKeyArn = place.factsOf(arn)?.kmsKeyArn;
    // A key of AWS's own lets everybody in who may use the service.
    if (!kmsKeyArn?.includes(":key/"))
        return [];
    const named = Object.entries(encryptionContexts[service](arn));
    const context = {
        "kms:viaservice": `${service}.${place.region}.amazonaws.com`,
        "kms:calleraccount": place.accountId,
        "aws:viaawsservice": "true",
        ...Object.fromEntries(named.map(([key, value]) => [`kms:encryptioncontext:aws:${service}:${key}`, value])),
    };
    return actions.map((action) => ({ action: `kms:${action}`, resource: kmsKeyArn, context }));
}
