import { buffer } from "node:stream/consumers";
import { Readable } from "node:stream";
import { AsyncInferenceError, clientError } from "../client/errors";
import { cancelOutcomeOf, endErrorOf, listedJob, reading, referenceOf, resultIn, statusOf, toldOf } from "../client/results";
import { retry } from "../client/retry";
import { cancelJob } from "../core/lifecycle/cancel";
import { endAttempt } from "../core/lifecycle/end";
import { givenInput, submitJob } from "../core/lifecycle/submit";
import { readContent } from "../core/messages/content";
import { codedError, codedOf, noJob } from "../core/records/errors";
import { isoTime } from "../core/records/isoTime";
import { inputKeyOf, isTerminal } from "../core/records/job";
import { s3Uri } from "../core/records/s3Uri";
const dayMilliseconds = 86_400_000;
/** A service whose jobs run in memory: records by the rules of the real one, a function for the model, a clock for time. */
export class MemoryService {
    ports;
    clock;
    settings;
    behaviour;
    explained;
    plans = new Map();
    constructor(ports, clock, settings, behaviour, explained) {
        this.ports = ports;
        this.clock = clock;
        this.settings = settings;
        this.behaviour = behaviour;
        this.explained = explained;
    }
    get objects() {
        return this.ports.objects;
    }
    async submit(submission) {
        const { jobId, request, maxAttempts, signal } = submission;
        let placed;
        const attempt = async () => {
            const code = this.behaviour.refusals.shift();
            if (code !== undefined)
                throw clientError(code, `This test refuses the submission with ${code}.`, { jobId });
            placed ??= await this.place(submission, await submission.input());
            const job = await submitJob(this.ports, this.settings, jobId, request, placed, Infinity);
            if (!this.plans.has(jobId))
                await this.plan(job);
            return job;
        };
        return referenceOf(await retry(attempt, { maxAttempts, clock: this.clock, random: () => 1, signal }), true);
    }
    result({ jobId }, waiting) {
        const { deadline, signal } = waiting;
        const work = async () => {
            const endsAt = this.plans.get(jobId)?.endsAt ?? 0;
            // A job that is cancelled meanwhile ends earlier.
            for (let job = await this.current(jobId);; job = await this.current(jobId)) {
                if (isTerminal(job.state))
                    return this.read(job, waiting);
                const left = deadline - this.clock.now();
                signal?.throwIfAborted();
                if (left <= 0)
                    throw clientError("WAIT_TIMEOUT", `Job ${jobId} is ${job.state} and has not ended yet.`, { jobId });
                await this.clock.sleep(Math.max(1, Math.min(left, endsAt - this.clock.now(), 1000 * waitStepSeconds)), signal);
            }
        };
        return reading(work(), signal, jobId);
    }
    async status({ jobId }) {
        return statusOf(await this.current(jobId));
    }
    async cancel({ jobId }) {
        await this.current(jobId);
        return cancelOutcomeOf(await cancelJob(this.ports, this.settings, jobId));
    }
    async *list({ state, since, until, limit = Infinity }) {
        const from = since === undefined ? this.clock.now() - dayMilliseconds : new Date(since).getTime();
        const to = until === undefined ? Infinity : new Date(until).getTime();
        const isWanted = (job) => {
            const at = Date.parse(job.createdAt);
            return at >= from && at <= to && (state === undefined || job.state === state);
        };
        const jobs = (await this.all()).filter(isWanted);
        for (const job of jobs.reverse().slice(0, limit))
            yield listedJob(job);
    }
    async *statuses(options) {
        for await (const { jobId } of this.list(options))
            yield statusOf(await this.current(jobId));
    }
    async find(jobId) {
        return this.ports.records.has(jobId) ? referenceOf(await this.current(jobId), true) : undefined;
    }
    /** Every job as it is now, in the order in which they were accepted. */
    async all() {
        const jobs = [];
        for (const jobId of this.ports.records.keys())
            jobs.push(await this.current(jobId));
        return jobs;
    }
    async overview() {
        throw clientError("BAD_INPUT", "overview: a service of a test has no endpoint, scaling or alarms", {});
    }
    async open({ jobId }, what) {
        const { inputLocation, outputLocation, failureLocation } = await this.current(jobId);
        const location = { input: inputLocation, output: outputLocation, failure: failureLocation }[what];
        const object = location === undefined ? undefined : this.ports.stored.get(location);
        if (location === undefined || object === undefined)
            return undefined;
        const { body, contentType } = object;
        return { location, body: Readable.from([Buffer.from(body)]), bytes: body.byteLength, ...(contentType && { contentType }) };
    }
    async logs() {
        return [];
    }
    async explainSources() {
        const none = (what) => async () => {
            throw new Error(`A service of a test has no ${what}.`);
        };
        const head = async (location) => {
            const object = this.ports.stored.get(location);
            return object === undefined ? "missing" : { bytes: object.body.byteLength, at: isoTime(object.modifiedAt) };
        };
        return {
            service: this.explained,
            now: () => this.clock.now(),
            missingPackages: [],
            record: async (key) => this.ports.records.has(key) ? (await this.current(key)) : "missing",
            object: head,
            failure: async (location) => {
                const found = await head(location);
                return found === "missing" ? found : { ...found, text: Buffer.from(this.ports.stored.get(location)?.body ?? []).toString() };
            },
            endpoint: none("endpoint"),
            endpointConfig: none("endpoint configuration"),
            scaling: none("scaling"),
            metrics: none("metrics"),
            alarms: async () => [],
            containerLog: async () => [],
        };
    }
    async serviceTime() {
        return this.clock.now();
    }
    close() { }
    async place({ jobId, named, signal }, input) {
        if (input.kind === "object")
            return givenInput(this.ports, this.settings, input.location, named ? jobId : undefined);
        const { bytes, contentType } = await bytesOf(input, signal);
        const key = inputKeyOf(this.settings.inputPrefix, jobId, input.fileName);
        return {
            location: s3Uri({ bucket: this.settings.bucketName, key }),
            hash: this.ports.hash(bytes),
            bytes: bytes.byteLength,
            contentType,
            place: (location) => this.ports.objects.put(location, bytes, contentType),
        };
    }
    async plan(job) {
        const { jobId, contentType, accept, customAttributes, metadata = {} } = job;
        const body = (await this.ports.objects.get(job.inputLocation))?.body ?? new Uint8Array();
        const input = readContent(body, contentType).value;
        const request = { jobId, contentType, accept, customAttributes, metadata };
        const { runSeconds, wakeSeconds } = this.behaviour;
        const ran = typeof runSeconds === "function" ? runSeconds(input, request) : runSeconds;
        const seconds = Math.min(wakeSeconds + Math.min(ran, job.invocationTimeoutSeconds), this.expiresIn(job));
        this.plans.set(jobId, { input, request, runSeconds: ran, endsAt: this.clock.now() + seconds * 1000 });
    }
    /** After how many seconds the request is dropped by the queue; never, when it begins before. */
    expiresIn({ requestTtlSeconds }) {
        return this.behaviour.wakeSeconds > requestTtlSeconds ? requestTtlSeconds : Infinity;
    }
    /** The job as it is at this time: what was to happen by now has happened. */
    async current(jobId) {
        const plan = this.plans.get(jobId);
        const open = this.ports.records.get(jobId);
        if (open === undefined)
            throw new AsyncInferenceError(noJob(jobId), { jobId });
        if (plan !== undefined && !isTerminal(open.state) && this.clock.now() >= plan.endsAt)
            await (plan.end ??= this.end(open, plan));
        return this.ports.records.get(jobId);
    }
    async end(job, plan) {
        const { jobId, attempt = 1, inferenceId = "", outputLocation = "", failureLocation = "" } = job;
        const finishedAt = isoTime(plan.endsAt);
        const identity = { attempt, jobId, inferenceId };
        const fail = async (state, error) => {
            if (state === "FAILED")
                await this.ports.objects.put(failureLocation, Buffer.from(error.message), "text/plain");
            await endAttempt(this.ports, this.settings, identity, { state, error, finishedAt });
        };
        if (this.expiresIn(job) !== Infinity) {
            return fail("EXPIRED", codedError("EXPIRED", `The request waited longer than ${job.requestTtlSeconds} s for an instance.`));
        }
        if (plan.runSeconds > job.invocationTimeoutSeconds) {
            return fail("FAILED", codedError("TIMEOUT", `The model took longer than ${job.invocationTimeoutSeconds} s.`));
        }
        try {
            const { body, contentType } = answerOf(await this.behaviour.model(plan.input, plan.request));
            await this.ports.objects.put(outputLocation, body, contentType);
            const output = { outputLocation, outputContentType: contentType, outputBytes: body.byteLength };
            await endAttempt(this.ports, this.settings, identity, { state: "COMPLETED", ...output, finishedAt });
        }
        catch (error) {
            const message = error instanceof Error ? error.message : String(error);
            await fail("FAILED", codedOf(error) ?? codedError("MODEL_ERROR", message));
        }
    }
    async read(job, waiting) {
        const { jobId, outputLocation = "", outputContentType: contentType, state } = job;
        const told = toldOf(job);
        const object = state === "COMPLETED" ? this.ports.stored.get(outputLocation) : undefined;
        if (object === undefined)
            return { ...told, success: false, error: new AsyncInferenceError(endErrorOf(job), { jobId }) };
        const body = { body: Readable.from([object.body]), contentType, bytes: object.body.byteLength, lastModified: undefined };
        return resultIn(body, outputLocation, told, waiting);
    }
}
/** How often a wait looks whether its job was cancelled, in seconds of the test's time. */
const waitStepSeconds = 60;
async function bytesOf(input, signal) {
    if (input.kind === "bytes")
        return input;
    if (input.kind === "file")
        return { bytes: await buffer(input.read()), contentType: input.contentType };
    const { body, contentType } = await input.open(signal);
    return { bytes: await buffer(body), contentType };
}
/** What a model that returns a value answers with over HTTP. */
function answerOf(value) {
    if (value instanceof Uint8Array)
        return { body: value, contentType: "application/octet-stream" };
    if (typeof value === "string")
        return { body: Buffer.from(value), contentType: "text/plain" };
    return { body: Buffer.from(JSON.stringify(value ?? null)), contentType: "application/json" };
}
