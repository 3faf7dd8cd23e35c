import { announce, endJob } from "./end";
import { codedError, noJob, thrown } from "../records/errors";
import { isTerminal } from "../records/job";
/**
 * Ends a job as CANCELLED and notifies every subscriber; a result that comes later is dropped. A job that was never invoked
 * never will be. Called again, and on a job that has ended, it changes nothing.
 *
 * @throws a coded error: `NOT_FOUND` when there is no such job
 */
export async function cancelJob(ports, settings, jobId) {
    for (;;) {
        const job = await ports.jobs.get(jobId);
        if (!job)
            throw thrown(noJob(jobId));
        if (isTerminal(job.state))
            return { job: await announce(ports, job), computeContinues: job.computeContinues === true };
        const computeContinues = mayBeUnderWay(job);
        const error = codedError("CANCELLED", computeContinues ? "Cancelled after it was invoked." : "Cancelled before it was invoked.");
        const ended = await endJob(ports, settings, jobId, unchanged(job), { state: "CANCELLED", error, computeContinues });
        if (ended)
            return { job: ended, computeContinues };
        // Somebody moved it in between, which a job's few moves end.
    }
}
/** An attempt that was refused is not under way; what came of those before it may be unknown. */
function mayBeUnderWay({ attempt = 0, refusal }) {
    return refusal === undefined ? attempt > 0 : attempt > 1;
}
/** As the record was read: a process that invokes it in between changes one of these. */
function unchanged({ state, attempt, refusal }) {
    if (attempt === undefined)
        return { states: [state], absent: "attempt" };
    return { states: [state], attempt, ...(refusal === undefined ? { absent: "refusal" } : { present: "refusal" }) };
}
