/** A start of instances takes up to an hour; one that began earlier has nothing to do with a request. */
const wakeMilliseconds = 3_600_000;
const at = (time) => (time === undefined ? undefined : Date.parse(time));
/**
 * A job's life in phases, oldest first, each beginning where the one before it ended.
 *
 * Known are: accepted, taken by the service, received and finished by it (its clock), recorded. Between received and finished the job
 * waits for an instance, waits for its turn, and runs; where those began follows from the instances' own times, and is an estimate.
 */
export function phasesOf({ timings, ended }, hints) {
    const accepted = at(timings.acceptedAt);
    if (accepted === undefined)
        return [];
    const recorded = at(timings.recordedAt);
    const taken = at(timings.submittedAt) ?? at(timings.receivedAt);
    const finished = at(timings.finishedAt);
    const phases = [];
    let from = accepted;
    // Clocks of three machines: none takes a job back in time.
    const until = (name, to, estimated = false) => {
        const end = to === undefined ? undefined : Math.max(from, to);
        if (end === undefined || end > from)
            phases.push({ name, from, ...(end === undefined ? {} : { to: end }), estimated });
        from = end ?? from;
        return end === undefined;
    };
    if (until("accepted", taken ?? recorded) || taken === undefined)
        return phases;
    const worked = finished ?? recorded;
    const { awakeAt, startedAt, isAsleep, handledAt } = hints;
    if (worked === undefined && isAsleep && awakeAt === undefined && startedAt === undefined) {
        until("waking", undefined);
        return phases;
    }
    const bound = worked ?? hints.now;
    if (awakeAt !== undefined && awakeAt > from)
        until("waking", Math.min(awakeAt, startedAt ?? bound, bound), startedAt === undefined);
    if (startedAt !== undefined)
        until("queued", Math.min(startedAt, bound));
    else if (worked === undefined) {
        until("queued", undefined, true);
        return phases;
    }
    if (until("running", worked, startedAt === undefined))
        return phases;
    if (finished !== undefined && until("recording", recorded))
        return phases;
    if (ended && handledAt !== undefined)
        until("handlers", handledAt);
    return phases;
}
/** When the first instance ran after a request had come to an endpoint without any, as the changes of the instance count tell. */
export function awakeAfter(steps, takenAt) {
    if (takenAt === undefined)
        return undefined;
    const oldestFirst = [...steps].reverse();
    const countOf = ({ description }) => Number(/instance count to (\d+)/.exec(description)?.[1]);
    const earliest = Date.parse(takenAt) - wakeMilliseconds;
    const waking = oldestFirst.find((step, index) => {
        const before = oldestFirst.slice(0, index).findLast((each) => !Number.isNaN(countOf(each)));
        const wakes = countOf(step) > 0 && (before === undefined || countOf(before) === 0);
        return wakes && step.endedAt !== undefined && step.endedAt > takenAt && Date.parse(step.startedAt) > earliest;
    });
    return waking?.endedAt === undefined ? undefined : Date.parse(waking.endedAt);
}
