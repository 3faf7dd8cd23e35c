import { SageMakerAsyncClient } from "../client";
import { statusOf } from "../client/results";
import { TestClock } from "./clock";
import { memoryPorts } from "./memoryPorts";
import { MemoryService } from "./memoryService";
import { serviceOutputs } from "./outputs";
/**
 * A service in memory, for tests of code that uses {@link SageMakerAsyncClient}: its client is the real one, with all checks of inputs
 * and options, and jobs go through the real states. Only the endpoint is a function, and time is the test's: an hour passes in
 * no time. No credentials, no network.
 *
 * @example
 * ```ts
 * const service = new TestService({ model: ({ page }) => ({ text: `page ${page}` }), runSeconds: 1800 });
 * const result = await service.client.invoke({ page: 1 }, { timeoutSeconds: 3600 });
 * ```
 */
export class TestService {
    /** A client of the service. */
    client;
    /** Outputs of the service, for code that makes its own client of them. */
    outputs;
    #clock;
    #ports;
    #service;
    #behaviour;
    constructor(options = {}) {
        const { model = (input) => input, runSeconds = 1, wakeSeconds = 0, time = "automatic" } = options;
        this.outputs = { ...serviceOutputs, ...options.outputs };
        this.#clock = new TestClock((options.startAt ?? new Date("2026-01-01T00:00:00Z")).getTime(), time === "automatic");
        this.#ports = memoryPorts(this.#clock, this.outputs);
        this.#behaviour = { model, runSeconds, wakeSeconds, refusals: [] };
        const settings = {
            ...this.outputs,
            allowedInputBuckets: this.outputs.inputBuckets.split(",").filter((name) => name !== ""),
            onDoubt: this.outputs.onDoubt === "wait" ? "wait" : "rerun",
            maxOpenJobs: 0,
            notificationsEnabled: true,
            retentionDays: this.outputs.jobRetentionDays,
        };
        this.#service = new MemoryService(this.#ports, this.#clock, settings, this.#behaviour, this.outputs);
        this.client = this.newClient();
    }
    /** A further client, as another process has one. */
    newClient(settings = {}) {
        const { processClock: clock } = this.#clock;
        return new SageMakerAsyncClient({ ...settings, outputs: this.outputs }, { clock, random: () => 1, service: this.#service });
    }
    /** The test's time. */
    now() {
        return new Date(this.#clock.now());
    }
    /** Lets so many seconds of the test's time pass; resolves when what follows from them has happened. */
    async pass(seconds) {
        await this.#clock.pass(seconds);
        await this.#service.all();
    }
    /**
     * Refuses the next submission, and with several codes those after it: `THROTTLED`, `UNAVAILABLE`, `LIMIT` or `CAPACITY`, which
     * `invoke` tries again, or any other.
     */
    refuseNext(...codes) {
        this.#behaviour.refusals.push(...codes);
    }
    /** Puts an object where an `s3:` URL can name it, in the service's bucket below `inputPrefix` or in one of `inputBuckets`. */
    async putObject(location, body, contentType) {
        await this.#ports.objects.put(location, Buffer.from(body), contentType);
    }
    /** Every job as it is now, in the order in which they were submitted. */
    async jobs() {
        return (await this.#service.all()).map(statusOf);
    }
}
