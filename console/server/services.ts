import type { SageMakerAsyncClient } from "../../client";
import type { AsyncInferenceOutputs } from "../../outputs";
import type { LettersPort } from "./deadLetters";
import type { LiveService } from "./live";
import { refusal } from "./problems";

/** One service that the console shows, and what it is shown with. */
export interface ApiService {
  /** `project/stack`, or what the target was named by. */
  name: string;
  outputs: AsyncInferenceOutputs;
  client: SageMakerAsyncClient;
  live: LiveService;
  letters: LettersPort;
  /** Log groups of handlers by their name. Throws what the services answer. */
  handlerLogGroups: () => Promise<Record<string, string>>;
  /** When a job's container got its request, where somebody has seen it; milliseconds since the epoch. @default nobody has */
  seen?: (jobId: string) => SeenJob | undefined;
}

/** What was seen of a job by whoever runs it. Milliseconds since the epoch. */
export interface SeenJob {
  startedAt?: number;
  handledAt?: number;
  attempts: { number: number; outcome: string }[];
}

/** The service that a request names by its place in the list. @throws a refusal when there is none */
export function serviceOf(services: readonly ApiService[], index: string | null): ApiService {
  const service = services[Number(index ?? 0)];
  if (service !== undefined) return service;
  if (services.length === 0) throw refusal(404, "NOT_FOUND", "There is no service yet.", "Deploy one: the page shows it by itself.");
  throw refusal(404, "NOT_FOUND", `service: got ${index}, expected a number below ${services.length}`, "Load the page anew.");
}
