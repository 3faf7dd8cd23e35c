import { djlHeapBytes, serverEnvironment, serverFacts, serverFamilies, variablesFor, variablesGiven, } from "./serverFamilies";
/** SageMaker's bounds of a container's environment. https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html */
const mostVariables = 100;
const mostBytes = 32_768;
/**
 * The environment of a container: what its server has to be told, and the user's on top. A limit that the user moves by another
 * name than ours is left to the user.
 */
export function containerEnvironment(family, allowance, own) {
    const left = variablesGiven(family).filter(({ alternatives }) => alternatives?.some(({ name }) => name in own));
    const ours = Object.entries(serverEnvironment(family, allowance)).filter(([name]) => !left.some((variable) => variable.name === name));
    return { ...Object.fromEntries(ours), ...own };
}
/**
 * Judges the user's environment against what the service promises. Values are never shown: they may be secret.
 *
 * @param own the user's variables, or those of them that are known
 * @param allowance what is known of it
 */
export function judgeEnvironment(family, allowance, own) {
    const judgement = { problems: [], warnings: [] };
    const refuse = (name, reason) => judgement.problems.push({ propertyPath: `environment.${name}`, reason });
    torchServeProblems(family, allowance, own, refuse);
    for (const [name, instead] of Object.entries(serverFacts(family).voidVariables ?? {})) {
        if (name in own)
            refuse(name, `does nothing in ${serverFamilies[family].title}: set ${instead}, or remove it`);
    }
    for (const variable of variablesJudged(family))
        judgeVariable(variable, allowance, own, judgement);
    const heap = family === "djl" ? heapBytes(own["JAVA_OPTS"]) : undefined;
    if (heap !== undefined && heap < djlHeapBytes) {
        refuse("JAVA_OPTS", `leaves a heap that is smaller than an input of 1 GiB needs, which is 3.1 GB: write -Xmx4g, or remove JAVA_OPTS, which is set with it`);
    }
    sizeProblems(containerEnvironment(family, { maxConcurrentInvocationsPerInstance: 1, containerStartupTimeoutSeconds: 1800, ...allowance }, own), judgement);
    return { problems: distinct(judgement.problems), warnings: distinct(judgement.warnings) };
}
/** Servers share names: what one of unknown make is told is told once. */
function distinct(problems) {
    return [...new Map(problems.map((problem) => [`${problem.propertyPath} ${problem.reason}`, problem])).values()];
}
function variablesJudged(family) {
    return family === "own" ? [...variablesGiven(family), ...variablesFor("torchserve", "workers")] : variablesGiven(family);
}
/** Any of its own settings makes the PyTorch image write a configuration with one worker and 60 seconds, whatever else is set. */
function torchServeProblems(family, allowance, own, refuse) {
    if (family !== "torchserve" && family !== "own")
        return;
    const names = Object.keys(own).filter((name) => name.startsWith("SAGEMAKER_TS_"));
    const [first] = names;
    if (first === undefined)
        return;
    if (!names.includes("SAGEMAKER_TS_RESPONSE_TIMEOUT")) {
        refuse(first, "makes TorchServe end each job after 60 seconds unless SAGEMAKER_TS_RESPONSE_TIMEOUT is set: add SAGEMAKER_TS_RESPONSE_TIMEOUT=3660, or remove it");
    }
    const concurrency = allowance.maxConcurrentInvocationsPerInstance ?? 1;
    const workers = Math.min(Number(own["SAGEMAKER_TS_MIN_WORKERS"] ?? 1), Number(own["SAGEMAKER_TS_MAX_WORKERS"] ?? 1));
    if (workers < concurrency) {
        refuse(first, `leaves fewer workers than maxConcurrentInvocationsPerInstance, which is ${concurrency}: add SAGEMAKER_TS_MIN_WORKERS=${concurrency} and SAGEMAKER_TS_MAX_WORKERS=${concurrency}, or remove it`);
    }
}
const lowers = {
    requestBytes: "lets the server take smaller inputs than the service's 1 GiB: larger ones end as MODEL_ERROR",
    answerBytes: "lets the server give smaller results than the service's 1 GiB: larger ones end as MODEL_ERROR",
    requestSeconds: "lets the server give up sooner than SageMaker, which takes up to 3600 seconds: such jobs end as MODEL_ERROR, not as TIMEOUT",
    loadingSeconds: "gives the model less time to load than containerStartupTimeoutSeconds: one that takes longer is never served",
};
function judgeVariable(variable, allowance, own, { problems, warnings }) {
    const { name: ours, limit, value, alternatives = [] } = variable;
    if (limit === "memory")
        return;
    for (const { name, factor } of [{ name: ours, factor: 1 }, ...alternatives]) {
        const text = own[name];
        if (text === undefined)
            continue;
        const propertyPath = `environment.${name}`;
        if (!/^\d{1,15}$/.test(text)) {
            problems.push({ propertyPath, reason: "got a value that is not shown, expected a whole number" });
            continue;
        }
        const known = limit === "workers"
            ? allowance.maxConcurrentInvocationsPerInstance
            : limit === "loadingSeconds"
                ? allowance.containerStartupTimeoutSeconds
                : 0;
        if (known === undefined)
            continue;
        const service = Number(value({ maxConcurrentInvocationsPerInstance: known, containerStartupTimeoutSeconds: known }));
        if (Number(text) * factor >= service)
            continue;
        if (limit === "workers") {
            problems.push({
                propertyPath,
                reason: `gives the server fewer workers than maxConcurrentInvocationsPerInstance, which is ${known}: requests that wait in the container have their time running; remove it, and as many workers start`,
            });
        }
        else {
            warnings.push({ propertyPath, reason: lowers[limit] });
        }
    }
}
/** A JVM's largest heap as its options say it; undefined when they don't, and a quarter of the machine is taken. */
function heapBytes(options) {
    const found = [...(options ?? "").matchAll(/(?:^|\s)-Xmx(\d+)([kmgt]?)(?=\s|$)/gi)].at(-1);
    if (found === undefined)
        return undefined;
    return Number(found[1]) * 1024 ** ["", "k", "m", "g", "t"].indexOf((found[2] ?? "").toLowerCase());
}
function sizeProblems(environment, { problems }) {
    const count = Object.keys(environment).length;
    const bytes = Object.entries(environment).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
    const refuse = (reason) => problems.push({ propertyPath: "environment", reason });
    if (count > mostVariables)
        refuse(`got ${count} variables with those of the model server, expected at most ${mostVariables}: remove some`);
    if (bytes > mostBytes) {
        refuse(`got ${bytes} bytes of names and values, expected at most ${mostBytes} in all: put what is long into a file of the model or the image`);
    }
}
