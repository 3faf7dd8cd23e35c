import { present } from "../../core/present";
import { lowRoomKey } from "../../core/records/items";
import { isTerminal, type JobRecord } from "../../core/records/job";
import { heldSince } from "../../core/floor/floor";
import { isCredentialError } from "../errors";
import { explainStatement, type ExplainedService } from "./permissions";
import type { ExplainSources } from "./sources";
import { later } from "./text";
import type { EndpointFacts, Facts, SourceName, Unreadable } from "./types";

/** Where the objects of a job without a record are. */
export type GivenLocations = NonNullable<Facts["locations"]>;

/**
 * Reads what explains a job: of an ended one its objects, of an open one also the endpoint and all around it. A source that
 * can't be read is noted, and the others are read all the same.
 */
export async function gatherFacts(sources: ExplainSources, jobId: string, locations?: GivenLocations): Promise<Facts> {
  const { service, record: readRecord } = sources;
  const reader = new Reader(sources);
  const record = readRecord && (await reader.read("record", () => readRecord(jobId)));
  const known: Facts = {
    jobId,
    now: sources.now(),
    endpointName: service.endpointName,
    hasTable: readRecord !== undefined,
    ...present({ locations, record }),
    unreadable: reader.unreadable,
  };
  if (record !== undefined && record !== "missing") return { ...known, ...(await aroundRecord(reader, record)) };
  if (locations !== undefined) return { ...known, ...(await aroundLocations(reader, locations)) };
  return known;
}

type Around = Partial<Facts>;

async function aroundRecord(reader: Reader, record: JobRecord): Promise<Around> {
  const output = () => reader.object("output", record.outputLocation ?? record.expectedOutputLocation);
  const failure = () => reader.failure(record.failureLocation);
  const input = async () => (record.inputInCall === true ? {} : reader.object("input", record.inputLocation));
  const since = record.createdAt;
  const containerLog = () => reader.containerLog(record.inferenceId, since);
  if (record.state === "COMPLETED") return output();
  if (record.state === "FAILED") {
    if (record.error?.code === "IN_DOUBT") return together(output(), containerLog());
    if (record.error?.code === "NOT_FOUND") return together(input(), containerLog());
    return together(failure(), containerLog());
  }
  if (isTerminal(record.state)) return {};
  if (record.state === "ACCEPTED") return together(input(), reader.heldSince(), reader.line(record.turn));
  if (record.state === "INVOKING") return together(output(), ...(record.refusal === undefined ? [] : [reader.endpoint()]));
  const expiresAt = later(record.submittedAt ?? record.createdAt, record.requestTtlSeconds);
  return together(
    input(),
    output(),
    failure(),
    containerLog(),
    reader.resultLog(record.jobId, since),
    reader.deadLetters(),
    reader.serviceState(expiresAt),
  );
}

async function aroundLocations(reader: Reader, locations: GivenLocations): Promise<Around> {
  const objects = await together(reader.object("output", locations.outputLocation), reader.failure(locations.failureLocation));
  const ended = [objects.output, objects.failure].some((object) => object !== undefined && object !== "missing");
  return ended ? objects : { ...objects, ...(await reader.serviceState()) };
}

async function together(...parts: Promise<Around>[]): Promise<Around> {
  return Object.assign({}, ...(await Promise.all(parts))) as Around;
}

/** Reads single sources, and notes those that can't be read. */
class Reader {
  readonly unreadable: Unreadable[] = [];

  constructor(private readonly sources: ExplainSources) {}

  async read<Value>(source: SourceName, call: () => Promise<Value>, configName?: string): Promise<Value | undefined> {
    try {
      return await call();
    } catch (error) {
      const isKnown = this.unreadable.some((known) => known.source === source);
      if (!isKnown) this.unreadable.push(unreadable(this.sources.service, source, error, configName));
      // By source and not by which was faster: the same facts, the same explanation.
      this.unreadable.sort((a, b) => (a.source < b.source ? -1 : 1));
      return undefined;
    }
  }

  async heldSince(): Promise<Around> {
    const { record, now } = this.sources;
    if (record === undefined) return {};
    const get = async <Key extends string>(key: Key) => {
      const item = await record(key);
      return item === "missing" ? undefined : item;
    };
    return fact("heldSince", await this.read("record", () => heldSince({ jobs: { get }, clock: { now } })));
  }

  /** What is before a job that waits for its priority. */
  async line(turn: number | undefined): Promise<Around> {
    const { record, waitingBefore } = this.sources;
    if (record === undefined || waitingBefore === undefined || turn === undefined) return {};
    const [room, line] = await Promise.all([
      this.read("record", () => record(lowRoomKey)),
      this.read("waiting", () => waitingBefore(turn)),
    ]);
    return line === undefined ? {} : { line: { ...line, ...present({ room: room === "missing" ? undefined : room }) } };
  }

  async object(source: "input" | "output", location: string | undefined): Promise<Around> {
    // An input may be at an https:// address, which nobody but the endpoint needs to reach.
    if (location === undefined || !location.startsWith("s3://")) return {};
    return fact(source, await this.read(source, () => this.sources.object(location)));
  }

  async failure(location: string | undefined): Promise<Around> {
    if (location === undefined) return {};
    return fact("failure", await this.read("failure", () => this.sources.failure(location)));
  }

  async containerLog(inferenceId: string | undefined, since: string): Promise<Around> {
    if (inferenceId === undefined) return {};
    return fact("containerLog", await this.read("containerLog", () => this.sources.containerLog(inferenceId, since)));
  }

  async resultLog(jobId: string, since: string): Promise<Around> {
    const { resultLog } = this.sources;
    return resultLog === undefined ? {} : fact("resultLog", await this.read("resultLog", () => resultLog(jobId, since)));
  }

  async deadLetters(): Promise<Around> {
    const { deadLetters } = this.sources;
    return deadLetters === undefined ? {} : fact("deadLetters", await this.read("deadLetters", () => deadLetters()));
  }

  async endpoint(): Promise<Around> {
    const described = await this.read("endpoint", () => this.sources.endpoint());
    if (described === undefined || described === "missing") return fact("endpoint", described);
    const { variantName: _, ...endpoint } = described;
    return { endpoint: endpoint satisfies EndpointFacts };
  }

  /** The endpoint and all that tells when it runs something. */
  async serviceState(expiresAt?: string): Promise<Around> {
    const described = await this.read("endpoint", () => this.sources.endpoint());
    if (described === "missing") return { endpoint: described };
    const { variantName, ...endpoint } = described ?? {};
    const configName = described?.configName;
    const [endpointConfig, scaling, metrics, alarms] = await Promise.all([
      configName === undefined ? undefined : this.read("endpointConfig", () => this.sources.endpointConfig(configName), configName),
      variantName === undefined ? undefined : this.read("scaling", () => this.sources.scaling(variantName)),
      this.read("metrics", () => this.sources.metrics(present({ variantName, expiresAt }))),
      this.read("alarms", () => this.sources.alarms()),
    ]);
    return present({ endpoint: described && (endpoint as EndpointFacts), endpointConfig, scaling, metrics, alarms });
  }
}

function fact<Name extends keyof Facts>(name: Name, value: Facts[Name] | undefined): Around {
  return value === undefined ? {} : { [name]: value };
}

/** A source that could not be read, with the statement that lets it be where a permission is missing. */
export function unreadable(service: ExplainedService, source: SourceName, error: unknown, configName?: string): Unreadable {
  const missing = isCredentialError(error)
    ? { credentials: true as const }
    : isDenied(error)
      ? { statement: explainStatement(service, source, configName) }
      : {};
  return { source, reason: reasonOf(error), ...missing };
}

/** Whether a permission is missing. */
function isDenied(error: unknown): boolean {
  const {
    name = "",
    message = "",
    $metadata,
  } = (error ?? {}) as { name?: string; message?: string; $metadata?: { httpStatusCode?: number } };
  return (
    $metadata?.httpStatusCode === 403 || /AccessDenied|NotAuthorized|Forbidden/i.test(name) || /is not authorized to perform/.test(message)
  );
}

function reasonOf(error: unknown): string {
  const { name, message: words } = error instanceof Error ? error : { name: "Error", message: String(error) };
  // An AggregateError of the network has a code and no words.
  const message = words === "" ? ((error as NodeJS.ErrnoException).code ?? "") : words;
  // HeadObject's refusals have no body, and the SDK no words for them.
  return (message === "" || message === "UnknownError" ? `${name}: refused without a reason` : `${name}: ${message}`).slice(0, 500);
}
