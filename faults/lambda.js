import { dateOf } from "../local/date";
import { jobIdIn } from "../local/faults/jobOf";
import { sdkFor, serviceError } from "./sdk";
/** Waits before the second and the third try of an asynchronous event. */
const retryDelaysMilliseconds = [60_000, 120_000];
/** How long a throttled event waits, and for how long events are kept. */
const throttlePauseMilliseconds = 30_000;
/** What an archive may read of its surroundings; everything else is the language's own. */
const globalNames = ["process", "console", "Date", "Math", "setTimeout", "clearTimeout", "AbortSignal"];
const compiled = new Map();
function compile(text) {
    const known = compiled.get(text);
    if (known)
        return known;
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- what is evaluated is what Pulumi uploads
    const made = new Function("exports", "require", "module", ...globalNames, text);
    compiled.set(text, made);
    return made;
}
/** One sandbox of one function, which handles one event at a time until it is killed. */
class Environment {
    definition;
    handler;
    alive = true;
    jobId;
    onKilled;
    constructor(definition, ports) {
        this.definition = definition;
        const { scheduler } = ports;
        const skew = ports.skewOf(definition.name);
        const now = () => scheduler.now() + skew;
        const timeout = (run, milliseconds = 0) => scheduler.after(milliseconds, () => this.alive && run());
        const globals = {
            process: { env: { ...definition.environment } },
            console: Object.fromEntries(["log", "info", "warn", "error"].map((name) => [name, (line) => ports.log(definition.name, line)])),
            Date: dateOf(now),
            Math: mathOf(scheduler),
            setTimeout: timeout,
            clearTimeout: (timer) => timer && (timer.cancelled = true),
            AbortSignal: {
                timeout(milliseconds) {
                    const controller = new AbortController();
                    timeout(() => controller.abort(), milliseconds);
                    return controller.signal;
                },
            },
        };
        const module = { exports: {} };
        const load = sdkFor(this, ports.sdk);
        compile(definition.text)(module.exports, load, module, ...globalNames.map((name) => globals[name]));
        this.handler = module.exports.handler;
    }
    get functionName() {
        return this.definition.name;
    }
    kill(reason) {
        if (!this.alive)
            return;
        this.alive = false;
        this.onKilled?.(reason);
    }
}
/** Lambda: warm and cold environments, time-outs, retries and destinations. */
export class LambdaDouble {
    functions;
    ports;
    idle = new Map();
    /** Environments whose code is to be thrown away once their event is done. */
    outdated = new WeakSet();
    busy = new Set();
    byArn;
    /** Asynchronous events that are still being tried. */
    underWay = 0;
    constructor(functions, ports) {
        this.functions = functions;
        this.ports = ports;
        this.byArn = new Map(functions.map((definition) => [definition.arn, definition]));
    }
    /** Lambda's own API, as functions and operators call it. */
    operations = {
        Invoke: async (input) => {
            const name = String(input["FunctionName"]).split(":").at(-1);
            const definition = this.functions.find(({ arn }) => arn.endsWith(`:${name}`));
            if (!definition)
                throw serviceError("ResourceNotFoundException", `Function not found: ${name}`, 404);
            const event = JSON.parse(String(input["Payload"]));
            if (input["InvocationType"] === "Event") {
                this.accept(definition.arn, event);
                return { StatusCode: 202 };
            }
            const outcome = await this.invoke(definition, event);
            if (!outcome)
                throw serviceError("TooManyRequestsException", "Rate Exceeded.", 429);
            return { StatusCode: 200, ...(outcome.failed ? { FunctionError: "Unhandled" } : {}), Payload: JSON.stringify(outcome.payload) };
        },
    };
    /** Invokes and waits. Undefined when Lambda refuses. */
    async invoke(definition, event) {
        const fault = this.ports.injector.next("invocation", jobIdIn(JSON.stringify(event)));
        if (fault?.kind === "lambda-throttled")
            return undefined;
        return this.run(definition, event, fault?.kind === "lambda-killed-after");
    }
    /** Takes an event and tries it until it succeeds or is given up. */
    accept(functionArn, event) {
        const definition = this.byArn.get(functionArn);
        if (!definition)
            throw new Error(`no function ${functionArn}`);
        this.underWay += 1;
        void this.deliver(definition, event).finally(() => {
            this.underWay -= 1;
        });
    }
    /** New code: what runs ends as it is, the next event meets a new environment. */
    replaceAll() {
        this.idle.clear();
        for (const environment of this.busy)
            this.outdated.add(environment);
    }
    async deliver(definition, event) {
        const { scheduler } = this.ports;
        for (let tries = 1;;) {
            const outcome = await this.invoke(definition, event);
            if (outcome === undefined) {
                // Throttling takes none of the tries.
                await scheduler.sleep(throttlePauseMilliseconds);
                continue;
            }
            if (!outcome.failed)
                return;
            if (tries > definition.maximumRetryAttempts) {
                if (definition.onFailureArn === undefined)
                    return;
                const requestContext = { functionArn: `${definition.arn}:$LATEST`, condition: "RetriesExhausted", approximateInvokeCount: tries };
                const document = { version: "1.0", requestContext, requestPayload: event, responsePayload: outcome.payload };
                return this.ports.deadLetter(definition.onFailureArn, document);
            }
            await scheduler.sleep(retryDelaysMilliseconds[tries - 1] ?? 0);
            tries += 1;
        }
    }
    run(definition, event, killedAfter) {
        const { scheduler } = this.ports;
        const environment = this.idle.get(definition.name)?.pop() ?? new Environment(definition, this.ports);
        this.busy.add(environment);
        environment.jobId = jobIdIn(JSON.stringify(event));
        const deadline = scheduler.now() + definition.timeoutSeconds * 1000;
        return new Promise((resolve) => {
            const end = (failed, payload) => {
                timer.cancelled = true;
                this.busy.delete(environment);
                environment.onKilled = undefined;
                if (environment.alive && !this.outdated.has(environment))
                    this.keep(environment);
                resolve({ failed, payload });
            };
            const failedBy = (errorMessage, errorType = "Error") => end(true, { errorType, errorMessage });
            const timer = scheduler.after(definition.timeoutSeconds * 1000, () => environment.kill(`Task timed out after ${definition.timeoutSeconds}.00 seconds`));
            environment.onKilled = (reason) => failedBy(reason, "Runtime.ExitError");
            const context = { getRemainingTimeInMillis: () => deadline - scheduler.now() };
            // A function gets a copy, as over the wire, and its answer is one.
            const answered = (async () => environment.handler(JSON.parse(JSON.stringify(event)), context))();
            answered.then((value) => {
                if (!environment.alive)
                    return;
                if (killedAfter)
                    environment.kill("killed after its work");
                else
                    end(false, value === undefined ? null : JSON.parse(JSON.stringify(value)));
            }, (error) => {
                if (environment.alive)
                    failedBy(error instanceof Error ? error.message : String(error));
            });
        });
    }
    keep(environment) {
        const { name } = environment.definition;
        const warm = this.idle.get(name) ?? [];
        this.idle.set(name, warm);
        warm.push(environment);
    }
}
function mathOf(scheduler) {
    return Object.create(Math, { random: { value: () => scheduler.random.next() } });
}
