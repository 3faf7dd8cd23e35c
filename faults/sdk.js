import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { refusalOf } from "../local/faults/refusals";
const load = createRequire(__filename);
/** An error in the shape in which the SDK throws it. */
export function serviceError(name, message, httpStatusCode) {
    return Object.assign(new Error(message), { name, $fault: httpStatusCode < 500 ? "client" : "server", $metadata: { httpStatusCode } });
}
/** A connection that broke, or a time-out: no status. */
function connectionError() {
    return Object.assign(new Error("socket hang up"), { name: "TimeoutError", code: "ECONNRESET", $metadata: {} });
}
/** What the clients of the SDK do by default. */
const defaultAttempts = 3;
const longestBackoffMilliseconds = 1000;
const siteOf = (service, operation) => {
    if (service === "dynamodb")
        return /^(Get|Query|BatchGet|Scan)/.test(operation) ? "tableRead" : "tableWrite";
    if (service === "s3")
        return "objects";
    return operation === "InvokeEndpointAsync" ? "invoke" : "otherCall";
};
/**
 * The `require` of a function: the SDK's packages over in-memory services, Node's own modules with seeded randomness.
 *
 * A call leaves, takes effect, and is answered at three different times, between which anything else may happen.
 */
export function sdkFor(caller, ports) {
    const { random } = ports.scheduler;
    return (name) => {
        const service = /^@aws-sdk\/client-(.+)$/.exec(name)?.[1];
        if (service !== undefined)
            return sdkPackage((_client, options) => new Client(service, options, caller, ports));
        if (name === "@aws-sdk/lib-dynamodb") {
            return Object.assign(sdkPackage(() => undefined), { DynamoDBDocumentClient: { from: (client) => client } });
        }
        if (name === "node:crypto" || name === "crypto") {
            const randomBytes = (count) => Buffer.from(Array.from({ length: count }, () => random.integer(0, 255)));
            return { createHash, randomBytes, randomUUID: () => randomBytes(16).toString("hex") };
        }
        // Agents, which nothing here connects with.
        if (name === "node:http" || name === "node:https")
            return load(name);
        throw new Error(`The simulator has no module ${name}`);
    };
}
/** A package whose names are clients and commands. */
function sdkPackage(makeClient) {
    const command = (operation) => class {
        input;
        operation = operation;
        steps = [];
        middlewareStack = { add: (step) => void this.steps.push(step) };
        constructor(input) {
            this.input = input;
        }
    };
    return new Proxy({}, {
        get(made, name) {
            if (typeof name !== "string")
                return undefined;
            if (name in made)
                return made[name];
            if (name.endsWith("Command"))
                return (made[name] = command(name.slice(0, -"Command".length)));
            if (!name.endsWith("Client"))
                throw new Error(`The simulator has no ${name}`);
            // A constructor that returns an object: what `new` then gives.
            return (made[name] = function (options = {}) {
                return makeClient(name, options);
            });
        },
    });
}
/** How far a signature's time may be off. */
const signatureMilliseconds = 300_000;
/** From which correction of its clock on the SDK takes a refusal for one that the correction mends. */
const correctedMilliseconds = 240_000;
class Client {
    service;
    options;
    caller;
    ports;
    /** What an SDK client has for programs to look at. */
    config = {};
    middlewareStack = {
        addRelativeTo: (step) => void this.around.push(step),
        remove: () => true,
    };
    around = [];
    /** By how much the SDK corrects its machine's clock for signatures. */
    clockOffset = 0;
    constructor(service, options, caller, ports) {
        this.service = service;
        this.options = options;
        this.caller = caller;
        this.ports = ports;
    }
    async send(command, { abortSignal } = {}) {
        const { scheduler } = this.ports;
        const request = { headers: {} };
        command.steps.reduceRight((next, step) => step(next), (args) => args)({ request });
        const attempts = this.options.maxAttempts ?? defaultAttempts;
        for (let tries = 1;; tries++) {
            try {
                return await this.signed(command, request, abortSignal);
            }
            catch (error) {
                if (tries === attempts || !isRetried(error))
                    throw error;
                const backoff = scheduler.random.integer(0, longestBackoffMilliseconds);
                await new Promise((resolve) => void scheduler.after(backoff, () => this.caller.alive && resolve()));
            }
        }
    }
    destroy() { }
    /** One try, whose signature's time the service looks at first; of every answer's time the SDK learns, as the real one does. */
    async signed(command, request, abortSignal) {
        const { scheduler } = this.ports;
        const now = () => this.caller.now?.() ?? scheduler.now();
        const head = () => {
            const date = new Date(scheduler.now());
            this.clockOffset = Math.floor(date.getTime() / 1000) * 1000 - now();
            return { headers: { date: date.toUTCString() } };
        };
        const send = async () => {
            try {
                if (Math.abs(now() + this.clockOffset - scheduler.now()) > signatureMilliseconds) {
                    await scheduler.sleep(scheduler.random.integer(2, 50));
                    throw serviceError("InvalidSignatureException", "Signature expired: it is more than 5 min. off", 403);
                }
                const output = await this.once(command, request, abortSignal);
                return { output, response: head() };
            }
            catch (error) {
                const { $metadata } = error;
                if ($metadata?.httpStatusCode === undefined)
                    throw error;
                const $response = head();
                if (Math.abs(this.clockOffset) >= correctedMilliseconds)
                    $metadata.clockSkewCorrected = true;
                throw Object.assign(error, { $response });
            }
        };
        const { output } = await this.around.reduceRight((next, step) => step(next), send)({});
        return output;
    }
    once({ operation, input }, request, abortSignal) {
        const { scheduler, injector, services, jobIdOf } = this.ports;
        const { service, caller } = this;
        const perform = services[service]?.[operation];
        if (!perform)
            throw new Error(`The simulator's ${service} has no ${operation}`);
        const fault = injector.next(siteOf(service, operation), jobIdOf(service, input) ?? caller.jobId);
        return new Promise((resolve, reject) => {
            const answer = (tell) => void scheduler.after(scheduler.random.integer(1, 20), () => {
                if (caller.alive)
                    tell();
            });
            abortSignal?.addEventListener("abort", () => reject(Object.assign(new Error("Request aborted"), { name: "AbortError" })));
            if (fault?.kind === "lambda-killed-before")
                return caller.kill("killed before a call");
            // A function that was killed in the meantime may have sent the request or not.
            const leaves = () => caller.alive || scheduler.random.chance(0.5);
            const delay = fault?.kind === "s3-slow" ? 20_000 : scheduler.random.integer(1, 30);
            scheduler.after(delay, () => {
                if (!leaves())
                    return;
                void take();
            });
            const take = async () => {
                const refused = fault && refusalOf(fault.kind);
                if (refused)
                    return answer(() => reject(serviceError(refused.name, refused.message, refused.status)));
                let outcome;
                try {
                    const value = await perform(input, { ...request, caller });
                    outcome = () => resolve(value);
                }
                catch (error) {
                    const thrown = error;
                    outcome = () => reject(thrown);
                }
                switch (fault?.kind) {
                    case "lambda-killed-between":
                        return caller.kill("killed before a call's answer");
                    case "lambda-timed-out":
                        return;
                    case "table-answer-lost":
                    case "invoke-answer-lost":
                        return answer(() => reject(connectionError()));
                    default:
                        return answer(outcome);
                }
            };
        });
    }
}
/** As the SDK's standard mode decides: throttling, 5xx and broken connections, not a caller's mistake. */
function isRetried(error) {
    const { name, code, $metadata } = error;
    if (name === "AbortError" || !$metadata)
        return false;
    if ($metadata.clockSkewCorrected === true)
        return true;
    const status = $metadata.httpStatusCode;
    return (code === "ECONNRESET" || (status !== undefined && status >= 500) || /^Throttling|^SlowDown|ProvisionedThroughput/.test(String(name)));
}
