import { kindOf } from "./kinds";
import { isJobFault } from "./plan";
/** How late what is late is, where no plan says it. */
const lateSeconds = 180;
/** Decides at each opportunity whether a planned fault happens now. */
export class Injector {
    onInjected;
    injected = [];
    ordinals = new Map();
    pending = new Map();
    /** Kinds that happen to every job, and the jobs that have had them. */
    always = new Map();
    constructor(plan, onInjected = () => undefined) {
        this.onInjected = onInjected;
        for (const fault of plan.faults) {
            if (!isJobFault(fault))
                continue;
            const ofJob = this.pending.get(fault.job) ?? [];
            ofJob.push({ fault, ahead: fault.nth - 1, left: fault.times });
            this.pending.set(fault.job, ofJob);
        }
    }
    /**
     * The fault that happens to a job here and now.
     *
     * @param jobId undefined for what concerns no job
     */
    next(site, jobId) {
        if (jobId === undefined)
            return undefined;
        const ordinal = this.ordinals.get(jobId) ?? this.ordinals.size + 1;
        this.ordinals.set(jobId, ordinal);
        const ofJob = this.pending.get(ordinal);
        let chosen;
        for (const pending of ofJob ?? []) {
            if (!kindOf(pending.fault.kind).sites.includes(site))
                continue;
            if (pending.ahead > 0)
                pending.ahead -= 1;
            else
                chosen ??= pending;
        }
        if (!chosen)
            return this.nextOfAlways(site, jobId, ordinal);
        chosen.left -= 1;
        if (chosen.left === 0)
            ofJob?.splice(ofJob.indexOf(chosen), 1);
        this.happened({ kind: chosen.fault.kind, jobId }, site);
        return chosen.fault;
    }
    /** Has a kind happen once to every job that meets it from now on, or no longer. */
    setAlways(kind, isOn) {
        if (isOn)
            this.always.set(kind, this.always.get(kind) ?? new Set());
        else
            this.always.delete(kind);
    }
    /** Kinds that happen to every job. */
    get alwaysOn() {
        return [...this.always.keys()];
    }
    nextOfAlways(site, jobId, job) {
        for (const [kind, had] of this.always) {
            if (had.has(jobId) || !kindOf(kind).sites.includes(site))
                continue;
            had.add(jobId);
            this.happened({ kind, jobId }, site);
            return { kind, job, nth: 1, times: 1, delaySeconds: lateSeconds };
        }
        return undefined;
    }
    /** Notes a fault of the service. */
    happened(injected, site) {
        this.injected.push(injected);
        this.onInjected(injected, site);
    }
}
