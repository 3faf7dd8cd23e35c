import { judgeEnvironment } from "./containerEnvironment";
import { imageProblems } from "./imageChecks";
import { gpuCount } from "./instanceTypes";
import { defaultConcurrency, serverFacts, serverFamilyOf } from "./serverFamilies";
import { defaultFramework, frameworkFacts, frameworks } from "./servingImages";
/**
 * What is wrong with a model's settings, and what is only worth a word: which model, in which image, on which instance, told
 * what by its environment.
 */
export function judgeModel(known) {
    const { args, given, value, region } = known;
    const framework = given.has("image") ? undefined : (args.framework ?? defaultFramework);
    const family = familyOf(known, framework);
    const problems = [
        ...sourceProblems(known, framework),
        ...(given.has("huggingFaceToken") && family !== undefined ? tokenProblems(known, family) : []),
        ...imageProblems({
            ...(args.image !== undefined && { image: args.image }),
            ...(framework !== undefined && { framework }),
            ...(args.imageTag !== undefined && { imageTag: args.imageTag }),
            ...(value("instanceType") !== undefined && { instanceType: value("instanceType") }),
            ...(args.inferenceAmiVersion !== undefined && { inferenceAmiVersion: args.inferenceAmiVersion }),
            ...(region !== undefined && { region }),
            withoutAmiVersion: !given.has("inferenceAmiVersion"),
        }),
    ];
    const warnings = [...frameworkWarnings(known, framework), ...(family === "mlflow" ? promiseWarnings(family) : [])];
    if (family === undefined)
        return { problems, warnings };
    const concurrency = given.has("maxConcurrentInvocationsPerInstance")
        ? value("maxConcurrentInvocationsPerInstance")
        : defaultConcurrency(family, gpuCount(value("instanceType") ?? ""));
    const startup = value("containerStartupTimeoutSeconds");
    const environment = judgeEnvironment(family, {
        ...(concurrency !== undefined && { maxConcurrentInvocationsPerInstance: concurrency }),
        ...(startup !== undefined && { containerStartupTimeoutSeconds: startup }),
    }, (args.environment ?? {}));
    return { problems: [...problems, ...environment.problems], warnings: [...warnings, ...environment.warnings] };
}
function familyOf({ args }, framework) {
    if (framework !== undefined)
        return frameworks[framework].family;
    return args.image === undefined ? undefined : serverFamilyOf(args.image);
}
/** Where the model comes from. */
function sourceProblems({ args, given }, framework) {
    const problems = [];
    const refuse = (propertyPath, reason) => problems.push({ propertyPath, reason });
    const facts = framework === undefined ? undefined : frameworkFacts(framework);
    if (!["modelDataUrl", "image", "huggingFaceModelId"].some((name) => given.has(name)) && facts?.hasModel !== true) {
        refuse("modelDataUrl", "got nothing, expected a model: set modelDataUrl, image or huggingFaceModelId");
    }
    if (given.has("modelDataUrl") && given.has("huggingFaceModelId")) {
        refuse("huggingFaceModelId", "got one together with modelDataUrl, expected only one of them: remove the other");
    }
    if (given.has("huggingFaceTask") && !given.has("huggingFaceModelId")) {
        refuse("huggingFaceTask", "needs huggingFaceModelId: set it too, or remove huggingFaceTask");
    }
    else if (given.has("huggingFaceTask") && facts !== undefined && facts.taskVariable === undefined) {
        refuse("huggingFaceTask", `got one together with framework ${JSON.stringify(framework)}, which reads none: remove it`);
    }
    const { endedTasks } = facts ?? {};
    if (endedTasks?.names.some((name) => name === args.huggingFaceTask) === true && !given.has("imageTag")) {
        refuse("huggingFaceTask", `got ${JSON.stringify(args.huggingFaceTask)}, which transformers 5 of AWS's image has no pipeline for: write another, or imageTag: ${endedTasks.lastTag} (on a GPU) to stay on transformers 4`);
    }
    for (const name of ["framework", "imageTag"]) {
        if (given.has(name) && given.has("image"))
            refuse(name, "got one together with image, which replaces AWS's image: remove one of them");
    }
    if (given.has("huggingFaceModelId") && facts !== undefined && facts.modelIdVariable === undefined) {
        const others = Object.entries(frameworks).flatMap(([name, other]) => (other.modelIdVariable ? [name] : []));
        refuse("framework", `got ${JSON.stringify(args.framework)} together with huggingFaceModelId, which its image does not read: write one of ${others.join(", ")}, or give modelDataUrl instead`);
    }
    return problems;
}
function tokenProblems({ args }, family) {
    const { title, tokenVariables } = serverFacts(family);
    if (tokenVariables.length === 0) {
        return [{ propertyPath: "huggingFaceToken", reason: `got one, but ${title} reads none: remove it` }];
    }
    const own = args.environment ?? {};
    return tokenVariables
        .filter((name) => name in own)
        .map((name) => ({
        propertyPath: `environment.${name}`,
        reason: "got one together with huggingFaceToken, which sets it: remove one of them",
    }));
}
function frameworkWarnings({ given }, framework) {
    if (framework === undefined)
        return [];
    const warnings = [];
    const { endedOn, gpu } = frameworkFacts(framework);
    if (endedOn !== undefined) {
        warnings.push({
            propertyPath: "framework",
            reason: `AWS has mended nothing in ${gpu?.repositoryName} since ${endedOn}: huggingface serves the same code/inference.py, ray any PyTorch code`,
        });
    }
    if (!given.has("framework") && given.has("modelDataUrl")) {
        warnings.push({
            propertyPath: "framework",
            reason: `got nothing for modelDataUrl, which ${framework} then serves; it was pytorch before, whose image ended on ${frameworks.pytorch.endedOn}: write framework: ${framework} or framework: pytorch to say which`,
        });
    }
    return warnings;
}
function promiseWarnings(family) {
    return serverFacts(family).notPromised.map((reason) => ({ propertyPath: "image", reason }));
}
