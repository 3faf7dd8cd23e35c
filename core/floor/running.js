/** An invocation runs for an hour at most, which is the service's bound; with some minutes for clocks and metrics that differ. */
const longestRunSeconds = 3600 + 300;
/**
 * Whether any open job may still be running, so that instances must stay for it. A job in doubt runs no more when nothing
 * has waited for as long as the longest invocation takes, and its newest attempt began before that.
 *
 * @param some entries of open jobs: all of them, unless there are more than can be looked up
 * @param open how many there are
 */
export async function mayRun(ports, some, open, now) {
    const isRecent = (time) => now - Date.parse(time) < longestRunSeconds * 1000;
    if (open === 0)
        return false;
    if (open > some.length || some.some(({ createdAt }) => isRecent(createdAt)))
        return true;
    for (const { jobId } of some) {
        const job = await ports.jobs.get(jobId);
        const began = job && (job.submittedAt ?? job.invokingAt);
        // An accepted job is about to run.
        if (job && (began === undefined || isRecent(began)))
            return true;
    }
    return ports.hadBacklog(longestRunSeconds);
}
