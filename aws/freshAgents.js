/**
 * For how long a connection may have been idle to be used again. A quarter of the shortest time after which any server in front of
 * an AWS service, or Node's own, gives an idle connection up (four to five seconds), so that what is sent meets none that is being closed.
 */
const idleMilliseconds = 1000;
/**
 * Agents that use a connection again only within a second. What is sent on a connection that its server has given up may have been
 * lost or not, which puts a call in doubt; and the timer that gives up idle connections does not fire while a process is frozen,
 * as by Lambda, or busy. So the age of each is judged at the very moment of its use, by the clock of the wall, which goes on while
 * a process is frozen, and by the process's own, which nobody puts back.
 *
 * @param maxSockets connections at a time, to each host
 */
export function freshAgents(maxSockets) {
    const http = require("node:http");
    const https = require("node:https");
    const options = { keepAlive: true, maxSockets, timeout: idleMilliseconds };
    return { httpAgent: fresh(new http.Agent(options)), httpsAgent: fresh(new https.Agent(options)) };
}
function fresh(agent) {
    const idleSince = new WeakMap();
    const isStale = (socket) => {
        const since = idleSince.get(socket);
        if (since === undefined)
            return false;
        const ages = [Date.now() - since.wall, performance.now() - since.own];
        return ages.some((age) => age < 0 || age >= idleMilliseconds);
    };
    // What an agent calls for each request, before it looks for a connection. Node names it nowhere; every agent that is not Node's own has it.
    const inner = agent;
    const { addRequest, keepSocketAlive } = inner;
    inner.addRequest = function (...given) {
        for (const sockets of Object.values(agent.freeSockets)) {
            for (const socket of [...(sockets ?? [])])
                if (isStale(socket))
                    socket.destroy();
        }
        addRequest.apply(agent, given);
    };
    inner.keepSocketAlive = function (socket) {
        idleSince.set(socket, { wall: Date.now(), own: performance.now() });
        return keepSocketAlive.call(agent, socket);
    };
    return agent;
}
