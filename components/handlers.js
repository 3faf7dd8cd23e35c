import * as pulumi from "@pulumi/pulumi";
import { handlerFunction } from "../functions/handler";
import { archivedPackages } from "./archive";
import { CallbackLambda } from "./callbackLambda";
import { requireSerializable } from "./closure/check";
import { settings } from "./settings";
import { handlerStatements, keysOf } from "./grants";
import { keyStatements, readAndWrite } from "./policies";
import { requireHandlerName } from "./nameChecks";
/**
 * Runs a closure of yours for each job that completed, in a Lambda of its own: as {@link AsyncInference.onCompleted}, for a
 * service that another project deployed, in the same account and region.
 *
 * @param name letters, digits and single hyphens; the function is called `completed-<name>`
 * @example
 * ```ts
 * onCompleted(outputs, "store", async (job, context) => {
 *   console.log(job.jobId, await context.readResult());
 * });
 * ```
 */
export function onCompleted(outputs, name, handler, options = {}, opts) {
    attach("completed", outputs, ["completed", name], handler, options, opts);
}
/**
 * Runs a closure of yours for each job that ended without a result: FAILED, EXPIRED or CANCELLED. Otherwise as
 * {@link onCompleted}; the function is called `failed-<name>`.
 */
export function onFailed(outputs, name, handler, options = {}, opts) {
    attach("failed", outputs, ["failed", name], handler, options, opts);
}
const ends = {
    completed: ["COMPLETED"],
    failed: ["FAILED", "EXPIRED", "CANCELLED"],
};
/**
 * Subscribes a closure to the ends of jobs.
 *
 * @param nameParts parts of the function's name, the user's own last
 * @param keys those of a service of the same program. @default what the outputs say
 */
export function attach(end, outputs, nameParts, handler, options, opts, keys) {
    const name = nameParts.join("-");
    requireHandlerName(nameParts.at(-1), name);
    const sound = requireSerializable(`The handler ${name}`, handler, archivedPackages(options.packages ?? []));
    const states = [...ends[end]];
    // Not the function's name: an effect is the same one after the function was replaced.
    const handlerName = `${pulumi.getProject()}/${pulumi.getStack()}/${name}`;
    const ownVariables = {
        ENDPOINT_NAME: outputs.endpointName,
        JOB_TABLE_NAME: outputs.jobTableName,
        HANDLER_NAME: handlerName,
    };
    const lambda = new CallbackLambda(name, {
        factory: handlerFunction(states, handler),
        environment: { ...options.environment, ...ownVariables },
        deadLetterQueueArn: outputs.deadLetterQueueArn,
        statements: pulumi
            .all([handlerStatements(outputs, handlerName, end), keys ? [] : keysOf(outputs, readAndWrite), options.policyStatements ?? []])
            .apply((lists) => lists.flat()),
        ...(keys === undefined ? {} : { keyStatements: keyStatements({ ...keys, decryptKeyArns: undefined }) }),
        timeoutSeconds: options.timeoutSeconds ?? 60,
        memoryMb: options.memoryMb ?? 256,
        logRetentionDays: options.logRetentionDays ?? settings.logRetentionDays.default,
        packages: options.packages,
        kmsKeyArn: options.kmsKeyArn,
        network: options.network,
    }, 
    // Nothing of a handler that can't run is registered.
    { ...opts, dependsOn: sound.then(() => (opts?.dependsOn ?? [])) });
    lambda.subscribeTo(name, outputs.jobsTopicArn, { state: states });
}
