import { floorKey, isLookedAfter, type Floor } from "../core/pin";
import type { Clock, JobPorts } from "../core/ports";

/** How long the floor function may keep a job from being invoked. */
const callTimeoutMilliseconds = 10_000;

/** Lambda, as far as it is used here. */
export interface LambdaService {
  library: Pick<typeof import("@aws-sdk/client-lambda"), "InvokeCommand">;
  client: Pick<import("@aws-sdk/client-lambda").LambdaClient, "send">;
}

/**
 * Has the floor function raise the floor, unless it is up. What fails is logged and nobody's loss but time's.
 * Resolves to the time since which new jobs are held; undefined: they may be invoked.
 *
 * IAM, exactly: `lambda:InvokeFunction` on the floor function, `dynamodb:GetItem` on the job table
 *
 * @param functionName name or ARN
 * @param lambda asked for when the floor isn't up
 */
export function floorCall(
  { jobs, clock, log }: Pick<JobPorts, "jobs" | "log"> & { clock: Pick<Clock, "now"> },
  functionName: string,
  lambda: () => LambdaService,
): () => Promise<string | undefined> {
  return async () => {
    try {
      const floor = (await jobs.get(floorKey)) as unknown as Floor | undefined;
      if (isLookedAfter(floor, clock.now())) return floor?.drain?.since;
      const { library, client } = lambda();
      const call = new library.InvokeCommand({ FunctionName: functionName, Payload: '{"hold":true}' });
      await client.send(call, { abortSignal: AbortSignal.timeout(callTimeoutMilliseconds) });
    } catch (error) {
      log({ level: "warn", message: "floor not raised", reason: (error as Error).name });
    }
    return undefined;
  };
}
