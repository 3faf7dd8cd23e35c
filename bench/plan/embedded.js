import { Autoscaling } from "../../components/autoscaling";
import { declared } from "../scaling/declared";
import { Program } from "../scaling/program";
import { endpointName, simulate, startOfTime, variantName } from "../scaling/simulation";
/** When every load begins in the embedded cloud's simulations: midnight of a Monday. */
export const embeddedStart = startOfTime;
/** What the program declares for its scaling. */
export function declaredScaling(settings) {
    const resourceId = `endpoint/${endpointName}/variant/${variantName}`;
    return declared(() => void new Autoscaling("bench", { ...settings, endpointName, resourceId }));
}
/** Replays a load through the embedded cloud's own objects: what the planner must agree with at every moment. */
export async function replayEmbedded(load, settings, unknowns, hours) {
    const { requestTtlSeconds, invocationTimeoutSeconds, maxConcurrentInvocationsPerInstance, speedFactor } = settings;
    const { metricDelaySeconds, startupSeconds, backlogCounts } = unknowns;
    const simulation = await simulate({
        backlogCountsInFlight: backlogCounts === "waitingAndRunning",
        metricDelaySeconds,
        startupSeconds,
        requestTtlSeconds,
        invocationTimeoutSeconds,
        maxConcurrentInvocationsPerInstance,
        trackingLeavesZero: false,
        initialInstances: Math.max(1, settings.minCapacity),
    }, await declaredScaling(settings));
    const warm = { windows: settings.warmHours, timeZone: settings.warmTimeZone, minCapacity: settings.warmMinCapacity };
    const program = new Program(simulation, { ...settings, endpointName, variantName, warm });
    const outcome = { steps: [], completed: 0, killed: 0, expired: 0, failed: 0 };
    const record = () => {
        const { desiredInstanceCount: wanted, currentInstanceCount: inService } = simulation.endpoint;
        outcome.steps.push({ milliseconds: simulation.clock.now() - startOfTime, wanted, inService });
    };
    let over = false;
    record();
    simulation.on((event) => {
        if (event.kind === "warning")
            throw new Error(event.message);
        if (over)
            return;
        if (event.kind === "capacity" || event.kind === "instance")
            record();
        if (event.kind !== "invocation" || event.change === "queued" || event.change === "started")
            return;
        outcome[event.change] += 1;
    });
    load.arrivalSeconds.forEach((atSeconds, job) => {
        const modelSeconds = load.durationSeconds[job] / speedFactor;
        simulation.clock.setTimeout(() => void program.submit(String(job), modelSeconds), atSeconds * 1000);
    });
    await simulation.runUntil(hours * 3600);
    over = true;
    await simulation.close();
    return outcome;
}
/** The last of the steps of each moment, and only where something changed. */
export function settledSteps(steps) {
    return steps
        .filter((step, index) => {
        const next = steps[index + 1];
        return next?.milliseconds !== step.milliseconds;
    })
        .reduce((kept, step) => {
        const last = kept.at(-1);
        if (last?.wanted !== step.wanted || last.inService !== step.inService)
            kept.push(step);
        return kept;
    }, []);
}
