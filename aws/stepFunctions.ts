import type { Log, Tasks } from "../core/ports";

type Library = typeof import("@aws-sdk/client-sfn");
type Client = import("@aws-sdk/client-sfn").SFNClient;

/**
 * Tasks of Step Functions that wait for a job by their token.
 *
 * @param load loads `@aws-sdk/client-sfn` and makes a client, with the first call
 */
export function stepFunctionsTasks(load: () => { library: Library; client: Client }, log: Log): Tasks {
  let loaded: { library: Library; client: Client } | undefined;
  const send = async (call: (known: { library: Library; client: Client }) => Promise<unknown>): Promise<void> => {
    loaded ??= load();
    try {
      await call(loaded);
    } catch (error) {
      const { name } = error as Error;
      // Answered before, timed out, or its execution has been stopped: nobody waits.
      if (name !== "TaskTimedOut" && name !== "TaskDoesNotExist" && name !== "InvalidToken") throw error;
      log({ level: "info", message: "no task waits", code: name });
    }
  };
  return {
    succeed: (taskToken, output) =>
      send(({ library, client }) => client.send(new library.SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }))),
    fail: (taskToken, { error, cause }) =>
      send(({ library, client }) => client.send(new library.SendTaskFailureCommand({ taskToken, error, cause }))),
    beat: (taskToken) => send(({ library, client }) => client.send(new library.SendTaskHeartbeatCommand({ taskToken }))),
  };
}
