import { handlerLogGroups } from "../../cli/logGroups";
import { version } from "../../client/version";
import { priceOf } from "../../components/prices";
import { consoleKey, pageDirectory, shownService, startConsole, type ApiService, type Console } from "../../console/server";
import { servicesIn, type AsyncInferenceOutputs } from "../../outputs";
import type { AdjustableClock } from "../clock";
import type { EmbeddedCloud } from "../embeddedCloud";
import { viewOf } from "./laptop";

/** How soon the page of a cloud in this process looks by itself; what happens in the cloud has it look at once. */
const pace = { jobs: 2000, overview: 1500 };

/** The console of an embedded cloud. */
export interface CloudConsole {
  /** Address that lets one browser in. */
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Serves the console over every service of a cloud, those of programs that are deployed later included.
 *
 * @param port where; another free one when it is taken
 * @param onAddressUsed is told the next address when one was used
 */
export async function startCloudConsole(
  cloud: EmbeddedCloud,
  clock: AdjustableClock,
  port: number,
  onAddressUsed: (next: string) => void,
): Promise<CloudConsole> {
  const view = viewOf(cloud, clock);
  const known = new Map<string, ApiService>();
  const services = () => {
    for (const [name, outputs] of deployedServices(cloud)) {
      if (known.has(name)) continue;
      const credentials = { accessKeyId: "test", secretAccessKey: "test" };
      const aws = { region: cloud.region, endpoint: cloud.endpointUrl, credentials };
      known.set(
        name,
        shownService({
          name,
          outputs,
          aws,
          speed: () => clock.speed,
          pricePerHourUsd: priceOf,
          handlerLogGroups: () => handlerLogGroups(outputs, aws),
          seen: (jobId) => view.seen(jobId),
          every: pace,
        }),
      );
    }
    return [...known.values()];
  };
  const options = {
    services,
    key: consoleKey(process.env),
    pageDirectory: pageDirectory(),
    version,
    laptop: view,
    onAddressUsed,
  };
  const started: Console = await startConsole({ ...options, port }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    return startConsole(options);
  });
  const nudge = () => started.nudge();
  cloud.events.on("event", nudge);
  return {
    get address() {
      return started.address;
    },
    close: async () => {
      cloud.events.off("event", nudge);
      view.close();
      await started.close();
      await Promise.all([...known.values()].map(({ client }) => client.close()));
    },
  };
}

/** Every service of every program, by `project/stack` and, where a program has several, its output's name. */
function deployedServices({ stacks }: Pick<EmbeddedCloud, "stacks">): [string, AsyncInferenceOutputs][] {
  return [...stacks.entries()].flatMap(([name, { outputs }]): [string, AsyncInferenceOutputs][] => {
    if ("contractVersion" in outputs) return [[name, outputs as unknown as AsyncInferenceOutputs]];
    return servicesIn(outputs).map((each) => [`${name} ${each}`, outputs[each] as AsyncInferenceOutputs]);
  });
}
