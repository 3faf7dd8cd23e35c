import { existsSync } from "node:fs";
import path from "node:path";
import { SageMakerAsyncClient } from "../../client/client";
import type { AsyncInferenceOutputs } from "../../outputs";
import { lettersOf, type SdkSettings } from "./deadLetters";
import { LiveService } from "./live";
import type { ApiService } from "./services";

export { consoleKey } from "./key";
export type { Laptop } from "./laptop";
export { startConsole, type Console, type ConsoleOptions } from "./server";
export type { ApiService, SeenJob } from "./services";

/** A service to show. */
export interface ServiceOptions {
  /** `project/stack`, or what the target was named by. */
  name: string;
  outputs: AsyncInferenceOutputs;
  aws: SdkSettings;
  /** Milliseconds of the service in one of the wall's. @default 1 */
  speed?: () => number;
  pricePerHourUsd: (instanceType: string) => number | undefined;
  handlerLogGroups: ApiService["handlerLogGroups"];
  seen?: ApiService["seen"];
  /** How often it is looked at, in milliseconds. @default of a deployed service: 3 s the jobs, 10 s the rest */
  every?: { jobs: number; overview: number };
}

/** Of a deployed service: what it costs to look, and how soon somebody wants to know. */
const deployedPace = { jobs: 3000, overview: 10_000 };

/** A service as the console shows it; its client is closed by whoever asked for it. */
export function shownService({ name, outputs, aws, speed = () => 1, every = deployedPace, ...options }: ServiceOptions): ApiService {
  const { endpoint, credentials } = aws;
  const client = SageMakerAsyncClient.fromStackOutputs(outputs, {
    ...(endpoint !== undefined && { endpointUrl: endpoint }),
    ...(credentials !== undefined && { credentials }),
  });
  const { pricePerHourUsd, handlerLogGroups, seen } = options;
  const live = new LiveService({ client, jobsMilliseconds: every.jobs, overviewMilliseconds: every.overview, speed, pricePerHourUsd });
  return { name, outputs, client, live, letters: lettersOf(outputs, aws), handlerLogGroups, ...(seen && { seen }) };
}

/** The folder with the page's files: beside the bundle, or in the build. */
export function pageDirectory(): string {
  const places = [path.join(__dirname, "page"), path.join(__dirname, "../page")];
  const found = places.find((place) => existsSync(path.join(place, "index.html")));
  if (found === undefined) throw new Error(`the console's page is in none of ${places.join(", ")}: npm run build makes it`);
  return found;
}
