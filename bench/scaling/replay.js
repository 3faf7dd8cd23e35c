import { percentile } from "../measure";
import { bounds } from "./policies";
import { Program } from "./program";
import { endpointName, simulate, variantName } from "./simulation";
/** Replays a load. Jobs that still wait or run at the end count as submitted only. */
export async function replay(policy, resources, arrivals, conditions, hours) {
    const simulation = await simulate(conditions, resources);
    const { maxConcurrentInvocationsPerInstance } = conditions;
    const warm = { windows: [], timeZone: "UTC", minCapacity: 0 };
    const floor = { ...bounds, endpointName, variantName, warm, partialScaleIn: false, maxConcurrentInvocationsPerInstance };
    const program = policy.floor && new Program(simulation, { ...floor, ...policy.floor });
    const outcome = {
        submitted: 0,
        completed: 0,
        killed: 0,
        expired: 0,
        instanceHours: 0,
        completedHours: 0,
        waitSeconds: { p50: 0, p95: 0 },
        instances: [],
    };
    const waits = [];
    // When each instance was ordered; the one that the endpoint starts with, before anybody listens, at 0.
    const paidSince = new Map();
    let instances = 1;
    let firstStopped = false;
    let over = false;
    const pay = (from) => (outcome.instanceHours += (simulation.seconds() - from) / 3600);
    simulation.on((event) => {
        if (event.kind === "warning")
            throw new Error(event.message);
        // What ends with the simulation is no outcome.
        if (over)
            return;
        if (event.kind === "instance" && event.change === "starting") {
            paidSince.set(event.instanceId, simulation.seconds());
            instances += 1;
        }
        if (event.kind === "instance" && event.change === "stopped") {
            pay(paidSince.get(event.instanceId) ?? 0);
            if (!paidSince.delete(event.instanceId))
                firstStopped = true;
            instances -= 1;
        }
        if (event.kind === "invocation") {
            const { atSeconds, modelSeconds } = arrivals[Number(event.inferenceId)];
            if (event.change === "started")
                waits.push(Math.max(0, simulation.seconds() - atSeconds));
            if (event.change === "completed")
                outcome.completedHours += modelSeconds / 3600;
            if (event.change === "completed" || event.change === "killed" || event.change === "expired")
                outcome[event.change] += 1;
        }
    });
    arrivals.forEach(({ atSeconds, modelSeconds }, index) => {
        if (atSeconds >= hours * 3600)
            return;
        outcome.submitted += 1;
        simulation.clock.setTimeout(() => void (program ? program.submit(String(index), modelSeconds) : simulation.invoke(String(index), modelSeconds)), atSeconds * 1000);
    });
    for (let hour = 1; hour <= hours; hour++) {
        await simulation.runUntil(hour * 3600);
        outcome.instances.push(instances);
    }
    over = true;
    if (!firstStopped)
        pay(0);
    for (const from of paidSince.values())
        pay(from);
    outcome.waitSeconds = { p50: percentile(waits, 0.5), p95: percentile(waits, 0.95) };
    await simulation.close();
    return outcome;
}
