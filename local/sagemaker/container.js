import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { setTimeout as wallSleep } from "node:timers/promises";
import { freePort, sidePortVariables } from "./containerPorts";
import { ConnectionError, ping, post } from "./exchange";
/** SageMaker's: a container has so long to end after SIGTERM. */
const stopGraceSeconds = 30;
/** SageMaker's: `/ping` must answer within it. */
const pingTimeoutMilliseconds = 2000;
/** How often a starting process is asked; of the wall's clock, as the process itself. */
const pingIntervalMilliseconds = 20;
/** After so many seconds without a healthy answer a starting container is told of. */
const waitingSeconds = 10;
/** How long the last lines of a killed container may take to arrive. */
const streamGraceMilliseconds = 1000;
const keptLines = 30;
/** Process groups of this process's containers: none of them outlives it. */
const groups = new Set();
process.on("exit", () => {
    for (const group of groups)
        signalGroup(group, "SIGKILL");
});
/**
 * Ends the group when file descriptor 3 is closed, which the kernel does even for a parent that was killed: the one
 * end at which no handler of ours runs.
 */
const endWithParent = "(read -r _ <&3; kill -KILL 0) >/dev/null 2>&1 & exec 3<&-\n";
/** The real thing: a child process in a group of its own, on a loopback port of its own. */
export const startProcess = async (spec, signal) => {
    const port = await freePort();
    const sidePorts = await sidePortVariables(spec.environment);
    const child = spawn(endWithParent + spec.command, {
        cwd: spec.directory,
        // A shell, because many servers take their port as an argument: `serve --port $PORT`.
        shell: true,
        // A group, because the shell's children must end with it.
        detached: true,
        env: { ...process.env, ...sidePorts, ...spec.environment, PORT: String(port), SAGEMAKER_BIND_TO_PORT: String(port) },
        stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    const group = child.pid;
    const lines = [];
    const keep = (line) => {
        lines.push(line);
        if (lines.length > keptLines)
            lines.shift();
        spec.onLine(line);
    };
    for (const stream of [child.stdout, child.stderr])
        createInterface({ input: stream }).on("line", keep);
    const exited = new Promise((resolve) => {
        child.once("error", (error) => resolve(`could not be started: ${error.message}`));
        child.once("exit", (code, by) => resolve(by ? `ended by ${by}` : `ended with exit code ${code}`));
    });
    // A model that ended by itself takes along what it has started.
    child.once("exit", () => child.stdio[3]?.destroy());
    // "close" comes when every process that could print has ended, the shell's children too.
    const gone = new Promise((resolve) => {
        child.once("error", () => resolve());
        child.once("close", () => resolve());
    });
    if (group !== undefined) {
        groups.add(group);
        void exited.then(async () => {
            const timer = spec.clock.setTimeout(() => signalGroup(group, "SIGKILL"), stopGraceSeconds * 1000);
            await gone;
            spec.clock.clearTimeout(timer);
            groups.delete(group);
        });
    }
    const kill = async () => {
        if (group !== undefined)
            signalGroup(group, "SIGKILL");
        // A child that left the group may hold the streams open; it is not waited for.
        await Promise.race([gone, exited.then(() => wallSleep(streamGraceMilliseconds, undefined, { ref: false }))]);
        for (const stream of [child.stdout, child.stderr])
            stream?.destroy();
    };
    const stop = () => {
        if (group !== undefined)
            signalGroup(group, "SIGTERM");
        return new Promise((resolve) => {
            const timer = spec.clock.setTimeout(() => void kill().then(resolve), stopGraceSeconds * 1000);
            void gone.then(() => {
                spec.clock.clearTimeout(timer);
                resolve();
            });
        });
    };
    const told = (problem) => `The container (\`${spec.command}\`) ${problem}. ${lines.length > 0 ? `Its last lines:\n${lines.join("\n")}` : "It printed nothing."}`;
    const problem = await ready(port, spec, exited, signal, told);
    if (problem !== undefined) {
        await kill();
        throw new Error(told(problem));
    }
    return {
        exited,
        stop,
        kill,
        ping: () => pingProblem(port, signal),
        invoke: async (request, abort) => {
            try {
                return await post(port, request, abort);
            }
            catch (error) {
                // Only one that is still there has hung up on purpose.
                if (error instanceof ConnectionError && !error.wasSent && (await isGone(port)))
                    throw new ConnectionError(error.message);
                throw error;
            }
        },
    };
};
/** Whether nothing listens any more. */
async function isGone(port) {
    const answer = await ping(port, AbortSignal.timeout(pingTimeoutMilliseconds));
    return answer instanceof Error && ["ECONNREFUSED", "ECONNRESET"].includes(answer.code ?? "");
}
async function pingProblem(port, signal) {
    const answer = await ping(port, AbortSignal.any([signal, AbortSignal.timeout(pingTimeoutMilliseconds)]));
    if (answer === 200)
        return undefined;
    if (typeof answer === "number")
        return { what: `answered GET /ping with ${answer}`, isLate: false };
    if (answer.code === "ECONNREFUSED") {
        return { what: `does not listen on the port in PORT (${port}) at 127.0.0.1`, isLate: false };
    }
    return answer.name === "AbortError"
        ? { what: `did not answer GET /ping within ${pingTimeoutMilliseconds / 1000} s`, isLate: true }
        : { what: `broke off GET /ping (${answer.message})`, isLate: false };
}
/** Undefined once `/ping` answers 200, else what is wrong. */
async function ready(port, spec, exited, signal, told) {
    const { clock, startupTimeoutSeconds, onWaiting } = spec;
    const over = new AbortController();
    let problem;
    let seen;
    const end = (reason) => {
        problem ??= reason;
        over.abort();
    };
    // A process does not start faster because the clock runs faster.
    const after = (seconds, callback) => clock.setTimeout(callback, seconds * 1000 * Math.max(1, clock.speed));
    const timers = [
        after(startupTimeoutSeconds, () => end(`did not answer GET /ping with 200 within ${startupTimeoutSeconds} s`)),
        after(waitingSeconds, () => {
            onWaiting?.(`${told(`${seen ?? "has not been asked yet"} and is waited for, for up to ${startupTimeoutSeconds} s`)}`);
        }),
    ];
    const abort = () => end("was not needed any more");
    if (signal.aborted)
        abort();
    signal.addEventListener("abort", abort);
    void exited.then((reason) => end(`${reason} before it answered GET /ping`));
    try {
        while (problem === undefined) {
            const found = await pingProblem(port, over.signal);
            if (found === undefined)
                return problem;
            seen = found.what;
            await wallSleep(pingIntervalMilliseconds, undefined, { signal: over.signal }).catch(() => undefined);
        }
        return problem;
    }
    finally {
        for (const timer of timers)
            clock.clearTimeout(timer);
        signal.removeEventListener("abort", abort);
    }
}
function signalGroup(group, signal) {
    try {
        process.kill(-group, signal);
    }
    catch (error) {
        // It has ended already. (macOS says EPERM while the ended ones have not been collected.)
        if (!["ESRCH", "EPERM"].includes(error.code ?? ""))
            throw error;
    }
}
export { ConnectionError, ContractError } from "./exchange";
