import { UpdateEndpointWeightsAndCapacitiesCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { execFile } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import path from "node:path";
import { makeInput, requestFor } from "./inputs";
import { concurrency, failureText } from "./site";
import { commandOf, root, workFolder } from "./stacks";
/** The limit on a request's time that a server is given to show what happens at it. */
const scaledSecondsOf = ({ ownLimit }) => ownLimit?.scaledSeconds ?? 5;
/** How much longer a job is than a limit that it must meet, or must not. */
const beyondSeconds = 5;
/** Longest default limit that a run waits for. */
const longestWaitSeconds = 120;
const loadFailure = "the weights are missing";
/** How the program is deployed: each once for all properties that are tried on it, one after the other. */
export const deployments = {
    /** As the program sets it up by itself. */
    promised: () => ({}),
    limited: (stack) => ({ environment: stack.ownLimit?.environment(scaledSecondsOf(stack)) ?? {} }),
    unloadable: () => ({
        environment: { BEHAVIOUR_LOAD_FAILURE: loadFailure },
        settings: { containerStartupTimeoutSeconds: "120" },
    }),
    development: () => ({ pulumiStack: "dev" }),
    production: () => ({ pulumiStack: "prod" }),
};
const mebibyte = 2 ** 20;
const inputs = (stack, bytes) => makeInput(path.join(root, "build/servers/inputs"), stack.takes, bytes);
const isDefaultImage = ({ name }) => name === "mms-hf";
/** Every row of the table. */
export const properties = [
    { name: "7mb", title: "7 MB in", on: "promised", check: (site) => takesInput(site, 7_000_000) },
    { name: "100mb", title: "100 MB in", on: "promised", check: (site) => takesInput(site, 100_000_000) },
    { name: "1gib", title: "1 GiB in, the most that the service takes", on: "promised", check: (site) => takesInput(site, 1024 * mebibyte) },
    { name: "out", title: "100 MB out", on: "promised", check: (site) => givesAnswer(site, 100_000_000) },
    { name: "long", title: "a job longer than the server's own default", on: "promised", check: outlastsDefault },
    {
        name: "atonce",
        title: `8 jobs, ${concurrency} at a time, are computed ${concurrency} at a time`,
        on: "promised",
        check: computesTogether,
    },
    { name: "throws", title: "a handler that throws fails its job with its words", on: "promised", check: tellsException },
    { name: "dies", title: "a worker that dies fails or repeats its job, and the next one runs", on: "promised", check: survivesDeath },
    { name: "stop", title: "a job that runs when the container is told to stop", on: "promised", check: stopsHow },
    {
        name: "limit",
        title: "a job that meets the server's own limit says which one",
        on: "limited",
        of: ({ ownLimit }) => ownLimit !== undefined,
        check: tellsLimit,
    },
    { name: "load", title: "a load that fails is reported", on: "unloadable", check: tellsLoad, refused: toldAtDeployment },
    { name: "check", title: "check-container finds what the service needs", on: "alone", alone: passesCheck },
    { name: "dev", title: "Pulumi.dev.yaml: 7 MB, and a job of 150 s", on: "development", of: isDefaultImage, check: holdsDefaults },
    { name: "prod", title: "Pulumi.prod.yaml: 7 MB, and a job of 150 s", on: "production", of: isDefaultImage, check: holdsDefaults },
];
/** A cell that is true when a job completed with what was expected. */
export function judged(wrong, note) {
    return wrong === undefined ? { holds: "yes", note } : { holds: "no", note: wrong };
}
/** Bounded, for a cell of the table; nothing in it can break the table. */
export function shortened(text, most = 900) {
    const line = text.replace(/\s+/g, " ").trim();
    return line.length <= most ? line : `${line.slice(0, most)} …`;
}
function wrongAnswer(site, result, expected) {
    if (!result.success)
        return shortened(failureText(result));
    const answer = JSON.stringify(site.answer(result)) ?? "nothing";
    return answer === JSON.stringify(expected) ? undefined : `answered ${shortened(answer)}`;
}
async function takesInput(site, bytes) {
    const input = inputs(site.stack, bytes);
    const { result, seconds, usage } = await site.send(input);
    const cost = `${seconds.toFixed(0)} s, ${usage.cpuSeconds.toFixed(0)} CPU s, ${(usage.peakBytes / 1e9).toFixed(1)} GB of memory`;
    return judged(wrongAnswer(site, result, input.expected), cost);
}
async function givesAnswer(site, bytes) {
    const began = performance.now();
    const result = await site.ask({ behaviour: "large", bytes });
    const note = `${((performance.now() - began) / 1000).toFixed(0)} s`;
    if (!result.success)
        return judged(shortened(failureText(result)), note);
    const answer = site.answer(result);
    return judged(typeof answer === "string" && answer.length === bytes - 2 ? undefined : "answered something else", note);
}
/** For real where that takes minutes; else with the job that ends at a limit that is scaled down. */
async function outlastsDefault(site, stack) {
    const { ownLimit } = stack;
    const isShort = ownLimit !== undefined && ownLimit.defaultSeconds <= longestWaitSeconds;
    const seconds = (isShort ? ownLimit.defaultSeconds : scaledSecondsOf(stack)) + beyondSeconds;
    const result = await site.ask({ behaviour: "sleep", seconds });
    const against = ownLimit === undefined ? "it has none" : isShort ? `default ${ownLimit.defaultSeconds} s` : `fails at ${scaledSecondsOf(stack)} s`;
    return judged(wrongAnswer(site, result, "slept"), `${seconds} s; ${against}`);
}
async function computesTogether(site) {
    const folder = mkdtempSync(path.join(workFolder, "meeting-"));
    const ask = () => site.ask({ behaviour: "meet", folder, count: concurrency, patienceSeconds: 60 });
    const results = await Promise.all(Array.from({ length: 2 * concurrency }, ask));
    const failed = results.find(({ success }) => !success);
    if (failed)
        return judged(shortened(failureText(failed)), "");
    const alone = results.filter((result) => site.answer(result) === "alone").length;
    return judged(alone === 0 ? undefined : `${alone} of ${results.length} were computed with fewer than ${concurrency} beside each other`, "");
}
async function tellsException(site) {
    const text = "no ink on page 7";
    const result = await site.ask({ behaviour: "raise", text });
    if (result.success)
        return judged("completed", "");
    const next = await site.ask({ behaviour: "sleep", seconds: 0 });
    const { code, message } = result.error;
    // A server may put its own sentence first; the advice leads to the failure object, which has the model's.
    const place = message.includes(text)
        ? "in the job's error"
        : (await site.failureObject(result)).includes(text)
            ? "in the failure object"
            : undefined;
    const wrong = code !== "MODEL_ERROR" || place === undefined ? shortened(failureText(result)) : wrongAnswer(site, next, "slept");
    return judged(wrong, `${code}, ${place}`);
}
async function survivesDeath(site) {
    const result = await site.ask({ behaviour: "die" });
    if (result.success)
        return judged("completed", "");
    const next = await site.ask({ behaviour: "sleep", seconds: 0 });
    return judged(["MODEL_ERROR", "IN_DOUBT"].includes(result.error.code) ? wrongAnswer(site, next, "slept") : shortened(failureText(result)), result.error.code);
}
/** Last on its deployment, which it leaves without an instance. */
async function stopsHow(site) {
    const started = site.event((event) => event.kind === "invocation" && event.change === "started");
    const job = await site.client.submit(requestFor(site.stack.takes, { behaviour: "sleep", seconds: 10 }), site.sent());
    await started;
    const ended = site.event((event) => event.kind === "invocation" && event.inferenceId.endsWith(job.jobId) && ["completed", "failed", "killed"].includes(event.change));
    const sagemaker = new SageMakerClient(site.sdk());
    const began = performance.now();
    await sagemaker.send(new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: site.outputs.endpointName,
        DesiredWeightsAndCapacities: [{ VariantName: site.outputs.variantName, DesiredInstanceCount: 0 }],
    }));
    const event = await ended;
    sagemaker.destroy();
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const finished = event.kind === "invocation" && event.change === "completed";
    return { holds: "measured", note: finished ? "is finished" : `is cut after ${seconds} s` };
}
async function tellsLimit(site, stack) {
    const limitSeconds = scaledSecondsOf(stack);
    const seconds = limitSeconds + beyondSeconds;
    const result = await site.ask({ behaviour: "sleep", seconds });
    if (result.success)
        return judged(`a job of ${seconds} s completed at a limit of ${limitSeconds} s`, "");
    const told = failureText(result);
    const says = stack.ownLimit?.told;
    if (says === undefined)
        return { holds: "measured", note: `${result.error.code}; the server does not say why` };
    const wrong = result.error.code === "IN_DOUBT" || !says.test(told) ? shortened(told) : undefined;
    return judged(wrong, result.error.code);
}
function toldAtDeployment(message) {
    return judged(message.includes(loadFailure) ? undefined : shortened(message), "by the deployment, which fails");
}
async function tellsLoad(site) {
    const result = await site.ask({ behaviour: "sleep", seconds: 0 }, { invocationTimeoutSeconds: 600 });
    if (result.success)
        return judged("completed", "");
    const told = failureText(result);
    if (told.includes(loadFailure))
        return judged(undefined, `by each job, in its words: ${result.error.code}`);
    // A server that only says that its worker died: the advice must lead to the log, and the log must have the words.
    const leads = /could not be loaded/.test(told) && (await site.logged(loadFailure));
    return judged(leads ? undefined : shortened(told), `by each job, which leads to the log: ${result.error.code}`);
}
async function holdsDefaults(site) {
    const input = inputs(site.stack, 7_000_000);
    const { result } = await site.send(input);
    const refused = wrongAnswer(site, result, input.expected);
    if (refused !== undefined)
        return judged(refused, "");
    const slept = await site.ask({ behaviour: "sleep", seconds: 150 });
    return judged(wrongAnswer(site, slept, "slept"), "");
}
/** The command that users run, with the variables that the program sets. */
async function passesCheck(stack, python) {
    const folder = mkdtempSync(path.join(workFolder, "check-"));
    const [sample, slowSample] = [path.join(folder, "sample"), path.join(folder, "slow")];
    writeFileSync(sample, stack.takes === "json" ? '{"inputs":["a page"]}' : "a page");
    writeFileSync(slowSample, requestFor(stack.takes, { behaviour: "sleep", seconds: 20 }));
    const contentType = stack.takes === "json" ? "application/json" : "application/octet-stream";
    const command = [
        ...["check-container", "--json", "--command", commandOf(stack, python), "--family", stack.family, "--concurrency", String(concurrency)],
        ...["--sample", sample, "--content-type", contentType, "--slow-sample", slowSample, "--seconds", "20", "--largest", "100MB"],
    ];
    const printed = await new Promise((resolve) => {
        const options = { env: { ...process.env, ...stack.environment }, maxBuffer: 2 ** 24 };
        execFile(process.execPath, [path.join(root, "build/cli/main.js"), ...command], options, (_, stdout, stderr) => resolve(stdout || stderr));
    });
    let report;
    try {
        report = JSON.parse(printed);
    }
    catch {
        return judged(shortened(printed), "");
    }
    const lost = report.findings.filter(({ needed, verdict }) => needed && verdict === "does not hold");
    return judged(report.holds ? undefined : shortened(lost.map(({ check, seen }) => `${check}: ${seen}`).join("; ")), report.summary);
}
