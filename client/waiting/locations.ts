import type { Log } from "../../core/ports";
import { readS3Uri, type S3Location } from "../../core/records/s3Uri";
import { asyncInferenceError, clientError } from "../errors";
import { passes, pauseAfter } from "./calls";
import { Loop } from "./loop";
import { exists, list, type Bucket, type Listing } from "./objects";
import { Waits, type Patience, type Wanted } from "./waits";

/** Where a job's result will be, or what the model said when it failed. */
export interface Locations {
  outputLocation: string;
  failureLocation?: string | undefined;
}

/** How a job ended, as its objects tell. */
export interface LocationEnd {
  kind: "completed" | "failed";
  /** The object that was found. */
  location: string;
}

/** Waits for jobs without records: for one of two objects to appear. */
export interface LocationWaiter {
  /**
   * Which of the two objects there is. A result counts, whatever lies at the other location.
   *
   * @throws AsyncInferenceError (as a rejection) `WAIT_TIMEOUT` past the deadline, `ABORTED` by the signal or {@link close},
   * `ACCESS_DENIED` with the statement to add, `NOT_FOUND` when the bucket does not exist, `BAD_INPUT`
   */
  wait(job: Locations, patience: Patience): Promise<LocationEnd>;
  /** Ends every wait with `ABORTED`. */
  close(): void;
}

/** What a {@link LocationWaiter} is made of. */
export interface LocationWaiterDependencies extends Bucket {
  pollIntervalSeconds: number;
  /** Gets what goes wrong while it is tried on. @default nobody */
  log?: Log;
  /**
   * `s3://bucket/prefix/` URIs below which many of the awaited objects will be. Each is listed whenever that takes fewer requests
   * than to ask for one object after the other. Results need a prefix of their own: a listing grows with all that is below it.
   * @default none
   */
  prefixes?: readonly string[] | undefined;
}

/** Makes a {@link LocationWaiter}. It makes no call and holds no timer while nobody waits. */
export function createLocationWaiter(dependencies: LocationWaiterDependencies): LocationWaiter {
  return new ObjectWaiter(dependencies);
}

/**
 * The next look at a job comes after this share of its age, so that jobs of any length cost alike: a fifth when it takes
 * requests of its own, less when a listing tells of many.
 */
const ownShare = 0.2;
const listedShare = 0.02;
const longestPauseMilliseconds = 10_000;

/** Pages that a listing may have. */
const mostPages = 10;
/** How long a prefix is not listed that has more. */
const detourMilliseconds = 60_000;

/** Requests for single objects that are under way at a time: a third of what the SDK opens sockets for. */
const concurrentChecks = 16;

/** A location that is looked at. */
interface Place extends S3Location {
  uri: string;
  /** The listing that covers it. */
  prefix: Prefix | undefined;
}

interface Prefix extends S3Location {
  /** When it may be listed again. */
  listableAt: number;
}

interface Watched extends Wanted {
  output: Place;
  failure: Place | undefined;
  since: number;
  dueAt: number;
}

/** What the listings of a round say of a place; undefined when they say nothing. */
type Known = (place: Place) => boolean | undefined;

class ObjectWaiter implements LocationWaiter {
  private readonly waits: Waits<LocationEnd, Watched>;
  private readonly prefixes: Prefix[];
  /** Buckets that are known to exist. */
  private readonly found = new Set<string>();
  private readonly rounds: Loop;
  private readonly interval: number;
  private failures = 0;
  private startedAt = -Infinity;

  constructor(private readonly dependencies: LocationWaiterDependencies) {
    const { clock, pollIntervalSeconds, prefixes = [] } = dependencies;
    this.interval = pollIntervalSeconds * 1000;
    this.prefixes = prefixes.map((uri) => ({ ...locationOf("prefixes", uri), listableAt: 0 }));
    this.waits = new Waits(
      clock,
      (end) => end,
      (uri) => `the result at ${uri}`,
      () => ({}),
      () => this.leave(),
      dependencies.log,
    );
    this.rounds = new Loop(clock, (signal) => this.round(signal));
  }

  async wait({ outputLocation, failureLocation }: Locations, patience: Patience): Promise<LocationEnd> {
    const output = this.place("outputLocation", outputLocation);
    const failure = failureLocation === undefined ? undefined : this.place("failureLocation", failureLocation);
    const now = this.dependencies.clock.now();
    const watched = () => ({ key: outputLocation, callers: undefined, output, failure, since: now, dueAt: now });
    const end = this.waits.add(outputLocation, patience, watched);
    const known = this.waits.get(outputLocation);
    if (known === undefined) return end;
    known.failure ??= failure;
    this.rounds.within(Math.max(0, this.startedAt + this.interval - now));
    return end;
  }

  close(): void {
    this.waits.close();
  }

  private leave(): void {
    if (this.waits.size > 0) return;
    this.rounds.stop();
    this.waits.trouble = undefined;
  }

  private place(field: string, uri: string): Place {
    const location = locationOf(field, uri);
    const prefix = this.prefixes.find(({ bucket, key }) => bucket === location.bucket && location.key.startsWith(key));
    return { ...location, uri, prefix };
  }

  /** One round over the jobs that are due. */
  private async round(signal: AbortSignal): Promise<number> {
    const { clock } = this.dependencies;
    this.startedAt = clock.now();
    // What is nearly due comes along, so that jobs fall into step.
    const due = this.waits.filter(({ dueAt }) => dueAt <= this.startedAt + this.interval / 2);
    let troubled = false;
    const attempt = async (about: readonly Watched[], work: () => Promise<void>) => {
      try {
        await work();
      } catch (thrown) {
        if (signal.aborted) return;
        const error = asyncInferenceError(thrown);
        if (!passes(error)) return about.forEach(({ output }) => this.waits.reject(output.uri, error));
        this.waits.trouble = error;
        troubled = true;
      }
    };

    const listings = new Map<Prefix, Listing>();
    await Promise.all(this.toList(due).map(([prefix, about]) => attempt(about, () => this.list(prefix, about, listings, signal))));
    const known: Known = ({ key, prefix }) => {
      const listing = prefix === undefined ? undefined : listings.get(prefix);
      if (listing?.keys.has(key)) return true;
      return listing === undefined || (listing.upTo !== undefined && key > listing.upTo) ? undefined : false;
    };
    // A listing tells of more than what is due.
    const told = this.waits.filter((one) => due.includes(one) || known(one.output) === true);
    for (const bucket of new Set(told.map(({ output }) => output.bucket))) {
      const inIt = told.filter(({ output }) => output.bucket === bucket);
      const [first] = inIt;
      if (first && !this.found.has(bucket)) await attempt(inIt, () => this.find(first.output, signal));
    }
    const checks = told.map((one) => () => attempt([one], () => this.check(one, known, signal)));
    await Promise.all(Array.from({ length: concurrentChecks }, () => drain(checks, signal)));

    if (signal.aborted) return Infinity;
    this.failures = troubled ? this.failures + 1 : 0;
    if (troubled) return pauseAfter(this.failures, this.interval);
    this.waits.trouble = undefined;
    let next = Infinity;
    this.waits.forEach(({ dueAt }) => (next = Math.min(next, dueAt)));
    return Math.max(this.startedAt + this.interval, next) - clock.now();
  }

  /** Prefixes below which several objects are asked for. */
  private toList(due: readonly Watched[]): [Prefix, Watched[]][] {
    return this.prefixes.flatMap((prefix): [Prefix, Watched[]][] => {
      if (prefix.listableAt > this.startedAt) return [];
      const about = due.filter(({ output, failure }) => output.prefix === prefix || failure?.prefix === prefix);
      return about.length < 2 ? [] : [[prefix, about]];
    });
  }

  private async list(prefix: Prefix, about: readonly Watched[], listings: Map<Prefix, Listing>, signal: AbortSignal): Promise<void> {
    const keys = about
      .flatMap(({ output, failure }) => [output, ...(failure === undefined ? [] : [failure])])
      .flatMap((place) => (place.prefix === prefix ? [place.key] : []))
      .sort(byCodePoint);
    const [first = ""] = keys;
    const last = keys.at(-1);
    const pages = Math.min(about.length, mostPages);
    // The first key less a character is before it, and after nearly all that was before.
    const range = { prefix: prefix.key, after: first.slice(0, -1), ...(last === undefined ? {} : { last }), pages };
    const listing = await list(this.dependencies, prefix.bucket, range, signal);
    this.found.add(prefix.bucket);
    listings.set(prefix, listing);
    if (listing.upTo !== undefined) prefix.listableAt = this.startedAt + detourMilliseconds;
  }

  /** @throws AsyncInferenceError when there is no such bucket, which asking for one object would not tell */
  private async find({ bucket, key }: Place, signal: AbortSignal): Promise<void> {
    await list(this.dependencies, bucket, { prefix: key, pages: 1 }, signal);
    this.found.add(bucket);
  }

  /** Looks at both objects of a job, and tells who waits for it. */
  private async check(one: Watched, known: Known, signal: AbortSignal): Promise<void> {
    const { output, failure } = one;
    if (this.waits.get(output.uri) === undefined) return;
    const is = async (place: Place) => known(place) ?? (await exists(this.dependencies, place, signal));
    const [completed, failed] = await Promise.allSettled([is(output), failure === undefined ? false : is(failure)]);
    if (completed.status === "fulfilled" && completed.value) return this.end(one, "completed", output);
    for (const side of [completed, failed]) if (side.status === "rejected") throw side.reason;
    if (failed.status === "fulfilled" && failed.value && failure !== undefined) {
      // The result may have come before the error object did, and yet after it was asked for.
      if (await exists(this.dependencies, output, signal)) return this.end(one, "completed", output);
      return this.end(one, "failed", failure);
    }
    const now = this.dependencies.clock.now();
    const listed = known(output) !== undefined && (failure === undefined || known(failure) !== undefined);
    const pause = (now - one.since) * (listed ? listedShare : ownShare);
    one.dueAt = now + Math.max(this.interval, Math.min(pause, longestPauseMilliseconds));
  }

  private end({ output }: Watched, kind: LocationEnd["kind"], { uri }: Place): void {
    this.waits.resolve(output.uri, { kind, location: uri });
  }
}

/** Works off a list that others work off too. */
async function drain(work: (() => Promise<void>)[], signal: AbortSignal): Promise<void> {
  for (let next = work.shift(); next !== undefined && !signal.aborted; next = work.shift()) await next();
}

/** As S3 sorts. */
function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function locationOf(field: string, uri: string): S3Location {
  const location = readS3Uri(uri);
  if (location) return location;
  throw clientError("BAD_INPUT", `${field}: got ${JSON.stringify(uri)}, expected s3://bucket/key`, { field });
}
