import { handlerLogGroups } from "../../cli/logGroups";
import { version } from "../../client/version";
import { priceOf } from "../../components/prices";
import { consoleKey, pageDirectory, shownService, startConsole, type ApiService, type Console } from "../../console/server";
import { servicesIn, type AsyncInferenceOutputs } from "../../outputs";
import type { AdjustableClock } from "../clock";
import type { EmbeddedCloud } from "../embeddedCloud";
import { foundServices, stateOf, type FoundService } from "./foundServices";
import { viewOf } from "./laptop";

/** How soon the page of a cloud in this process looks by itself; what happens in the cloud has it look at once. */
const pace = { jobs: 2000, overview: 1500 };

/** The console of an embedded cloud. */
export interface CloudConsole {
  /** Address that lets one browser in. */
  readonly address: string;
  close(): Promise<void>;
}

/** How soon a service shows that Pulumi or Terraform made over the API. */
const lookMilliseconds = 1000;

/** What the console shows of a cloud. */
export interface CloudConsoleOptions {
  /** Where; another free port when it is taken. */
  port: number;
  /** Is told the next address when one was used. */
  onAddressUsed: (next: string) => void;
  /** How its user types the command line, such as `npx sagemaker-async`. */
  invokedAs: string;
}

/** Serves the console over every service of a cloud, those that are deployed later included, by a program here or over AWS's APIs. */
export async function startCloudConsole(
  cloud: EmbeddedCloud,
  clock: AdjustableClock,
  { port, onAddressUsed, invokedAs }: CloudConsoleOptions,
): Promise<CloudConsole> {
  let found: readonly FoundService[] = [];
  const view = viewOf(cloud, clock, { found: () => found, invokedAs });
  const known = new Map<string, ApiService>();
  const closing: Promise<void>[] = [];
  const services = () => {
    const present = new Map([...deployedServices(cloud), ...found.map(({ name, outputs }) => [name, outputs] as const)]);
    for (const [name, { live, client }] of known) {
      if (present.has(name)) continue;
      known.delete(name);
      closing.push(live.close().then(() => client.close()));
    }
    for (const [name, outputs] of present) if (!known.has(name)) known.set(name, shown(name, outputs));
    return [...known.values()];
  };
  const shown = (name: string, outputs: AsyncInferenceOutputs): ApiService => {
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    const aws = { region: cloud.region, endpoint: cloud.endpointUrl, credentials };
    return shownService({
      name,
      outputs,
      aws,
      speed: () => clock.speed,
      pricePerHourUsd: priceOf,
      handlerLogGroups: () => handlerLogGroups(outputs, aws),
      seen: (jobId) => view.seen(jobId),
      every: pace,
    });
  };
  const options = { services, key: consoleKey(process.env), pageDirectory: pageDirectory(), version, laptop: view, onAddressUsed };
  const started = await onPort(port, (where) => startConsole({ ...options, ...where }));
  const nudge = () => started.nudge();
  cloud.events.on("event", nudge);
  const following = followServices(cloud, {
    found: (services) => (found = services),
    names: () => services().map(({ name }) => name),
    changed: () => {
      view.changed();
      started.servicesChanged();
    },
  });
  return {
    get address() {
      return started.address;
    },
    close: async () => {
      await following();
      cloud.events.off("event", nudge);
      view.close();
      await started.close();
      await Promise.all([...closing, ...[...known.values()].map(({ client }) => client.close())]);
    },
  };
}

/** Serves there, or on another free port when that is taken. */
function onPort(port: number, start: (where: { port?: number }) => Promise<Console>): Promise<Console> {
  return start({ port }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return start({});
  });
}

/** What is done about the services of a cloud as they come and go. */
interface Followed {
  /** Takes those that were made over the API. */
  found: (services: readonly FoundService[]) => void;
  /** Names of all that are shown. */
  names: () => readonly string[];
  /** Others are shown than before. */
  changed: () => void;
}

/** Looks for services again and again, and reads them when something has changed. Returns how to stop. */
function followServices(cloud: EmbeddedCloud, { found, names, changed }: Followed): () => Promise<void> {
  let lookedAt = "";
  let shown = "";
  let looking: Promise<void> | undefined;
  const look = async () => {
    const state = stateOf(cloud.functions());
    if (state !== lookedAt) {
      const services = await foundServices(cloud);
      found(services);
      // One that is being made is looked at again: its functions are there before all that they need is.
      lookedAt = services.length > 0 || state === "" ? state : "";
    }
    if (names().join() === shown) return;
    shown = names().join();
    changed();
  };
  const timer = setInterval(() => {
    // What fails is looked at again: the cloud may be ending, or a fault happen to it.
    looking ??= look()
      .catch(() => undefined)
      .finally(() => (looking = undefined));
  }, lookMilliseconds);
  return async () => {
    clearInterval(timer);
    await looking;
  };
}

/** Every service of every program, by `project/stack` and, where a program has several, its output's name. */
function deployedServices({ stacks }: Pick<EmbeddedCloud, "stacks">): [string, AsyncInferenceOutputs][] {
  return [...stacks.entries()].flatMap(([name, { outputs }]): [string, AsyncInferenceOutputs][] => {
    if ("contractVersion" in outputs) return [[name, outputs as unknown as AsyncInferenceOutputs]];
    return servicesIn(outputs).map((each) => [`${name} ${each}`, outputs[each] as AsyncInferenceOutputs]);
  });
}
