import { readS3Uri } from "../../core/records/s3Uri";
import { asyncInferenceError, clientError } from "../errors";
import { passes, pauseAfter } from "./calls";
import { Loop } from "./loop";
import { exists, list } from "./objects";
import { Waits } from "./waits";
/** Makes a {@link LocationWaiter}. It makes no call and holds no timer while nobody waits. */
export function createLocationWaiter(dependencies) {
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
class ObjectWaiter {
    dependencies;
    waits;
    watched = new Map();
    prefixes;
    /** Buckets that are known to exist. */
    found = new Set();
    rounds;
    interval;
    failures = 0;
    startedAt = -Infinity;
    constructor(dependencies) {
        this.dependencies = dependencies;
        const { clock, pollIntervalSeconds, prefixes = [] } = dependencies;
        this.interval = pollIntervalSeconds * 1000;
        this.prefixes = prefixes.map((uri) => ({ ...locationOf("prefixes", uri), listableAt: 0 }));
        this.waits = new Waits(clock, (uri) => `the result at ${uri}`, () => ({}), (uri) => this.leave(uri), dependencies.log);
        this.rounds = new Loop(clock, (signal) => this.round(signal));
    }
    async wait({ outputLocation, failureLocation }, patience) {
        const output = this.place("outputLocation", outputLocation);
        const failure = failureLocation === undefined ? undefined : this.place("failureLocation", failureLocation);
        const end = this.waits.add(outputLocation, patience);
        if (this.waits.has(outputLocation))
            this.watch(output, failure);
        return end;
    }
    close() {
        this.waits.close();
    }
    watch(output, failure) {
        const now = this.dependencies.clock.now();
        const watched = this.watched.get(output.uri) ?? { output, failure, since: now, dueAt: now };
        watched.failure ??= failure;
        this.watched.set(output.uri, watched);
        this.rounds.within(Math.max(0, this.startedAt + this.interval - now));
    }
    leave(uri) {
        this.watched.delete(uri);
        if (this.watched.size > 0)
            return;
        this.rounds.stop();
        this.waits.trouble = undefined;
    }
    place(field, uri) {
        const location = locationOf(field, uri);
        const prefix = this.prefixes.find(({ bucket, key }) => bucket === location.bucket && location.key.startsWith(key));
        return { ...location, uri, prefix };
    }
    /** One round over the jobs that are due. */
    async round(signal) {
        const { clock } = this.dependencies;
        this.startedAt = clock.now();
        // What is nearly due comes along, so that jobs fall into step.
        const due = [...this.watched.values()].filter(({ dueAt }) => dueAt <= this.startedAt + this.interval / 2);
        let troubled = false;
        const attempt = async (about, work) => {
            try {
                await work();
            }
            catch (thrown) {
                if (signal.aborted)
                    return;
                const error = asyncInferenceError(thrown);
                if (!passes(error))
                    return about.forEach(({ output }) => this.waits.reject(output.uri, error));
                this.waits.trouble = error;
                troubled = true;
            }
        };
        const listings = new Map();
        await Promise.all(this.toList(due).map(([prefix, about]) => attempt(about, () => this.list(prefix, about, listings, signal))));
        const known = ({ key, prefix }) => {
            const listing = prefix === undefined ? undefined : listings.get(prefix);
            if (listing?.keys.has(key))
                return true;
            return listing === undefined || (listing.upTo !== undefined && key > listing.upTo) ? undefined : false;
        };
        // A listing tells of more than what is due.
        const told = [...this.watched.values()].filter((one) => due.includes(one) || known(one.output) === true);
        for (const bucket of new Set(told.map(({ output }) => output.bucket))) {
            const inIt = told.filter(({ output }) => output.bucket === bucket);
            const [first] = inIt;
            if (first && !this.found.has(bucket))
                await attempt(inIt, () => this.find(first.output, signal));
        }
        const checks = told.map((one) => () => attempt([one], () => this.check(one, known, signal)));
        await Promise.all(Array.from({ length: concurrentChecks }, () => drain(checks, signal)));
        if (signal.aborted)
            return Infinity;
        this.failures = troubled ? this.failures + 1 : 0;
        if (troubled)
            return pauseAfter(this.failures, this.interval);
        this.waits.trouble = undefined;
        const next = [...this.watched.values()].reduce((least, { dueAt }) => Math.min(least, dueAt), Infinity);
        return Math.max(this.startedAt + this.interval, next) - clock.now();
    }
    /** Prefixes below which several objects are asked for. */
    toList(due) {
        return this.prefixes.flatMap((prefix) => {
            if (prefix.listableAt > this.startedAt)
                return [];
            const about = due.filter(({ output, failure }) => output.prefix === prefix || failure?.prefix === prefix);
            return about.length < 2 ? [] : [[prefix, about]];
        });
    }
    async list(prefix, about, listings, signal) {
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
        if (listing.upTo !== undefined)
            prefix.listableAt = this.startedAt + detourMilliseconds;
    }
    /** @throws AsyncInferenceError when there is no such bucket, which asking for one object would not tell */
    async find({ bucket, key }, signal) {
        await list(this.dependencies, bucket, { prefix: key, pages: 1 }, signal);
        this.found.add(bucket);
    }
    /** Looks at both objects of a job, and tells who waits for it. */
    async check(one, known, signal) {
        const { output, failure } = one;
        if (!this.watched.has(output.uri))
            return;
        const is = async (place) => known(place) ?? (await exists(this.dependencies, place, signal));
        const [completed, failed] = await Promise.allSettled([is(output), failure === undefined ? false : is(failure)]);
        if (completed.status === "fulfilled" && completed.value)
            return this.end(one, "completed", output);
        for (const side of [completed, failed])
            if (side.status === "rejected")
                throw side.reason;
        if (failed.status === "fulfilled" && failed.value && failure !== undefined) {
            // The result may have come before the error object did, and yet after it was asked for.
            if (await exists(this.dependencies, output, signal))
                return this.end(one, "completed", output);
            return this.end(one, "failed", failure);
        }
        const now = this.dependencies.clock.now();
        const listed = known(output) !== undefined && (failure === undefined || known(failure) !== undefined);
        const pause = (now - one.since) * (listed ? listedShare : ownShare);
        one.dueAt = now + Math.max(this.interval, Math.min(pause, longestPauseMilliseconds));
    }
    end({ output }, kind, { uri }) {
        this.waits.resolve(output.uri, { kind, location: uri });
    }
}
/** Works off a list that others work off too. */
async function drain(work, signal) {
    for (let next = work.shift(); next !== undefined && !signal.aborted; next = work.shift())
        await next();
}
/** As S3 sorts. */
function byCodePoint(a, b) {
    return a < b ? -1 : a > b ? 1 : 0;
}
function locationOf(field, uri) {
    const location = readS3Uri(uri);
    if (location)
        return location;
    throw clientError("BAD_INPUT", `${field}: got ${JSON.stringify(uri)}, expected s3://bucket/key`, { field });
}
