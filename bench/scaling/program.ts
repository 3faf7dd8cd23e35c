import { endpointCapacity, type ScalingServices } from "../../aws/endpointCapacity";
import { metricNames, metricNamespace } from "../../core/metrics";
import { holdFloor, tendFloor, type FloorPorts, type FloorSettings } from "../../core/floor/floor";
import { openSeconds } from "../../core/lifecycle/lookTimes";
import type { Floor } from "../../core/records/items";
import type { LowPrioritySettings } from "../../core/lifecycle/priority";
import { LowJobs } from "./lowJobs";
import { endpointName, variantName, type Simulation } from "./simulation";

interface OpenJob {
  modelSeconds: number;
  held: boolean;
  /** When it was handed to the endpoint. */
  invokedAt: number;
  killed: boolean;
}

/** Seconds past the minute at which the sweeper runs. */
const sweepOffsetSeconds = 20;

/** What this project's functions do for scaling: submit, and the sweeper each minute. Everything else of a job takes no time. */
export class Program {
  private readonly open = new Map<string, OpenJob>();
  private readonly ports: FloorPorts;
  private readonly batch: LowJobs | undefined;

  constructor(
    private readonly simulation: Simulation,
    private readonly settings: FloorSettings,
    lowPriority?: LowPrioritySettings,
  ) {
    this.ports = {
      floors: floorsInMemory(),
      capacity: endpointCapacity(servicesOf(simulation), endpointName, variantName),
      clock: simulation.clock,
      log: (line) => {
        if ("_aws" in line) return this.publish(1);
        throw new Error(`the floor was not raised: ${JSON.stringify(line)}`);
      },
    };
    this.batch = lowPriority && new LowJobs(simulation, this.ports.floors, lowPriority);
    simulation.eachMinute(sweepOffsetSeconds, () => void this.sweep());
    simulation.on((event) => {
      if (event.kind !== "invocation") return;
      if (["completed", "failed", "expired"].includes(event.change)) {
        this.open.delete(event.inferenceId);
        this.batch?.ended(event.inferenceId);
      }
      // A killed process leaves no trace: its job stays open until nothing can come of it any more.
      const job = event.change === "killed" && this.open.get(event.inferenceId);
      if (job) job.killed = true;
    });
  }

  /** @param low whether it waits behind others, where there are priorities */
  async submit(jobId: string, modelSeconds: number, low = false): Promise<void> {
    const job: OpenJob = { modelSeconds, held: false, invokedAt: this.simulation.clock.now(), killed: false };
    this.open.set(jobId, job);
    job.held = (await holdFloor(this.ports, this.settings)) !== undefined;
    if (low && this.batch) return this.batch.submit(jobId, modelSeconds);
    if (!job.held) this.simulation.invoke(jobId, modelSeconds);
  }

  private async sweep(): Promise<void> {
    const now = this.simulation.clock.now();
    const openMilliseconds = openSeconds(this.simulation.conditions) * 1000;
    for (const [jobId, job] of this.open) if (job.killed && now >= job.invokedAt + openMilliseconds) this.open.delete(jobId);
    const held = [...this.open].filter(([jobId, job]) => job.held || this.batch?.waits(jobId)).length;
    await this.batch?.sweep(this.open.size - held);
    const floor = await tendFloor(this.ports, this.settings, {
      running: this.open.size - held,
      held,
      countedAt: this.simulation.clock.now(),
    });
    this.publish(this.open.size);
    if (floor?.drain) return;
    for (const [jobId, job] of this.open) {
      if (!job.held || this.batch?.has(jobId)) continue;
      job.held = false;
      job.invokedAt = now;
      this.simulation.invoke(jobId, job.modelSeconds);
    }
  }

  private publish(openJobs: number): void {
    this.simulation.cloudWatch.put([
      {
        namespace: metricNamespace,
        metricName: metricNames.openJobs,
        dimensions: { EndpointName: endpointName },
        value: openJobs,
        unit: "Count",
        timestamp: this.simulation.clock.now(),
      },
    ]);
  }
}

function floorsInMemory(): FloorPorts["floors"] {
  let kept: Floor | undefined;
  return {
    read: () => Promise.resolve(kept),
    write: (floor, revision) => {
      if (kept?.revision !== revision) return Promise.resolve(false);
      kept = floor;
      return Promise.resolve(true);
    },
  };
}

/** The services of the simulation as the adapter's SDK clients. */
function servicesOf(simulation: Simulation): ScalingServices {
  const { endpoint } = simulation;
  class Command {
    constructor(readonly input: unknown) {}
  }
  class Read extends Command {}
  return {
    sageMaker: {
      library: { DescribeEndpointCommand: Command },
      client: {
        send: () =>
          Promise.resolve({
            EndpointStatus: endpoint.status,
            ProductionVariants: [{ VariantName: variantName, DesiredInstanceCount: endpoint.desiredInstanceCount }],
          }),
      },
    },
    autoScaling: {
      library: { DescribeScalableTargetsCommand: Read, RegisterScalableTargetCommand: Command },
      client: {
        send: (command: Command) =>
          simulation.autoscalingCall(command instanceof Read ? "DescribeScalableTargets" : "RegisterScalableTarget", command.input),
      },
    },
  } as unknown as ScalingServices;
}
