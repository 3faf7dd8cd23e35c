/**
 * Version of {@link AsyncInferenceOutputs}. Adding a field keeps it; renaming or removing one raises it,
 * which is a breaking change and has a line in CHANGELOG.md.
 */
export const contractVersion = 1;
/** `accountId` of an embedded cloud, which no customer of AWS has. */
export const embeddedAccountId = "000000000000";
/** Which output names each of the service's own functions, by its name or its ARN. */
export const functionOutputs = {
    submit: "submitFunctionName",
    inbox: "inboxFunctionArn",
    result: "resultFunctionName",
    sweep: "sweepFunctionName",
    floor: "floorFunctionArn",
};
/** The prefixes that one of the four was before, from the output of that name; none in outputs of an older version. */
export function formerPrefixesOf({ formerPrefixes = "" }, kind) {
    const named = formerPrefixes.split(",").filter((each) => each.startsWith(`${kind}:`));
    return named.map((each) => each.slice(kind.length + 1));
}
/** Type of each output, for whoever reads outputs that somebody else's program wrote. */
const outputTypes = {
    contractVersion: "number",
    region: "string",
    accountId: "string",
    partition: "string",
    endpointName: "string",
    endpointConfigName: "string",
    modelName: "string",
    variantName: "string",
    bucketName: "string",
    bucketArn: "string",
    inputPrefix: "string",
    outputPrefix: "string",
    failurePrefix: "string",
    inboxPrefix: "string",
    formerPrefixes: "string",
    inboxEnabled: "boolean",
    inboxFunctionArn: "string",
    executionRoleArn: "string",
    successTopicArn: "string",
    errorTopicArn: "string",
    jobsTopicArn: "string",
    alarmTopicArn: "string",
    jobTableName: "string",
    jobTableArn: "string",
    kmsKeyArn: "string",
    formerKmsKeyArns: "string",
    submitFunctionName: "string",
    submitFunctionArn: "string",
    resultFunctionName: "string",
    resultLogGroupName: "string",
    sweepFunctionName: "string",
    floorFunctionArn: "string",
    deadLetterQueueUrl: "string",
    deadLetterQueueArn: "string",
    minCapacity: "number",
    maxCapacity: "number",
    invocationTimeoutSeconds: "number",
    requestTtlSeconds: "number",
    maxOpenJobs: "number",
    onDoubt: "string",
    maxAttempts: "number",
    jobRetentionDays: "number",
    inputBuckets: "string",
    maxConcurrentInvocationsPerInstance: "number",
};
/** Names of the outputs of a service. */
export const outputNames = Object.keys(outputTypes);
/**
 * Why something is not the outputs of a service that this version can read, in one sentence; undefined when it is.
 *
 * Outputs that are unknown here are ignored: newer versions add some.
 *
 * @param subject what the outputs belong to, as the sentence begins: `The stack acme/ocr/prod`
 */
export function outputsProblem(subject, outputs) {
    const fields = typeof outputs === "object" && outputs !== null ? outputs : {};
    const names = Object.keys(fields);
    if (names.length === 0)
        return `${subject} has no outputs: deploy it with \`export = service.outputs\` first.`;
    const version = fields["contractVersion"];
    if (typeof version !== "number") {
        const nested = servicesIn(fields);
        const advice = nested.length === 0
            ? "name the stack of an AsyncInference"
            : nested.length === 1
                ? `they are in its output ${nested.join()}, so name that too`
                : `they are in its outputs ${nested.join(", ")}, so name one of those too`;
        return `${subject} has no output contractVersion, which the outputs of an asynchronous inference have: ${advice} (it has ${names.sort().join(", ")}).`;
    }
    if (version > contractVersion) {
        return `${subject} has contractVersion ${version} where this sagemaker-async-inference reads ${contractVersion}: update the package here.`;
    }
    if (version < contractVersion) {
        return `${subject} has contractVersion ${version} where this sagemaker-async-inference reads ${contractVersion}: update the package there and deploy again.`;
    }
    const secrets = maskedOutputs(fields);
    if (secrets.length > 0) {
        return `${subject} has [secret] in the place of ${secrets.join(", ")}: write it with \`pulumi stack output --json --show-secrets\`.`;
    }
    const wrong = Object.entries(outputTypes).filter(([name, type]) => typeof fields[name] !== type);
    const missing = wrong.flatMap(([name]) => (fields[name] === undefined ? [name] : []));
    if (missing.length > 0) {
        return `${subject} has no output ${missing.join(", ")}, as if deployed by an older sagemaker-async-inference than this: update the package there and deploy again.`;
    }
    if (wrong.length > 0) {
        const found = wrong.map(([name, type]) => `${name} (${typeof fields[name]}, expected ${type})`).join(", ");
        return `${subject} has other outputs than an asynchronous inference: ${found}.`;
    }
    return undefined;
}
/** Names of the outputs that hold those of a service each, as in `export = { ocr: ocr.outputs, speech: speech.outputs }`. */
export function servicesIn(outputs) {
    const isService = (value) => typeof value?.contractVersion === "number";
    return Object.entries(outputs).flatMap(([name, value]) => (isService(value) ? [name] : []));
}
/** Outputs of a service that `pulumi stack output --json` shows as `[secret]`, as it does without `--show-secrets`. */
export function maskedOutputs(outputs) {
    return Object.entries(outputs).flatMap(([name, value]) => (name in outputTypes && value === "[secret]" ? [name] : []));
}
