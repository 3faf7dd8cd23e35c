import { kindOf, type FaultKind, type Site } from "./kinds";
import { isJobFault, type FaultPlan, type JobFault } from "./plan";

/** A planned fault that is still to come. */
interface Pending {
  fault: JobFault;
  /** How many opportunities pass before it. */
  ahead: number;
  left: number;
}

/** A fault that happened. */
export interface Injected {
  kind: FaultKind;
  jobId?: string;
}

/** Decides at each opportunity whether a planned fault happens now. */
export class Injector {
  readonly injected: Injected[] = [];
  private readonly ordinals = new Map<string, number>();
  private readonly pending = new Map<number, Pending[]>();

  constructor(
    plan: FaultPlan,
    private readonly onInjected: (injected: Injected, site?: Site) => void = () => undefined,
  ) {
    for (const fault of plan.faults) {
      if (!isJobFault(fault)) continue;
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
  next(site: Site, jobId: string | undefined): JobFault | undefined {
    if (jobId === undefined) return undefined;
    const ordinal = this.ordinals.get(jobId) ?? this.ordinals.size + 1;
    this.ordinals.set(jobId, ordinal);
    const ofJob = this.pending.get(ordinal);
    let chosen: Pending | undefined;
    for (const pending of ofJob ?? []) {
      if (!kindOf(pending.fault.kind).sites.includes(site)) continue;
      if (pending.ahead > 0) pending.ahead -= 1;
      else chosen ??= pending;
    }
    if (!chosen) return undefined;
    chosen.left -= 1;
    if (chosen.left === 0) ofJob?.splice(ofJob.indexOf(chosen), 1);
    this.happened({ kind: chosen.fault.kind, jobId }, site);
    return chosen.fault;
  }

  /** Notes a fault of the service. */
  happened(injected: Injected, site?: Site): void {
    this.injected.push(injected);
    this.onInjected(injected, site);
  }
}
