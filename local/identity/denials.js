import { ServiceError } from "../wire";
import { denialText } from "./evaluate";
/** How a service says no, where it isn't `AccessDeniedException` with status 400. */
const spellings = {
    iam: { code: "AccessDenied", status: 403 },
    lambda: { status: 403 },
    "sagemaker-runtime": { status: 403 },
    s3: { code: "AccessDenied", status: 403, quote: '"' },
    sns: { code: "AuthorizationError", status: 403, service: "SNS" },
    sqs: { code: "AccessDenied", status: 403 },
    sts: { code: "AccessDenied", status: 403, brief: true },
    monitoring: { code: "AccessDenied", status: 403 },
};
/** How a service passes on what KMS denied to its caller. */
const keyDenials = { sns: "KMSAccessDenied", sqs: "KmsAccessDenied" };
/** The answer of the service that was called, in its own spelling. @param service by its name in signatures */
export function denied(service, who, need, denial) {
    const keyDenial = need.action.startsWith("kms:") ? keyDenials[service] : undefined;
    if (keyDenial !== undefined)
        return new ServiceError(keyDenial, denialText(who, need, denial), 400);
    const { code = "AccessDeniedException", status = 400, service: named, quote, brief } = spellings[service] ?? {};
    const action = named === undefined ? need.action : need.action.replace(`${service}:`, `${named}:`);
    return new ServiceError(code, denialText(who, { ...need, action }, brief ? undefined : denial, quote), status);
}
/** What a key is answered whose session is over. */
export function expired(service) {
    return service === "s3"
        ? new ServiceError("ExpiredToken", "The provided token has expired.", 400)
        : new ServiceError("ExpiredTokenException", "The security token included in the request is expired", 403);
}
/** What a role's key is answered that comes without its session token, or with another. */
export function invalidToken(service, isMissing) {
    if (service === "s3") {
        return isMissing
            ? new ServiceError("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403)
            : new ServiceError("InvalidToken", "The provided token is malformed or otherwise invalid.", 400);
    }
    const code = ["iam", "sns", "sqs", "sts", "monitoring"].includes(service) ? "InvalidClientTokenId" : "UnrecognizedClientException";
    return new ServiceError(code, "The security token included in the request is invalid.", spellings[service]?.status ?? 400);
}
/** What a client is answered that signed for another region than the one that it reached. */
export function wrongRegion(service, given, region) {
    if (service === "s3") {
        const message = `The authorization header is malformed; the region '${given}' is wrong; expecting '${region}'`;
        return new ServiceError("AuthorizationHeaderMalformed", message, 400);
    }
    const code = ["sns", "sqs", "monitoring"].includes(service) ? "SignatureDoesNotMatch" : "InvalidSignatureException";
    return new ServiceError(code, `Credential should be scoped to a valid region, not '${given}'. `, spellings[service]?.status ?? 400);
}
/** True for the denial of any service, and for nothing else. */
export function isDenial(error) {
    return error instanceof ServiceError && /^(AccessDenied(Exception)?|AuthorizationError|K(MS|ms)AccessDenied)$/.test(error.code);
}
