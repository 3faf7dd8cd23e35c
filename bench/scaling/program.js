import { endpointCapacity } from "../../aws/endpointCapacity";
import { metricNames, metricNamespace } from "../../core/metrics";
import { holdFloor, tendFloor } from "../../core/floor/floor";
import { endpointName, variantName } from "./simulation";
/** Seconds past the minute at which the sweeper runs. */
const sweepOffsetSeconds = 20;
/** What this project's functions do for scaling: submit, and the sweeper each minute. Everything else of a job takes no time. */
export class Program {
    simulation;
    settings;
    open = new Map();
    ports;
    constructor(simulation, settings) {
        this.simulation = simulation;
        this.settings = settings;
        this.ports = {
            floors: floorsInMemory(),
            capacity: endpointCapacity(servicesOf(simulation), endpointName, variantName),
            clock: simulation.clock,
            log: (line) => {
                if ("_aws" in line)
                    return this.publish(1);
                throw new Error(`the floor was not raised: ${JSON.stringify(line)}`);
            },
        };
        simulation.eachMinute(sweepOffsetSeconds, () => void this.sweep());
        simulation.on((event) => {
            // A killed process leaves no trace: its job stays open.
            if (event.kind === "invocation" && ["completed", "failed", "expired"].includes(event.change))
                this.open.delete(event.inferenceId);
        });
    }
    async submit(jobId, modelSeconds) {
        const job = { modelSeconds, held: false };
        this.open.set(jobId, job);
        job.held = (await holdFloor(this.ports, this.settings)) !== undefined;
        if (!job.held)
            this.simulation.invoke(jobId, modelSeconds);
    }
    async sweep() {
        const held = [...this.open.values()].filter((job) => job.held).length;
        const floor = await tendFloor(this.ports, this.settings, {
            running: this.open.size - held,
            held,
            countedAt: this.simulation.clock.now(),
        });
        this.publish(this.open.size);
        if (floor?.drain)
            return;
        for (const [jobId, job] of this.open) {
            if (!job.held)
                continue;
            job.held = false;
            this.simulation.invoke(jobId, job.modelSeconds);
        }
    }
    publish(openJobs) {
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
function floorsInMemory() {
    let kept;
    return {
        read: () => Promise.resolve(kept),
        write: (floor, revision) => {
            if (kept?.revision !== revision)
                return Promise.resolve(false);
            kept = floor;
            return Promise.resolve(true);
        },
    };
}
/** The services of the simulation as the adapter's SDK clients. */
function servicesOf(simulation) {
    const { endpoint } = simulation;
    class Command {
        input;
        constructor(input) {
            this.input = input;
        }
    }
    class Read extends Command {
    }
    return {
        sageMaker: {
            library: { DescribeEndpointCommand: Command },
            client: {
                send: () => Promise.resolve({
                    EndpointStatus: endpoint.status,
                    ProductionVariants: [{ VariantName: variantName, DesiredInstanceCount: endpoint.desiredInstanceCount }],
                }),
            },
        },
        autoScaling: {
            library: { DescribeScalableTargetsCommand: Read, RegisterScalableTargetCommand: Command },
            client: {
                send: (command) => simulation.autoscalingCall(command instanceof Read ? "DescribeScalableTargets" : "RegisterScalableTarget", command.input),
            },
        },
    };
}
