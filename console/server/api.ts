import type { IncomingMessage, ServerResponse } from "node:http";
import { isJobId, jobStates } from "../../core/records/job";
import type { JobFilter } from "../contract";
import { cancelJob, submitAgain, submitFile } from "./actions";
import { listPart } from "./jobs";
import { jobAnswer, jobLogs, jobObjects } from "./jobPage";
import type { Laptop } from "./laptop";
import { sendObject } from "./objects";
import { json, readJson } from "./json";
import { refusal } from "./problems";
import { serviceOf, type ApiService } from "./services";

export type { ApiService } from "./services";

/** A request that was let in. */
export interface ApiRequest {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  services: readonly ApiService[];
  laptop?: Laptop;
}

type Answer = (call: Call) => Promise<unknown>;

interface Call extends ApiRequest {
  service: ApiService;
  /** The job that the path names; empty where it names none. */
  jobId: string;
  /** What follows it in the path. */
  rest: string;
}

/** Marks what an answer has sent by itself. */
const sent = Symbol("sent");

const answers: Readonly<Record<string, Answer>> = {
  "GET /jobs": ({ service, url }) => {
    const { cursor, ...filter } = readFilter(url.searchParams);
    return listPart(service.client, filter, cursor);
  },
  "GET /job": ({ service, jobId }) => jobAnswer(service, jobId),
  "GET /job/objects": ({ service, jobId }) => jobObjects(service, jobId),
  "GET /job/logs": ({ service, jobId }) => jobLogs(service, jobId),
  "GET /job/object": async ({ service, jobId, rest, response }) => {
    const what = ["input", "output", "failure"].find((each) => each === rest) as "input" | "output" | "failure" | undefined;
    const isThere = what !== undefined && (await sendObject(service.client.job(jobId), what, response));
    if (!isThere) throw refusal(404, "NOT_FOUND", `Job ${jobId} has no ${rest || "such object"}.`);
    return sent;
  },
  "POST /job/cancel": ({ service, jobId }) => cancelJob(service, jobId),
  "POST /job/again": ({ service, jobId }) => submitAgain(service, jobId),
  "POST /submit": ({ service, request }) => submitFile(service, request),
  "POST /letters": async ({ service }) => ({ letters: await service.letters.look() }),
  "POST /letters/redrive": async ({ service, request }) => {
    const { messageId, inDoubt } = (await readJson(request)) as { messageId?: unknown; inDoubt?: unknown };
    if (typeof messageId !== "string" || messageId === "") throw refusal(400, "BAD_INPUT", "messageId: expected a dead letter's");
    if (inDoubt !== undefined && inDoubt !== "done" && inDoubt !== "again") {
      throw refusal(400, "BAD_INPUT", 'inDoubt: expected "done" or "again"');
    }
    return { message: await service.letters.redrive(messageId, inDoubt) };
  },
  "GET /laptop/calls": async (call) => ({ calls: laptopOf(call).calls() }),
  "POST /laptop/speed": async (call) => {
    const { speed } = (await readJson(call.request)) as { speed?: unknown };
    told(() => laptopOf(call).setSpeed(speed as number));
    return { message: `The clock runs ${String(speed)} times as fast.` };
  },
  "POST /laptop/skip": async (call) => {
    const { seconds, to } = (await readJson(call.request)) as { seconds?: unknown; to?: unknown };
    if (to !== undefined) {
      told(() => laptopOf(call).skipTo(to as number));
      return { message: "The clock runs fast until then." };
    }
    told(() => laptopOf(call).skip(seconds as number));
    return { message: `The clock runs fast for ${String(seconds)} seconds of its own.` };
  },
  "POST /laptop/fault": async (call) => {
    const { kind, isOn } = (await readJson(call.request)) as { kind?: unknown; isOn?: unknown };
    told(() => laptopOf(call).setFault(String(kind), isOn === true));
    return { message: `${String(kind)} is ${isOn === true ? "on" : "off"}.` };
  },
};

/** Answers what the page asks. @throws what the services answer, and refusals */
export async function answerApi(api: ApiRequest): Promise<void> {
  const { request, response, url, services } = api;
  const [, prefix, first = "", second = "", third = "", fourth = ""] = url.pathname.split("/").map(decoded);
  const isJob = first === "jobs" && second !== "";
  const name = isJob ? `/job${third === "" ? "" : `/${third}`}` : `/${first}${second === "" ? "" : `/${second}`}`;
  const key = `${request.method === "HEAD" ? "GET" : request.method} ${name}`;
  const answer = prefix === "api" && Object.hasOwn(answers, key) ? answers[key] : undefined;
  if (answer === undefined) throw refusal(404, "NOT_FOUND", `${url.pathname} is not served`);
  if (isJob && !isJobId(second)) throw refusal(400, "BAD_INPUT", `${second} is no job id`);
  const result = await answer({
    ...api,
    // Only when it is asked for: a cloud with nothing in it has a clock all the same.
    get service() {
      return serviceOf(services, url.searchParams.get("service"));
    },
    jobId: isJob ? second : "",
    rest: fourth,
  });
  if (result !== sent) json(response, 200, result);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function laptopOf({ laptop }: Call): Laptop {
  if (laptop === undefined) throw refusal(404, "NOT_FOUND", "A deployed service has no clock, faults or calls to show.");
  return laptop;
}

/** What a laptop refuses is the caller's mistake. */
function told(act: () => void): void {
  try {
    act();
  } catch (error) {
    throw refusal(400, "BAD_INPUT", (error as Error).message);
  }
}

/** Reads what a list is narrowed by. @throws a refusal naming the field */
export function readFilter(query: URLSearchParams): JobFilter & { cursor?: string } {
  const given = (name: string) => query.get(name) || undefined;
  const state = given("state");
  if (state !== undefined && state !== "OPEN" && !(jobStates as readonly string[]).includes(state)) {
    throw refusal(400, "BAD_INPUT", `state: got ${state}, expected OPEN or one of ${jobStates.join(", ")}`);
  }
  const since = given("since");
  if (since !== undefined && Number.isNaN(Date.parse(since))) throw refusal(400, "BAD_INPUT", `since: got ${since}, expected a time`);
  const fields = { state, since, code: given("code"), id: given("id"), metadata: given("metadata"), cursor: given("cursor") };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
