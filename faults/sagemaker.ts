import type { Injector } from "../local/faults/injector";
import { jobIdIn } from "../local/faults/jobOf";
import type { Random } from "../local/faults/random";
import { failureNotification, successNotification, testNotification, type AcceptedInvocation } from "../local/sagemaker/notifications";
import type { S3Double } from "./s3";
import type { Scheduler, Timer } from "./scheduler";
import { serviceError, type Input, type ServiceDouble } from "./sdk";

/** The deployed endpoint, as far as invocations need it. */
export interface EndpointDefinition {
  name: string;
  region: string;
  instances: number;
  concurrentInvocations: number;
  config: AcceptedInvocation["config"];
}

/** What really became of one attempt, whatever anybody was told. */
export interface Truth {
  inferenceId: string;
  /** How often the model got it. */
  runs: number;
  end: "queued" | "running" | "completed" | "failed" | "killed" | "expired";
  queuedAt: number;
  /** The container refused it. */
  refused?: true;
  /** When it had ended. */
  endedAt?: number;
  /** It expired in the queue while as many instances as may be had no room for it. */
  crowded?: true;
  /** Why its instance went away. */
  killedBy?: "policy" | "fault";
}

/** What the double needs of the rest. */
export interface SageMakerPorts {
  scheduler: Scheduler;
  injector: Injector;
  s3: S3Double;
  /** How many instances may run at most. */
  mostInstances: number;
  publish: (topicArn: string, message: string) => void;
  /** A call arrives, before anything is known of it. */
  onCalled: (inferenceId: string) => void;
}

interface Running {
  invocation: AcceptedInvocation;
  kill(by: NonNullable<Truth["killedBy"]>): void;
}

interface Instance {
  running: Set<Running>;
  ready: boolean;
}

/** Which share of its time to live a request waits that has to wait for long. */
const longWaitShare = 0.9;

/** How a server refuses what it has no room for. */
const busy = JSON.stringify({ code: 503, type: "WlmCapacityException", message: "Worker queue capacity exceeded" });

/** How long an instance takes to start, and lives on after SIGTERM. */
const startupMilliseconds = 60_000;
const graceMilliseconds = 30_000;

/** How long a model runs: seconds mostly, and now and then for longer than an instance lives on after SIGTERM. */
function runMilliseconds(random: Random, { invocationTimeoutSeconds }: AcceptedInvocation): number {
  // Who asks for much time needs it.
  if (invocationTimeoutSeconds >= 3600) return random.integer(2_000_000, 3_500_000);
  return random.chance(0.2) ? random.integer(30_000, 110_000) : random.integer(100, 15_000);
}

/** The asynchronous endpoint in memory: queue, instances, time to live, time-outs, objects and notifications. */
export class SageMakerDouble {
  readonly truths = new Map<string, Truth[]>();
  private readonly queue: AcceptedInvocation[] = [];
  private readonly instances: Instance[] = [];
  /** Whether this region honours the extension of the output's path isn't known, so half of the endpoints do. */
  private readonly namesOutputs: boolean;
  /** Nor is it known whether every region takes an input in the call yet. */
  private readonly takesInputs: boolean;
  private updatingUntil = 0;
  private accepted = 0;

  constructor(
    private readonly endpoint: EndpointDefinition,
    private readonly ports: SageMakerPorts,
  ) {
    this.namesOutputs = ports.scheduler.random.chance(0.5);
    this.takesInputs = ports.scheduler.random.chance(0.7);
    for (let count = endpoint.instances; count > 0; count--) this.instances.push({ running: new Set(), ready: true });
  }

  readonly runtime: ServiceDouble = {
    InvokeEndpointAsync: (input, { headers, body }) => this.invoke(input, headers, body as Uint8Array | undefined),
  };

  readonly control: ServiceDouble = {
    DescribeEndpoint: () => ({
      EndpointStatus: this.ports.scheduler.now() < this.updatingUntil ? "Updating" : "InService",
      ProductionVariants: [{ VariantName: "AllTraffic", DesiredInstanceCount: this.instances.length }],
    }),
  };

  /** The endpoint is updated: requests are refused meanwhile, and each topic gets a test notification afterwards. */
  update(durationSeconds: number): void {
    const { scheduler } = this.ports;
    this.updatingUntil = scheduler.now() + durationSeconds * 1000;
    scheduler.after(durationSeconds * 1000, () => {
      const { SuccessTopic, ErrorTopic } = this.endpoint.config.OutputConfig.NotificationConfig ?? {};
      for (const topic of [SuccessTopic, ErrorTopic]) if (topic !== undefined) this.ports.publish(topic, JSON.stringify(testNotification));
    });
  }

  get desiredInstances(): number {
    return this.instances.length;
  }

  /** Requests that wait in the queue. */
  get backlog(): number {
    return this.queue.length;
  }

  private get isCrowded(): boolean {
    const { mostInstances } = this.ports;
    const hasRoom = ({ ready, running }: Instance) => ready && running.size < this.endpoint.concurrentInvocations;
    return this.instances.length >= mostInstances && !this.instances.some(hasRoom);
  }

  /** Has so many instances run, once each has started or let go of what runs on it. While the endpoint is updated nothing happens. */
  setInstances(count: number): void {
    if (this.ports.scheduler.now() < this.updatingUntil) return;
    while (this.instances.length > count) this.stop(this.instances.pop() as Instance, "policy");
    while (this.instances.length < count) this.instances.push(this.starting({ running: new Set(), ready: false }, 0));
  }

  /** Takes instances away and brings new ones. Returns how many there were. */
  replaceInstances(count: number): number {
    const hit = this.instances.slice(0, count);
    for (const instance of hit) {
      this.stop(instance, "fault");
      this.starting(instance, graceMilliseconds);
    }
    return hit.length;
  }

  /** SIGTERM, and SIGKILL for what still runs when its time is over. */
  private stop(instance: Instance, by: NonNullable<Truth["killedBy"]>): void {
    instance.ready = false;
    const doomed = [...instance.running];
    this.ports.scheduler.after(graceMilliseconds, () => {
      for (const one of doomed) if (instance.running.has(one)) one.kill(by);
    });
  }

  private starting(instance: Instance, afterMilliseconds: number): Instance {
    this.ports.scheduler.after(afterMilliseconds + startupMilliseconds, () => {
      instance.ready = true;
      this.pump();
    });
    return instance;
  }

  private invoke(input: Input, headers: Record<string, string>, body: Uint8Array | undefined): Input {
    const { scheduler, injector } = this.ports;
    const { name, config } = this.endpoint;
    this.ports.onCalled(String(input["InferenceId"]));
    if (input["EndpointName"] !== name) throw serviceError("ValidationError", `Endpoint ${String(input["EndpointName"])} not found.`, 400);
    if (scheduler.now() < this.updatingUntil) throw serviceError("ValidationError", `Endpoint ${name} is not in service: Updating.`, 400);
    if ((input["InputLocation"] === undefined) === (body === undefined)) throw new Error("neither or both of Body and InputLocation");
    if (body !== undefined && !this.takesInputs) {
      throw serviceError("ValidationError", "Value at 'inputLocation' failed to satisfy constraint: Member must not be null", 400);
    }
    const { S3OutputPath = "", S3FailurePath = "" } = config.OutputConfig;
    const extension = headers["X-Amzn-SageMaker-S3OutputPathExtension"];
    const id = `service-${++this.accepted}`;
    const named = this.namesOutputs && extension !== undefined;
    const outputLocation = named ? `${S3OutputPath}/${extension}/${headers["X-Amzn-SageMaker-Filename"]}` : `${S3OutputPath}/${id}.out`;
    const invocation: AcceptedInvocation = {
      inferenceId: String(input["InferenceId"]),
      endpointName: name,
      receivedAt: scheduler.now(),
      ...(input["ContentType"] === undefined ? {} : { contentType: input["ContentType"] as string }),
      ...(body === undefined ? { inputLocation: String(input["InputLocation"]) } : { inlinePayload: Buffer.from(body) }),
      outputLocation,
      failureLocation: `${S3FailurePath}/${id}-error.out`,
      requestTtlSeconds: Number(input["RequestTTLSeconds"]),
      invocationTimeoutSeconds: Number(input["InvocationTimeoutSeconds"]),
      config,
    };
    const jobId = jobIdIn(JSON.stringify({ inferenceId: invocation.inferenceId }));
    const truth: Truth = { inferenceId: invocation.inferenceId, runs: 0, end: "queued", queuedAt: scheduler.now() };
    this.truths.set(jobId ?? "", [...(this.truths.get(jobId ?? "") ?? []), truth]);
    const fault = injector.next("queue", jobId)?.kind;
    const waits = fault === "expired-in-queue";
    const queuedAfter = fault === "waits-in-queue" ? invocation.requestTtlSeconds * longWaitShare * 1000 : 0;
    if (!waits) scheduler.after(queuedAfter, () => this.enqueue(invocation));
    scheduler.after(invocation.requestTtlSeconds * 1000, () => {
      const index = this.queue.indexOf(invocation);
      if (index < 0 && !waits) return;
      if (index >= 0) {
        this.queue.splice(index, 1);
        if (this.isCrowded) truth.crowded = true;
      }
      truth.end = "expired";
      truth.endedAt = scheduler.now();
      // What an expired request leaves isn't documented: a notification, or nothing at all.
      if (scheduler.random.chance(0.5))
        this.tellFailure(invocation, "ClientError: The request expired in the queue: its RequestTTLSeconds passed.");
    });
    return { InferenceId: invocation.inferenceId, OutputLocation: outputLocation, FailureLocation: invocation.failureLocation };
  }

  private enqueue(invocation: AcceptedInvocation): void {
    this.queue.push(invocation);
    this.pump();
  }

  private pump(): void {
    for (const instance of this.instances) {
      while (instance.ready && instance.running.size < this.endpoint.concurrentInvocations) {
        const next = this.queue.shift();
        if (!next) return;
        this.start(next, instance.running);
      }
    }
  }

  private start(invocation: AcceptedInvocation, running: Set<Running>): void {
    const { scheduler, injector, s3 } = this.ports;
    const jobId = jobIdIn(JSON.stringify({ inferenceId: invocation.inferenceId }));
    const truth = this.truths.get(jobId ?? "")?.find((one) => one.inferenceId === invocation.inferenceId && one.end === "queued") as Truth;
    let timer: Timer;
    const one: Running = {
      invocation,
      kill: (by) => {
        timer.cancelled = true;
        truth.killedBy = by;
        end("killed");
      },
    };
    const end = (how: Truth["end"]) => {
      truth.end = how;
      truth.endedAt = scheduler.now();
      running.delete(one);
      this.pump();
    };
    const fail = (reason: string) => {
      end("failed");
      this.tellFailure(invocation, reason);
    };
    running.add(one);
    truth.end = "running";
    const { inlinePayload, inputLocation } = invocation;
    const input = inlinePayload ?? s3.objects.get(inputLocation as string)?.body;
    if (!input) {
      timer = scheduler.after(50, () => fail(`ClientError: Failed to download the input from ${invocation.inputLocation}: NoSuchKey.`));
      return;
    }
    const fault = injector.next("container", jobId);
    if (fault?.kind === "container-503") {
      truth.refused = true;
      timer = scheduler.after(50, () => {
        end("failed");
        this.tellFailure(invocation, "ClientError: Received server error (503) from model. See the log of the endpoint.", busy);
      });
      return;
    }
    truth.runs += 1;
    const hangs = fault?.kind === "container-hang";
    const duration = hangs ? invocation.invocationTimeoutSeconds * 1000 : runMilliseconds(scheduler.random, invocation);
    timer = scheduler.after(duration, () => {
      switch (fault?.kind) {
        case "container-5xx":
          return fail("ClientError: Received server error (500) from model. See the log of the endpoint.");
        case "container-hang":
          return fail(
            'ClientError: Received server error (0) from model with message "Your invocation timed out while waiting for a response from container model."',
          );
        case "container-no-content-length":
          return fail('ClientError: Received server error (0) from model with message "the response has no Content-Length header".');
        case "container-exit":
          return fail(
            'ClientError: Received server error (0) from model with message "An error occurred while handling request as the model process exited."',
          );
        default: {
          const garbage = fault?.kind === "container-garbage";
          const body = garbage ? Buffer.from([0xff, 0x00, 0xfe]) : Buffer.from(JSON.stringify({ echoed: input.toString() }));
          const response = { contentType: "application/json", body };
          s3.put(invocation.outputLocation, body, response.contentType);
          end("completed");
          const { SuccessTopic } = invocation.config.OutputConfig.NotificationConfig ?? {};
          const message = successNotification(invocation, response, this.endpoint.region, scheduler.now());
          if (SuccessTopic !== undefined) this.ports.publish(SuccessTopic, JSON.stringify(message));
        }
      }
    });
  }

  /** @param answer what the container answered, if it did */
  private tellFailure(invocation: AcceptedInvocation, reason: string, answer = reason): void {
    const { scheduler, s3, publish } = this.ports;
    if (invocation.failureLocation !== undefined) s3.put(invocation.failureLocation, Buffer.from(answer), "text/plain");
    const { ErrorTopic } = invocation.config.OutputConfig.NotificationConfig ?? {};
    const message = failureNotification(invocation, reason, undefined, this.endpoint.region, scheduler.now());
    if (ErrorTopic !== undefined) publish(ErrorTopic, JSON.stringify(message));
  }
}
