import * as pulumi from "@pulumi/pulumi";
import { gpuCount } from "./instanceTypes";
import { defaultConcurrency, serverFacts, serverFamilyOf } from "./serverFamilies";
import { defaultFramework, frameworkFacts, frameworks } from "./servingImages";
/** The server that serves the model, and how many requests it is sent. */
export function servingOf(settings) {
    const family = familyOf(settings);
    const byDefault = (known) => defaultConcurrency(known, gpuCount(settings.instanceType));
    return {
        family,
        maxConcurrentInvocationsPerInstance: settings.maxConcurrentInvocationsPerInstance ??
            (typeof family === "string" ? byDefault(family) : pulumi.output(family).apply(byDefault)),
    };
}
/** The framework whose image serves the model; undefined with an image of the user's. */
export function frameworkOf({ image, framework }) {
    return image === undefined ? (framework ?? defaultFramework) : undefined;
}
/** The variables that say which model is served, by the names that the image's server reads. */
export function modelVariables(family, settings) {
    const { huggingFaceModelId, huggingFaceTask, modelDataUrl } = settings;
    const framework = frameworkOf(settings);
    const facts = framework === undefined ? likely(family) : frameworkFacts(framework);
    return {
        ...(framework !== undefined && modelDataUrl !== undefined && facts.artifactVariables),
        ...(huggingFaceModelId !== undefined && { [facts.modelIdVariable ?? "HF_MODEL_ID"]: huggingFaceModelId }),
        ...(huggingFaceTask !== undefined && { [facts.taskVariable ?? "HF_TASK"]: huggingFaceTask }),
    };
}
/** A token, by the names under which the server reads one. */
export function tokenVariables(family, token) {
    return Object.fromEntries(serverFacts(family).tokenVariables.map((name) => [name, token]));
}
function familyOf({ image, framework }) {
    if (image === undefined)
        return frameworks[framework ?? defaultFramework].family;
    return typeof image === "string" ? serverFamilyOf(image) : pulumi.output(image).apply(serverFamilyOf);
}
/** What AWS's own images of a server read: an image of the user's with that server reads the same. */
function likely(family) {
    return Object.values(frameworks).find((facts) => facts.family === family) ?? {};
}
