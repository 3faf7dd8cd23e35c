import type { ServerResponse } from "node:http";
import { sleep } from "../../core/sleep";
import type { CloudContext, CloudService, EventTargets, InvocationSource, ScalableEndpoints } from "../ports";
import { ConnectionError, ContractError, type Container, type StartContainer } from "../sagemaker/container";
import { ServiceError, type WireRequest, type WireResponse } from "../wire";
import { Injector } from "./injector";
import { jobIdIn, jobIdOfItem, jobIdOfKey } from "./jobOf";
import { jobFaults, type FaultKind, type JobFaultKind, type Site } from "./kinds";
import { isJobFault, type FaultPlan, type ServiceFault } from "./plan";
import { refusalOf } from "./refusals";

/** One running invocation of a function. */
export interface RunningFunction {
  functionName: string;
  /** JSON text. */
  event: string;
  /** Ends its process at once. */
  kill(): void;
}

/** What faults need of the cloud that they happen to. */
export interface CloudFaultsPorts {
  context: CloudContext;
  targets: Pick<EventTargets, "invokeFunction">;
  endpoints: Pick<ScalableEndpoints, "variant" | "setDesiredInstanceCount">;
  /** Running invocations of the functions whose role a key acts as; none for everybody else's keys. */
  callersOf: (accessKeyId: string | undefined) => RunningFunction[];
  /** Has every further invocation of a function start in a new environment. */
  renewFunction: (functionArn: string) => void;
  /** Updates a function, as a deployment with changed code does: what runs goes on with what it began with. */
  redeployFunction: (functionArn: string) => void;
  /** Replaces an endpoint's fleet, as a deployment with changed settings does. Throws while the endpoint isn't InService. */
  redeployEndpoint: (endpointName: string) => void;
  /** ARNs of functions whose name contains a word. */
  functionsNamed: (word: string) => string[];
}

/** What people do, and what scales the fleet, is in the embedded cloud itself; and its queue can't be made slow for one request. */
const simulatedOnly: readonly FaultKind[] = ["batch", "cancelled", "client-clock", "flood", "redrive", "scale-in", "waits-in-queue"];

/** How long a throttled or failed asynchronous event waits for its next try. */
const retryMilliseconds = 60_000;
/** Pause before an endpoint that is updating is asked again. */
const updatingPauseMilliseconds = 5000;

type Answer = () => Promise<WireResponse>;
type Stream = NonNullable<CloudService["streams"]>[string];

/** Makes a plan's faults happen to the embedded cloud: between its services and whoever calls them. */
export class CloudFaults {
  private readonly injector: Injector;
  private readonly held: (() => void)[] = [];
  private readonly endpointNames = new Set<string>();
  private readonly skews = new Map<string, number>();
  private updatingUntil = 0;

  constructor(
    private readonly plan: FaultPlan,
    private readonly ports: CloudFaultsPorts,
  ) {
    const { context } = ports;
    const faults = plan.faults.filter(({ kind }) => !simulatedOnly.includes(kind));
    this.injector = new Injector({ ...plan, faults }, ({ kind, jobId }) =>
      context.emit({ kind: "fault", fault: kind, ...(jobId !== undefined && { jobId }) }),
    );
  }

  /** Kinds of the plan that only the simulator knows. */
  static unknownIn(plan: FaultPlan): string[] {
    return [...new Set(plan.faults.map(({ kind }) => kind))].filter((kind) => simulatedOnly.includes(kind));
  }

  /** Faults that can be switched on for every job. */
  static readonly switchable = (Object.keys(jobFaults) as JobFaultKind[]).filter((kind) => !simulatedOnly.includes(kind));

  /** Has a fault happen once to every job that meets it from now on, or no longer. @throws Error naming what is accepted */
  setFault(kind: string, isOn: boolean): void {
    const known = CloudFaults.switchable.find((each) => each === kind);
    if (known === undefined) throw new Error(`kind: got ${kind}, expected one of ${CloudFaults.switchable.join(", ")}`);
    this.injector.setAlways(known, isOn);
  }

  /** Faults that are switched on. */
  get switchedOn(): JobFaultKind[] {
    return this.injector.alwaysOn;
  }

  /** Starts the time of the faults that happen to the service as a whole. */
  start(): void {
    const { clock } = this.ports.context;
    for (const fault of this.plan.faults) {
      if (!isJobFault(fault)) clock.setTimeout(() => this.happen(fault), fault.atSeconds * 1000);
    }
  }

  /** Milliseconds by which a function's clock is ahead of the cloud's. */
  skewOf(functionArn: string): number {
    return this.skews.get(functionArn) ?? 0;
  }

  /** The service with faults between it and its callers. */
  around(service: CloudService): Pick<CloudService, "wire" | "streams"> {
    const wire: NonNullable<CloudService["wire"]> = {};
    for (const [name, answer] of Object.entries(service.wire ?? {})) {
      wire[name] = (request) => this.answer(name, request, () => answer(request));
    }
    const streams: NonNullable<CloudService["streams"]> = {};
    for (const [name, pass] of Object.entries(service.streams ?? {})) streams[name] = this.stream(name, pass);
    return { wire, streams };
  }

  /** Between clients and the services that do not stream. */
  private async answer(service: string, request: WireRequest, answer: Answer): Promise<WireResponse> {
    if (service === "lambda") return this.invoked(request, answer);
    const site = siteOf(service, request);
    if (site === undefined) return answer();
    if (site === "invoke") {
      const name = request.path.split("/")[2] ?? "";
      this.endpointNames.add(name);
      if (this.ports.context.clock.now() < this.updatingUntil) {
        throw new ServiceError("ValidationError", `Endpoint ${name} is not in service: Updating.`);
      }
    }
    const callers = this.ports.callersOf(request.accessKeyId);
    if (callers.length === 0) return answer();
    const jobId = jobIdOf(request) ?? jobIdOfOnly(callers);
    const fault = this.injector.next(site, jobId);
    if (fault === undefined) return this.queued(site, jobId, answer);
    const kill = () => killCaller(callers, jobId);
    switch (fault.kind) {
      case "lambda-killed-before":
        kill();
        return never();
      case "lambda-killed-between":
        await answer();
        kill();
        return never();
      case "lambda-timed-out":
        await answer();
        return never();
      case "table-answer-lost":
      case "invoke-answer-lost":
        await answer();
        throw new LostAnswer();
      default: {
        const refusal = refusalOf(fault.kind);
        if (refusal) throw new ServiceError(refusal.name, refusal.message, refusal.status);
        return answer();
      }
    }
  }

  /** Between clients and the services that stream. */
  private stream(service: string, pass: Stream): Stream {
    return async (request, response, caller) => {
      const callers = this.ports.callersOf(caller.accessKeyId);
      const key = decodeURIComponent((request.url ?? "").split("?")[0] ?? "")
        .split("/")
        .slice(2)
        .join("/");
      const jobId = (service === "s3" ? jobIdOfKey(key) : undefined) ?? jobIdOfOnly(callers);
      const fault = callers.length === 0 ? undefined : this.injector.next(service === "s3" ? "objects" : "otherCall", jobId);
      const kill = () => killCaller(callers, jobId);
      switch (fault?.kind) {
        case "lambda-killed-before":
          kill();
          return void request.destroy();
        case "lambda-killed-between":
          onAnswer(response, kill);
          break;
        case "lambda-timed-out":
          // Nobody answers; the function's time-out ends the wait.
          onAnswer(response, () => undefined);
          break;
        case "s3-slow":
          await sleep(this.ports.context.clock, 20_000);
          break;
        default: {
          const refusal = fault && refusalOf(fault.kind);
          if (refusal) throw new ServiceError(refusal.name, refusal.message, refusal.status);
        }
      }
      return pass(request, response, caller);
    };
  }

  /** Between a topic, bucket or schedule and the function that it invokes. */
  async deliver(functionArn: string, event: unknown, source: InvocationSource | undefined): Promise<void> {
    const { targets, context } = this.ports;
    const { clock } = context;
    const send = (changed: unknown) => targets.invokeFunction(functionArn, changed, source);
    const later = (milliseconds: number, run: () => Promise<void>) =>
      void clock.setTimeout(() => {
        run().catch((error: unknown) => context.emit({ kind: "warning", message: String(error) }));
      }, milliseconds);
    const text = JSON.stringify(event);
    const jobId = jobIdIn(text);
    const invocation = this.injector.next("invocation", jobId)?.kind;
    if (invocation === "lambda-throttled") return later(retryMilliseconds, () => send(event));
    // Its work is done, and Lambda takes it for failed: the same event comes again.
    if (invocation === "lambda-killed-after") later(retryMilliseconds, () => send(event));
    const isEvent = source?.principal === "sns.amazonaws.com" && /\\"job\\":/.test(text);
    const isNotification = source?.principal === "sns.amazonaws.com" && !isEvent;
    const overtaken = this.held.splice(0);
    const fault = isEvent || isNotification ? this.injector.next(isEvent ? "event" : "notification", jobId) : undefined;
    try {
      switch (fault?.kind) {
        case "notification-lost":
          return;
        case "delivery-failed":
          // What then becomes of the message is the topic's business.
          throw new Error("injected");
        case "notification-doubled":
        case "event-doubled":
          await send(event);
          return await send(event);
        case "notification-late":
        case "event-late":
          return later(fault.delaySeconds * 1000, () => send(event));
        case "notification-reordered":
          return this.hold(() => later(0, () => send(event)));
        case "notification-truncated":
          return await send(withMessage(event, (message) => message.slice(0, message.length / 2)));
        case "notification-unknown-fields":
          return await send(
            withMessage(event, (message) => JSON.stringify({ newField: [1], ...(JSON.parse(message) as object), another: "x" })),
          );
        default:
          return await send(event);
      }
    } finally {
      for (const release of overtaken) release();
    }
  }

  /** Around every container that the cloud starts. */
  startContainer(start: StartContainer): StartContainer {
    return async (spec, signal) => this.container(await start(spec, signal));
  }

  private container(container: Container): Container {
    return {
      ...container,
      invoke: async (request, signal) => {
        const jobId = jobIdIn(JSON.stringify({ inferenceId: request.headers["X-Amzn-SageMaker-Inference-Id"] }));
        const fault = this.injector.next("container", jobId);
        switch (fault?.kind) {
          case "container-5xx":
            return { status: 500, contentType: "text/plain", body: Buffer.from("injected") };
          case "container-503":
            return { status: 503, contentType: "text/plain", body: Buffer.from("busy") };
          case "container-hang":
            return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
          case "container-garbage":
            return { status: 200, contentType: "application/json", body: Buffer.from([0xff, 0x00, 0xfe]) };
          case "container-no-content-length":
            throw new ContractError("the response has no Content-Length header");
          case "container-exit":
            await container.kill();
            throw new ConnectionError("the container exited");
          default:
            return container.invoke(request, signal);
        }
      },
    };
  }

  /** The runtime took a request: it may be one that waits for too long, and of which nothing is heard again. */
  private async queued(site: Site, jobId: string | undefined, answer: Answer): Promise<WireResponse> {
    const expires = site === "invoke" && this.injector.next("queue", jobId)?.kind === "expired-in-queue";
    if (!expires) return answer();
    return { status: 202, headers: { "content-type": "application/json" }, body: JSON.stringify({ InferenceId: "expired" }) };
  }

  /** A synchronous invocation, as an application makes it. */
  private async invoked(request: WireRequest, answer: Answer): Promise<WireResponse> {
    if (!request.path.endsWith("/invocations") || request.headers["x-amz-invocation-type"] === "Event") return answer();
    const fault = this.injector.next("invocation", jobIdIn(request.body.toString()));
    if (fault?.kind === "lambda-throttled") throw new ServiceError("TooManyRequestsException", "Rate Exceeded.", 429);
    const { status, headers, body } = await answer();
    if (fault?.kind !== "lambda-killed-after") return { status, ...(headers && { headers }), ...(body !== undefined && { body }) };
    const failure = { errorType: "Runtime.ExitError", errorMessage: "killed after its work" };
    return { status, headers: { ...headers, "X-Amz-Function-Error": "Unhandled" }, body: JSON.stringify(failure) };
  }

  private hold(release: () => void): void {
    const { clock } = this.ports.context;
    const once = () => {
      clock.clearTimeout(timer);
      release();
    };
    const timer = clock.setTimeout(() => {
      this.held.splice(this.held.indexOf(once), 1);
      release();
    }, retryMilliseconds);
    this.held.push(once);
  }

  private happen(fault: ServiceFault): void {
    const { context, endpoints, targets, functionsNamed, redeployFunction, renewFunction } = this.ports;
    switch (fault.kind) {
      case "endpoint-updating":
        this.updatingUntil = context.clock.now() + fault.durationSeconds * 1000;
        return this.injector.happened({ kind: fault.kind });
      case "two-sweepers":
        for (const functionArn of functionsNamed("sweep")) {
          this.injector.happened({ kind: fault.kind });
          for (let started = 0; started < 2; started++) void targets.invokeFunction(functionArn, {});
        }
        return;
      case "scale-in-sigterm":
        for (const name of this.endpointNames) {
          const variant = endpoints.variant(name, "AllTraffic");
          if (!variant || variant.currentInstanceCount === 0) continue;
          this.injector.happened({ kind: fault.kind });
          this.setCapacity(name, variant.currentInstanceCount - 1, "injected fault");
          context.clock.setTimeout(
            () => this.setCapacity(name, variant.currentInstanceCount, "end of the injected fault"),
            fault.durationSeconds * 1000,
          );
        }
        return;
      case "clock-skew":
        for (const functionArn of functionsNamed(fault.function ?? "")) {
          this.injector.happened({ kind: fault.kind });
          this.skews.set(functionArn, fault.minutes * 60_000);
          // A clock that is off is that of a machine: new environments start on it.
          renewFunction(functionArn);
        }
        return;
      case "deployment":
        this.injector.happened({ kind: fault.kind });
        for (const functionArn of functionsNamed("")) redeployFunction(functionArn);
        for (const name of this.endpointNames) this.redeploy(name);
        return;
      default:
        return;
    }
  }

  /** Replaces a fleet as soon as the endpoint lets it. */
  private redeploy(endpointName: string): void {
    const { context, endpoints, redeployEndpoint } = this.ports;
    const variant = endpoints.variant(endpointName, "AllTraffic");
    if (!variant) return;
    if (variant.endpointStatus === "InService") return redeployEndpoint(endpointName);
    context.clock.setTimeout(() => this.redeploy(endpointName), updatingPauseMilliseconds);
  }

  /** Sets the number of instances as soon as the endpoint lets it: what is updating refuses, as on AWS. */
  private setCapacity(endpointName: string, count: number, cause: string): void {
    const { context, endpoints } = this.ports;
    const variant = endpoints.variant(endpointName, "AllTraffic");
    if (!variant) return;
    if (variant.endpointStatus === "InService") return endpoints.setDesiredInstanceCount(endpointName, "AllTraffic", count, cause);
    context.clock.setTimeout(() => this.setCapacity(endpointName, count, cause), updatingPauseMilliseconds);
  }
}

/** A connection that breaks after the request: the front then answers nothing. */
export class LostAnswer extends Error {}

function siteOf(service: string, request: WireRequest): Site | undefined {
  if (service === "dynamodb")
    return /\.(Get|Query|BatchGet|Scan)/.test(String(request.headers["x-amz-target"])) ? "tableRead" : "tableWrite";
  if (service === "sagemaker") return request.path.endsWith("/async-invocations") ? "invoke" : undefined;
  return "otherCall";
}

function jobIdOf(request: WireRequest): string | undefined {
  const inferenceId = request.headers["x-amzn-sagemaker-inference-id"];
  if (typeof inferenceId === "string") return jobIdIn(JSON.stringify({ inferenceId }));
  const key = /"jobId":\{"S":"([^"]+)/.exec(request.body.toString())?.[1];
  return key === undefined ? undefined : jobIdOfItem(key);
}

/** A function that does one thing at the moment can only be about that one. */
function jobIdOfOnly(callers: readonly RunningFunction[]): string | undefined {
  const [only, ...others] = callers;
  return only && others.length === 0 ? jobIdIn(only.event) : undefined;
}

/** The one that is about the job; when none says so, such as the sweeper, whichever runs. */
function killCaller(callers: readonly RunningFunction[], jobId: string | undefined): void {
  (callers.find(({ event }) => jobIdIn(event) === jobId) ?? callers[0])?.kill();
}

function withMessage(event: unknown, change: (message: string) => string): unknown {
  const { Records } = event as { Records: { Sns: { Message: string } }[] };
  return { Records: Records.map((record) => ({ ...record, Sns: { ...record.Sns, Message: change(record.Sns.Message) } })) };
}

/** Does something in the place of answering. */
function onAnswer(response: ServerResponse, instead: () => void): void {
  response.writeHead = () => {
    instead();
    return response.destroy();
  };
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
