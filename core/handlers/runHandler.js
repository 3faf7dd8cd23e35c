import { isoTime } from "../records/isoTime";
import { codedOf } from "../records/errors";
/**
 * Runs a user's handler for one job, and has the job's record say whether it fails. What the record can't be told is
 * logged: it decides neither about the handler's success nor about its next try.
 *
 * @throws what the handler throws
 */
export async function handleJob(ports, handlerName, job, run) {
    const told = (work) => work.catch((error) => ports.log({ level: "warn", message: "handler's outcome not recorded", jobId: job.jobId, reason: error.name }));
    try {
        await run();
    }
    catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        ports.log({ level: "error", message: "handler failed", jobId: job.jobId, handler: handlerName, code: codedOf(error)?.code });
        await told(ports.records.failed(job, handlerName, { error: text.slice(0, 500), at: isoTime(ports.clock.now()) }));
        throw error;
    }
    const recover = async () => {
        const failures = await ports.records.failures(job.jobId);
        if (failures?.[handlerName] !== undefined)
            await ports.records.recovered(job, handlerName);
    };
    await told(recover());
}
