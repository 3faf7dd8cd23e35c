import { SageMakerAsyncClient, type AsyncInferenceOutputs, type ClientSettings, type ErrorCode, type JobStatus } from "../client";
import { statusOf } from "../client/results";
import { TestClock } from "./clock";
import { memoryPorts, type MemoryPorts } from "./memoryPorts";
import { MemoryService, type MemoryBehaviour } from "./memoryService";
import type { ModelRequest } from "./modelRequest";
import { serviceOutputs } from "./outputs";

/** Options of {@link TestService}. */
export interface TestServiceOptions {
  /**
   * Stands for the model: gets the input as a container would read it, JSON parsed, text as a string, else bytes. What it returns is
   * the result; what it throws fails the job as `MODEL_ERROR` with its message. Called once per job, at the time of its end.
   * @default returns the input
   */
  model?: (input: unknown, request: ModelRequest) => unknown;
  /** How long the model takes, in seconds of the test's time. Longer than the job's `invocationTimeoutSeconds`: `TIMEOUT`. @default 1 */
  runSeconds?: number | ((input: unknown, request: ModelRequest) => number);
  /** How long a job waits for an instance, in seconds of the test's time. Longer than its `requestTtlSeconds`: `EXPIRED`. @default 0 */
  wakeSeconds?: number;
  /**
   * `automatic`: time goes on as soon as somebody waits for it. `manual`: only by {@link TestService.pass}.
   * @default "automatic"
   */
  time?: "automatic" | "manual";
  /** When the test begins. @default 2026-01-01T00:00:00Z */
  startAt?: Date;
  /** What differs in the service's outputs, such as `maxAttempts` or `inputBuckets`. @default nothing */
  outputs?: Partial<AsyncInferenceOutputs>;
}

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
  readonly client: SageMakerAsyncClient;
  /** Outputs of the service, for code that makes its own client of them. */
  readonly outputs: AsyncInferenceOutputs;
  readonly #clock: TestClock;
  readonly #ports: MemoryPorts;
  readonly #service: MemoryService;
  readonly #behaviour: MemoryBehaviour;

  constructor(options: TestServiceOptions = {}) {
    const { model = (input: unknown) => input, runSeconds = 1, wakeSeconds = 0, time = "automatic" } = options;
    this.outputs = { ...serviceOutputs, ...options.outputs };
    this.#clock = new TestClock((options.startAt ?? new Date("2026-01-01T00:00:00Z")).getTime(), time === "automatic");
    this.#ports = memoryPorts(this.#clock, this.outputs);
    this.#behaviour = { model, runSeconds, wakeSeconds, refusals: [] };
    const { traceSamplePercent, ...outputs } = this.outputs;
    const settings = {
      ...outputs,
      ...(outputs.tracingFunctionArn !== "" && { traceSamplePercent }),
      allowedInputBuckets: this.outputs.inputBuckets.split(",").filter((name) => name !== ""),
      onDoubt: this.outputs.onDoubt === "wait" ? ("wait" as const) : ("rerun" as const),
      maxOpenJobs: 0,
      notificationsEnabled: true,
      retentionDays: this.outputs.jobRetentionDays,
    };
    this.#service = new MemoryService(this.#ports, this.#clock, settings, this.#behaviour, this.outputs);
    this.client = this.newClient();
  }

  /** A further client, as another process has one. */
  newClient(settings: ClientSettings = {}): SageMakerAsyncClient {
    const { processClock: clock } = this.#clock;
    return new SageMakerAsyncClient({ ...settings, outputs: this.outputs }, { clock, random: () => 1, service: this.#service });
  }

  /** The test's time. */
  now(): Date {
    return new Date(this.#clock.now());
  }

  /** Lets so many seconds of the test's time pass; resolves when what follows from them has happened. */
  async pass(seconds: number): Promise<void> {
    await this.#clock.pass(seconds);
    await this.#service.all();
  }

  /**
   * Refuses the next submission, and with several codes those after it: `THROTTLED`, `UNAVAILABLE`, `LIMIT` or `CAPACITY`, which
   * `invoke` tries again, or any other.
   */
  refuseNext(...codes: ErrorCode[]): void {
    this.#behaviour.refusals.push(...codes);
  }

  /** Puts an object where an `s3:` URL can name it, in the service's bucket below `inputPrefix` or in one of `inputBuckets`. */
  async putObject(location: string, body: Uint8Array | string, contentType?: string): Promise<void> {
    await this.#ports.objects.put(location, Buffer.from(body), contentType);
  }

  /** Every job as it is now, in the order in which they were submitted. */
  async jobs(): Promise<JobStatus[]> {
    return (await this.#service.all()).map((record) => statusOf(record));
  }
}
