import { isoTime } from "../../core/records/isoTime";
/** How far two clocks and the minute's grid may put an age off. */
const toleranceSeconds = 60;
/**
 * Estimates the phase; undefined when nothing that was read tells.
 *
 * @param submittedAt when the service took the request; only `waking` can be estimated without
 * @param now milliseconds since the epoch
 */
export function estimatePhase(submittedAt, now, endpoint, metrics) {
    if (endpoint?.currentInstanceCount === 0)
        return { estimated: true, phase: "waking" };
    const backlog = metrics?.backlog;
    if (backlog === undefined || submittedAt === undefined)
        return undefined;
    const asOf = backlog.at;
    const ageThen = (Date.parse(asOf) - Date.parse(submittedAt)) / 1000;
    // What waits is younger than this job by more than a minute: it is no longer among it. Requests leave in order of arrival.
    const allYounger = backlog.oldestRequestSeconds !== undefined && backlog.oldestRequestSeconds + toleranceSeconds < ageThen;
    if (allYounger || (backlog.size === 0 && ageThen >= 0))
        return { estimated: true, phase: "running", asOf };
    // From before the job: that nothing waited then does not say whether an instance had room.
    if (backlog.size === 0)
        return undefined;
    // A datapoint from before the job does not count it.
    const position = Math.ceil(backlog.size) + (ageThen < 0 ? 1 : 0);
    const pace = metrics?.processedPerMinute ?? 0;
    const startsAt = pace > 0 ? { startsAt: isoTime(now + (position / pace) * 60_000) } : {};
    return { estimated: true, phase: "queued", position, ...startsAt, asOf };
}
