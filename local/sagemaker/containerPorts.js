import { createServer } from "node:net";
/**
 * Where ports for containers are taken from: multi-model-server takes none above 32766, and above them begin those that the kernel gives
 * to any connection.
 */
const firstPort = 10_000;
const lastPort = 32_000;
let next = firstPort + Math.floor(Math.random() * (lastPort - firstPort));
/** A free port of this machine that no other container of this process gets soon. */
export async function freePort() {
    for (let tries = firstPort; tries <= lastPort; tries++) {
        const port = next;
        next = next === lastPort ? firstPort : next + 1;
        if (await isFree(port))
            return port;
    }
    throw new Error(`No port from ${firstPort} to ${lastPort} is free for a container on this machine.`);
}
function isFree(port) {
    return new Promise((resolve) => {
        const server = createServer();
        server.once("error", () => resolve(false));
        server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
}
/**
 * What TorchServe listens on besides its port, which is fixed: on AWS each instance is a machine of its own, here they share one.
 * https://pytorch.org/serve/configuration.html
 */
const sidePorts = {
    TS_METRICS_ADDRESS: (port) => `http://127.0.0.1:${port}`,
    TS_GRPC_INFERENCE_PORT: String,
    TS_GRPC_MANAGEMENT_PORT: String,
};
/** Variables that give an instance ports of its own; those that the user has set stay. */
export async function sidePortVariables(environment) {
    const variables = {};
    for (const [name, value] of Object.entries(sidePorts)) {
        if (environment[name] === undefined)
            variables[name] = value(await freePort());
    }
    return variables;
}
