import { describe } from "../faults/kinds";
import { CloudFaults } from "../faults/cloudFaults";
import type { AdjustableClock } from "../clock";
import type { EmbeddedCloud } from "../embeddedCloud";
import type { CloudEvent } from "../ports";
import type { JudgedNeed } from "../identity/authorizer";
import { servicesIn } from "../../outputs";
import { shellLines } from "../clientEnvironment";
import type { FoundService } from "./foundServices";
import type { JudgedCall, LaptopMessage } from "../../console/contract";
import type { Laptop, SeenJob } from "../../console/server";

/** So many different calls are remembered, the newest ones. */
const mostCalls = 400;
/** Of so many jobs is remembered what was seen of them. */
const mostJobs = 10_000;
/** Changes within so long are told together. */
const togetherMilliseconds = 250;

/** What the console's page is told of an embedded cloud, and does to it. */
export interface CloudView extends Laptop {
  /** What was seen of a job. */
  seen(jobId: string): SeenJob | undefined;
  /** Says that other services are there than were. */
  changed(): void;
  /** Stops listening. */
  close(): void;
}

/** What a cloud does not know of itself. */
export interface ViewOptions {
  /** Services that were made over the API. */
  found: () => readonly FoundService[];
  /** How its user types the command line. */
  invokedAs: string;
}

/** Watches a cloud for its console. */
export function viewOf(cloud: EmbeddedCloud, clock: AdjustableClock, { found, invokedAs }: ViewOptions): CloudView {
  const calls = new Map<string, JudgedCall>();
  const jobs = new Map<string, SeenJob & { attempts: { number: number; outcome: string }[] }>();
  const happened = new Map<string, number>();
  const listeners = new Set<(state: LaptopMessage) => void>();
  let pending: NodeJS.Timeout | undefined;

  const state = (): LaptopMessage => {
    const on = cloud.faults?.switchedOn ?? [];
    return {
      now: clock.now(),
      speed: clock.speed,
      ...(clock.runningTo !== undefined && { runningTo: clock.runningTo }),
      faults: CloudFaults.switchable.map((kind) => ({
        kind,
        what: describe(kind),
        isOn: on.includes(kind),
        happened: happened.get(kind) ?? 0,
      })),
      programs: [
        ...[...cloud.stacks.entries()].map(([name, { outputs }]) => ({
          name,
          resources: cloud.resourcesOf(name).map((urn) => urn.split("::").slice(2).join(" ")),
          services: "contractVersion" in outputs ? [String(outputs["endpointName"])] : servicesIn(outputs),
        })),
        ...found().map(({ name, resources }) => ({ name: "made over AWS's APIs", resources, services: [name] })),
      ],
      howToDeploy: howToDeploy(cloud, invokedAs),
    };
  };
  const tell = () => {
    pending ??= setTimeout(() => {
      pending = undefined;
      const now = state();
      for (const listener of listeners) listener(now);
    }, togetherMilliseconds);
  };

  const judged = ({ who, action, resource, denial, sid }: JudgedNeed) => {
    const because = denial ?? (sid === undefined ? "a statement without Sid" : sid);
    const call = { who: shortWho(who), action, resource, isAllowed: denial === undefined, because };
    const key = JSON.stringify(call);
    const count = (calls.get(key)?.count ?? 0) + 1;
    // At the end again: the newest last.
    calls.delete(key);
    calls.set(key, { ...call, at: clock.now(), count });
    const [oldest] = calls.keys();
    if (calls.size > mostCalls && oldest !== undefined) calls.delete(oldest);
  };
  const hear = (event: CloudEvent) => {
    if (event.kind === "fault") {
      happened.set(event.fault, (happened.get(event.fault) ?? 0) + 1);
      tell();
    }
    if (event.kind === "invocation") note(event.inferenceId, event.change, clock.now());
  };
  const note = (inferenceId: string, change: string, at: number) => {
    const [, number, jobId = ""] = /^(\d+)\.(.+)$/.exec(inferenceId) ?? [];
    if (number === undefined) return;
    const job = jobs.get(jobId) ?? { attempts: [] };
    if (change === "started") job.startedAt = at;
    const attempt = job.attempts.find((each) => each.number === Number(number));
    const outcome =
      {
        queued: "in the queue",
        started: "running",
        completed: "completed",
        failed: "failed",
        expired: "expired",
        killed: "lost with its instance",
      }[change] ?? change;
    if (attempt) attempt.outcome = outcome;
    else job.attempts.push({ number: Number(number), outcome });
    jobs.set(jobId, job);
    const [oldest] = jobs.keys();
    if (jobs.size > mostJobs && oldest !== undefined) jobs.delete(oldest);
  };
  cloud.events.on("judged", judged);
  cloud.events.on("event", hear);
  const unfollow = clock.onChange(tell);

  return {
    watch(listener) {
      listeners.add(listener);
      listener(state());
      return () => listeners.delete(listener);
    },
    setSpeed: (speed) => clock.setSpeed(speed),
    skip: (seconds) => clock.skip(seconds),
    skipTo: (time) => clock.skipTo(time),
    setFault(kind, isOn) {
      if (cloud.faults === undefined) throw new Error("kind: this cloud was started without faults");
      cloud.faults.setFault(kind, isOn);
      tell();
    },
    calls: () => [...calls.values()].reverse(),
    seen: (jobId) => jobs.get(jobId),
    changed: tell,
    close: () => {
      clearTimeout(pending);
      unfollow();
      cloud.events.off("judged", judged);
      cloud.events.off("event", hear);
    },
  };
}

/** The commands that make something in this cloud, as they can be typed. */
function howToDeploy(cloud: Pick<EmbeddedCloud, "endpointUrl" | "region">, invokedAs: string): LaptopMessage["howToDeploy"] {
  const port = new URL(cloud.endpointUrl).port;
  const env = (form: string) => `${invokedAs} local env ${form} --port ${port} --region ${cloud.region}`;
  return [
    { tool: "Pulumi", commands: [env("--pulumi --write Pulumi.dev.yaml"), "pulumi up --stack dev"] },
    { tool: "Terraform", commands: [`${env("--terraform")} > embedded_cloud_override.tf`, "terraform apply"] },
    { tool: "Any AWS SDK or tool", commands: shellLines(cloud) },
  ];
}

/** A role as its program named it, or a service. */
function shortWho(who: string): string {
  const role = /:assumed-role\/([^/]+)\//.exec(who)?.[1];
  return role === undefined ? who : role.replace(/-[0-9a-f]{7}$/, "");
}
