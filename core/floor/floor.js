import { isoTime } from "../records/isoTime";
import { floorKey } from "../records/items";
import { openMetric } from "../metrics";
import { recordSchemaVersion } from "../records/table";
import { minimumAt } from "./warmHours";
/** For how long a floor counts as looked after: the floor function comes once a minute. */
const freshSeconds = 150;
/** From the decision to let go of instances until it takes effect, at least: those who submit remember for seconds that none was taken. */
const settleSeconds = 20;
/** From the decision to lower the floor until it is done: what somebody opened meanwhile must show. */
const loweringSeconds = 45;
/**
 * Raises the floor to the present capacity, at least one instance, before a job is invoked: no scale-in can then take an
 * instance from it, and a sleeping endpoint wakes at once. Done once for all callers that submit at the same time. A
 * failure is logged and costs only time, since the wake-up and the sweeper do the same later.
 *
 * @returns since when new jobs are held; undefined: the job may be invoked
 */
export async function holdFloor(ports, settings) {
    try {
        const known = await ports.floors.read();
        const now = ports.clock.now();
        if (isLookedAfter(known, now))
            return known?.drain?.since;
        // Nobody empties the fleet any more: what waits for it would wait for ever.
        const { drain: _, excess: __, ...rest } = known ?? {};
        if (await ports.floors.write(next(rest, now, { state: "up" }), known?.revision)) {
            ports.log(openMetric(settings.endpointName, now));
            await raise(ports, settings, now);
        }
        return undefined;
    }
    catch (error) {
        ports.log({ level: "warn", message: "floor not raised", reason: error.name, detail: error.message });
        return undefined;
    }
}
/** Whether the floor is up, and who keeps it is alive. */
export function isLookedAfter(floor, now) {
    return floor?.state === "up" && now - Date.parse(floor.setAt) < freshSeconds * 1000;
}
/** Since when new jobs are held while the fleet is emptied; undefined: they may be invoked. */
export async function heldSince({ jobs, clock }) {
    const floor = await jobs.get(floorKey);
    return isLookedAfter(floor, clock.now()) ? floor?.drain?.since : undefined;
}
/**
 * Once a minute: keeps the floor at what alarms have added for as long as jobs are open, puts it back to the
 * configured minimum when nothing has been open for `idleSeconds`, and keeps it there. Only one may do this at a time.
 *
 * @returns the floor as it is afterwards
 */
export async function tendFloor(ports, settings, load) {
    const known = await ports.floors.read();
    const now = ports.clock.now();
    if (load.running + load.held > 0)
        return keepUp(ports, settings, load, known, now);
    if (!known || known.state === "down")
        return keepDown(ports, settings, known, now);
    if (known.state === "lowering") {
        return now - Date.parse(known.setAt) < settleSeconds * 1000 ? known : lower(ports, settings, known, now);
    }
    const idleSince = known.idleSince ?? isoTime(now);
    if (now - Date.parse(idleSince) < (settings.idleSeconds - loweringSeconds) * 1000) {
        return keepUp(ports, settings, load, known, now, idleSince);
    }
    const { drain: _, excess: __, ...idle } = known;
    return save(ports, known, next(idle, now, { state: "lowering", idleSince }));
}
/**
 * The target's minimum is the configured one whoever changed it: schedules set it at the ends of warm hours only, so that a deployment
 * in their middle would leave it as it was, or as it is outside of them, until the next one.
 */
async function keepDown(ports, settings, known, now) {
    const configured = configuredMinimum(settings, now);
    const minimum = await ports.capacity.minimum();
    // A deployment that changes the hardware has taken the target away, and brings it back.
    if (minimum === undefined)
        return known;
    if (minimum === configured && !(await fallsShort(ports, configured)))
        return known;
    return lower(ports, settings, known, now);
}
/** Whether an endpoint that was updating when its minimum was set has ignored it. */
async function fallsShort(ports, minimum) {
    if (minimum === 0)
        return false;
    const fleet = await ports.capacity.describe();
    return fleet !== undefined && fleet.inService && fleet.desiredInstances < minimum;
}
async function keepUp(ports, settings, load, known, now, idleSince) {
    const fleet = await ports.capacity.describe();
    if (!fleet)
        return known;
    const draining = settings.drain ? drained(settings, load, fleet, known, now) : {};
    const shrunkTo = draining.drain?.shrunkTo;
    const instances = await setFloor(ports, settings, shrunkTo ?? fleet.desiredInstances, now, shrunkTo);
    const { idleSince: _, excess: __, drain: ___, ...kept } = known ?? {};
    const change = { state: "up", instances, ...draining, ...(idleSince === undefined ? {} : { idleSince }) };
    return save(ports, known, next(kept, now, change));
}
/** Whether the fleet is larger than needed, and how far it is with being emptied for that. */
function drained(settings, { running, held, countedAt }, fleet, known, now) {
    const { drain } = known ?? {};
    const at = isoTime(now);
    const lasts = (since, seconds) => now - Date.parse(since) >= seconds * 1000;
    if (drain?.shrunkTo !== undefined)
        return fleet.inService && fleet.desiredInstances <= drain.shrunkTo ? {} : { drain };
    if (needed(settings, running + held) >= fleet.desiredInstances)
        return {};
    if (!drain) {
        const since = known?.excess?.since ?? at;
        return lasts(since, settings.idleSeconds / 2) ? { drain: { since: at } } : { excess: { since } };
    }
    // What runs for so long keeps new jobs waiting no longer.
    if (running > 0)
        return lasts(drain.since, settings.idleSeconds) ? {} : { drain: { since: drain.since } };
    // Counted once more since, so that what was invoked just before the fleet began to be emptied has shown.
    if (drain.emptySince === undefined)
        return { drain: lasts(drain.since, settleSeconds) ? { ...drain, emptySince: at } : drain };
    if (countedAt <= Date.parse(drain.emptySince))
        return { drain };
    return { drain: { ...drain, shrunkTo: Math.max(needed(settings, held), configuredMinimum(settings, now)) } };
}
function configuredMinimum({ configuredMinimum: known, warm, minCapacity }, now) {
    return known ? known(now) : minimumAt(warm, minCapacity, now);
}
/** How many instances jobs need, with half as many waiting as target tracking allows: it would add again at once otherwise. */
function needed({ maxConcurrentInvocationsPerInstance, targetBacklogPerInstance }, jobs) {
    return Math.max(1, Math.ceil(jobs / (maxConcurrentInvocationsPerInstance + targetBacklogPerInstance / 2)));
}
/** Puts the floor back, unless somebody opened a job in the meantime. */
async function lower(ports, settings, known, now) {
    const instances = configuredMinimum(settings, now);
    const mine = next(known, now, known === undefined ? {} : { setAt: known.setAt });
    if (!(await ports.floors.write(mine, known?.revision)))
        return ports.floors.read();
    await ports.capacity.setBounds(instances, usualMaximum(settings));
    const { idleSince: _, ...rest } = mine;
    const down = next(rest, now, { state: "down", instances });
    if (await ports.floors.write(down, mine.revision))
        return down;
    // Who opened a job since may have raised the floor before it was lowered here.
    await raise(ports, settings, now);
    return ports.floors.read();
}
async function raise(ports, settings, now) {
    const fleet = await ports.capacity.describe();
    if (fleet)
        await setFloor(ports, settings, fleet.desiredInstances, now);
}
/** @param maximum the most instances there may be for now. @default what is configured */
async function setFloor(ports, settings, desired, now, maximum) {
    const least = Math.max(1, configuredMinimum(settings, now));
    const instances = Math.min(settings.maxCapacity, Math.max(least, settings.partialScaleIn ? 0 : desired));
    if (maximum !== undefined)
        await ports.capacity.setBounds(instances, Math.max(instances, maximum));
    await ports.capacity.setBounds(instances, usualMaximum(settings));
    return instances;
}
/** Only draining lowers the maximum, so only then is it put back. */
function usualMaximum({ drain, maxCapacity }) {
    return drain ? maxCapacity : undefined;
}
function next(known, now, change) {
    return {
        instances: 0,
        state: "down",
        ...known,
        jobId: floorKey,
        schemaVersion: recordSchemaVersion,
        setAt: isoTime(now),
        ...change,
        revision: (known?.revision ?? 0) + 1,
    };
}
/** When another caller wrote first, its write stands: the next minute sees it. */
async function save(ports, known, floor) {
    return (await ports.floors.write(floor, known?.revision)) ? floor : ports.floors.read();
}
