import { takeRejections } from "../doubles/rejections";
import { judge } from "./invariants";
import { World } from "./world";
/** Runs one plan from start to end. The same plan is the same run, to the last write. */
export async function simulate(deployment, plan, without) {
    const world = new World(deployment, plan, without);
    await world.run();
    // A mistake of the simulator's own would look like a job that never ended.
    const [rejected] = await takeRejections();
    if (rejected !== undefined)
        throw rejected;
    return { verdict: judge(world), world };
}
/** What happened to one job, line by line, for the reader who has to understand a violation. */
export function storyOf(world, jobId) {
    const ofJob = new RegExp(`\\b${jobId}(?![\\w-])`);
    const writes = world.table.history
        .filter(({ key }) => ofJob.test(key))
        .map(({ at, by, key, before, after }) => {
        const to = after === undefined ? "deleted" : `${told(after, "state")} attempt ${told(after, "attempt")}`;
        return `${new Date(at).toISOString().slice(11, 23)} ${by} writes ${key}: ${told(before ?? {}, "state")} -> ${to}`;
    });
    const lines = world.trace.filter((line) => ofJob.test(line));
    const truths = (world.sageMaker.truths.get(jobId) ?? []).map(({ inferenceId, runs, end }) => `${inferenceId}: ${end}, ${runs} runs`);
    return [...[...writes, ...lines].sort(), ...truths];
}
function told(item, name) {
    return name in item ? String(item[name]) : "-";
}
