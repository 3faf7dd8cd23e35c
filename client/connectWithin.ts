import type { Agent } from "node:http";
import type { Socket } from "node:net";

/** In so many beats a connection's time is counted: while the process is too busy to look, none passes. */
const beats = 5;

/** What an agent calls for each new connection. */
type CreateConnection = (...given: unknown[]) => Socket | undefined;

/**
 * Has agents give up a connection that is not made in time. The SDK's own `connectionTimeout` counts from the call on: a call that
 * waits for one of the agent's sockets, or whose process is busy, is given up by it although the service is well.
 *
 * @param milliseconds from the beginning of the connection on, in which the process looks at it five times
 */
export function connectWithin<Agents extends Record<string, Agent>>(agents: Agents, milliseconds: number): Agents {
  for (const agent of Object.values(agents)) {
    const inner = agent as unknown as { createConnection?: CreateConnection };
    const { createConnection } = inner;
    // Other runtimes than Node connect without asking their agents.
    if (typeof createConnection !== "function") continue;
    inner.createConnection = (...given) => {
      const socket = createConnection.apply(agent, given);
      if (socket?.connecting === true) giveUp(socket, milliseconds);
      return socket;
    };
  }
  return agents;
}

function giveUp(socket: Socket, milliseconds: number): void {
  let left = beats;
  const timer = setInterval(() => {
    if (--left > 0) return;
    const message = `no connection within ${milliseconds} ms`;
    // By this code the SDK tries again.
    socket.destroy(Object.assign(new Error(message), { code: "ETIMEDOUT" }));
  }, milliseconds / beats);
  const stop = () => clearInterval(timer);
  socket.once("connect", stop).once("close", stop);
}
