import { isTerminal } from "../../core/records/job";
import { heldSince } from "../../core/floor/floor";
import { isCredentialError } from "../errors";
import { explainStatement } from "./permissions";
import { later } from "./text";
/**
 * Reads what explains a job: of an ended one its objects, of an open one also the endpoint and all around it. A source that
 * can't be read is noted, and the others are read all the same.
 */
export async function gatherFacts(sources, jobId, locations) {
    const { service, record: readRecord } = sources;
    const reader = new Reader(sources);
    const record = readRecord && (await reader.read("record", () => readRecord(jobId)));
    const known = {
        jobId,
        now: sources.now(),
        endpointName: service.endpointName,
        hasTable: readRecord !== undefined,
        ...(locations === undefined ? {} : { locations }),
        ...(record === undefined ? {} : { record }),
        unreadable: reader.unreadable,
    };
    if (record !== undefined && record !== "missing")
        return { ...known, ...(await aroundRecord(reader, record)) };
    if (locations !== undefined)
        return { ...known, ...(await aroundLocations(reader, locations)) };
    return known;
}
async function aroundRecord(reader, record) {
    const output = () => reader.object("output", record.outputLocation ?? record.expectedOutputLocation);
    const failure = () => reader.failure(record.failureLocation);
    const input = async () => (record.inputInCall === true ? {} : reader.object("input", record.inputLocation));
    const since = record.createdAt;
    const containerLog = () => reader.containerLog(record.inferenceId, since);
    if (record.state === "COMPLETED")
        return output();
    if (record.state === "FAILED") {
        if (record.error?.code === "IN_DOUBT")
            return together(output(), containerLog());
        if (record.error?.code === "NOT_FOUND")
            return together(input(), containerLog());
        return together(failure(), containerLog());
    }
    if (isTerminal(record.state))
        return {};
    if (record.state === "ACCEPTED")
        return together(input(), reader.heldSince());
    if (record.state === "INVOKING")
        return together(output(), ...(record.refusal === undefined ? [] : [reader.endpoint()]));
    const expiresAt = later(record.submittedAt ?? record.createdAt, record.requestTtlSeconds);
    return together(input(), output(), failure(), containerLog(), reader.resultLog(record.jobId, since), reader.deadLetters(), reader.serviceState(expiresAt));
}
async function aroundLocations(reader, locations) {
    const objects = await together(reader.object("output", locations.outputLocation), reader.failure(locations.failureLocation));
    const ended = [objects.output, objects.failure].some((object) => object !== undefined && object !== "missing");
    return ended ? objects : { ...objects, ...(await reader.serviceState()) };
}
async function together(...parts) {
    return Object.assign({}, ...(await Promise.all(parts)));
}
/** Reads single sources, and notes those that can't be read. */
class Reader {
    sources;
    unreadable = [];
    constructor(sources) {
        this.sources = sources;
    }
    async read(source, call, configName) {
        try {
            return await call();
        }
        catch (error) {
            this.unreadable.push(unreadable(this.sources.service, source, error, configName));
            // By source and not by which was faster: the same facts, the same explanation.
            this.unreadable.sort((a, b) => (a.source < b.source ? -1 : 1));
            return undefined;
        }
    }
    async heldSince() {
        const { record, now } = this.sources;
        if (record === undefined)
            return {};
        const get = async (key) => {
            const item = await record(key);
            return item === "missing" ? undefined : item;
        };
        return fact("heldSince", await this.read("record", () => heldSince({ jobs: { get }, clock: { now } })));
    }
    async object(source, location) {
        // An input may be at an https:// address, which nobody but the endpoint needs to reach.
        if (location === undefined || !location.startsWith("s3://"))
            return {};
        return fact(source, await this.read(source, () => this.sources.object(location)));
    }
    async failure(location) {
        if (location === undefined)
            return {};
        return fact("failure", await this.read("failure", () => this.sources.failure(location)));
    }
    async containerLog(inferenceId, since) {
        if (inferenceId === undefined)
            return {};
        return fact("containerLog", await this.read("containerLog", () => this.sources.containerLog(inferenceId, since)));
    }
    async resultLog(jobId, since) {
        const { resultLog } = this.sources;
        return resultLog === undefined ? {} : fact("resultLog", await this.read("resultLog", () => resultLog(jobId, since)));
    }
    async deadLetters() {
        const { deadLetters } = this.sources;
        return deadLetters === undefined ? {} : fact("deadLetters", await this.read("deadLetters", () => deadLetters()));
    }
    async endpoint() {
        const described = await this.read("endpoint", () => this.sources.endpoint());
        if (described === undefined || described === "missing")
            return fact("endpoint", described);
        const { variantName: _, ...endpoint } = described;
        return { endpoint: endpoint };
    }
    /** The endpoint and all that tells when it runs something. */
    async serviceState(expiresAt) {
        const described = await this.read("endpoint", () => this.sources.endpoint());
        if (described === "missing")
            return { endpoint: described };
        const { variantName, ...endpoint } = described ?? {};
        const configName = described?.configName;
        const [endpointConfig, scaling, metrics, alarms] = await Promise.all([
            configName === undefined ? undefined : this.read("endpointConfig", () => this.sources.endpointConfig(configName), configName),
            variantName === undefined ? undefined : this.read("scaling", () => this.sources.scaling(variantName)),
            this.read("metrics", () => this.sources.metrics({ ...(variantName === undefined ? {} : { variantName }), ...(expiresAt === undefined ? {} : { expiresAt }) })),
            this.read("alarms", () => this.sources.alarms()),
        ]);
        return {
            ...(described === undefined ? {} : { endpoint: endpoint }),
            ...fact("endpointConfig", endpointConfig),
            ...fact("scaling", scaling),
            ...fact("metrics", metrics),
            ...fact("alarms", alarms),
        };
    }
}
function fact(name, value) {
    return value === undefined ? {} : { [name]: value };
}
/** A source that could not be read, with the statement that lets it be where a permission is missing. */
export function unreadable(service, source, error, configName) {
    const missing = isCredentialError(error)
        ? { credentials: true }
        : isDenied(error)
            ? { statement: explainStatement(service, source, configName) }
            : {};
    return { source, reason: reasonOf(error), ...missing };
}
/** Whether a permission is missing. */
function isDenied(error) {
    const { name = "", message = "", $metadata, } = (error ?? {});
    return ($metadata?.httpStatusCode === 403 || /AccessDenied|NotAuthorized|Forbidden/i.test(name) || /is not authorized to perform/.test(message));
}
function reasonOf(error) {
    const { name, message: words } = error instanceof Error ? error : { name: "Error", message: String(error) };
    // An AggregateError of the network has a code and no words.
    const message = words === "" ? (error.code ?? "") : words;
    // HeadObject's refusals have no body, and the SDK no words for them.
    return (message === "" || message === "UnknownError" ? `${name}: refused without a reason` : `${name}: ${message}`).slice(0, 500);
}
