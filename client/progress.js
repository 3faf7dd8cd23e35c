import { EventEmitter } from "node:events";
import { estimatePhase } from "./explain/estimate";
/** How old an estimate may become: CloudWatch has one datapoint a minute. */
const estimateSeconds = 30;
/**
 * How far a job is, each time that something changes, from its present state to its end.
 *
 * `known` is what is recorded: accepted, invoking, submitted, ended. `estimated` follows from backlog, instances and the job's
 * age, since SageMaker does not tell when a request starts to run.
 *
 * @internal
 */
export async function* progressOf(dependencies) {
    const { status, sources, now, pause, pollIntervalSeconds } = dependencies;
    let told = "";
    let estimate = {};
    let estimatedFor;
    let estimatedAt = -Infinity;
    for (;;) {
        const job = await status();
        const stale = job.inferenceId !== estimatedFor || now() - estimatedAt >= estimateSeconds * 1000;
        if (job.state !== "SUBMITTED")
            estimate = {};
        else if (stale) {
            estimate = await estimateOf(sources, job, now());
            estimatedAt = now();
            estimatedFor = job.inferenceId;
        }
        const { jobId, state, timings, attempt } = job;
        const progress = { jobId, state, known: { ...timings, ...(attempt === undefined ? {} : { attempt }) }, ...estimate };
        // What is the same for people is told once: that an estimate is newer, or its time a little later, is no progress.
        const telling = JSON.stringify({ ...progress, estimated: { ...progress.estimated, asOf: "", startsAt: "" } });
        if (telling !== told)
            yield progress;
        told = telling;
        if (job.ended)
            return;
        await pause(pollIntervalSeconds);
    }
}
async function estimateOf(sources, { timings }, now) {
    const described = await sources.endpoint().catch(() => undefined);
    const endpoint = described === "missing" ? undefined : described;
    const instances = endpoint?.currentInstanceCount;
    const submittedAt = timings.submittedAt ?? timings.acceptedAt;
    const window = endpoint === undefined ? {} : { variantName: endpoint.variantName };
    // Without an instance the backlog changes nothing.
    const metrics = instances === 0 ? undefined : await sources.metrics(window).catch(() => undefined);
    const estimated = estimatePhase(submittedAt, now, endpoint, metrics);
    return estimated === undefined ? {} : { estimated: { ...estimated, ...(instances === undefined ? {} : { instances }) } };
}
/**
 * The same as events, for code that has no loop to spare. Listeners that are added at once miss nothing; without one for
 * `error`, an error is an unhandled one, as with any emitter.
 *
 * @example
 * ```ts
 * progressEvents(job.progress()).on("progress", ({ state }) => console.log(state)).on("error", console.error);
 * ```
 */
export function progressEvents(progress) {
    const events = new EventEmitter();
    void (async () => {
        // Listeners come after this returned.
        await Promise.resolve();
        let last;
        try {
            for await (const step of progress) {
                last = step;
                events.emit("progress", step);
            }
        }
        catch (error) {
            events.emit("error", error);
            return;
        }
        events.emit("end", last);
    })();
    return events;
}
