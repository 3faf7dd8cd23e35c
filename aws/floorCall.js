import { isLookedAfter } from "../core/floor/floor";
import { floorKey } from "../core/records/items";
import { remembered } from "../core/remembered";
/** How long the floor function may keep a job from being invoked. */
const callTimeoutMilliseconds = 10_000;
/**
 * For how long a caller that submits many jobs goes by one reading of a floor that is up. The floor function waits for longer before it
 * lets go of instances: see `settleSeconds` in core/floor/floor.ts.
 */
const rememberedSeconds = 5;
/**
 * The floor as a submitter uses it. A failure is logged and costs only time.
 *
 * IAM, exactly: `lambda:InvokeFunction` on the floor function, `dynamodb:GetItem` on the job table
 *
 * @param functionName name or ARN
 * @param lambda asked for when the floor isn't up
 */
export function floorCall({ jobs, clock, log }, functionName, lambda) {
    const lets = (floor) => isLookedAfter(floor, clock.now()) && floor?.drain === undefined;
    const read = remembered(clock, rememberedSeconds, () => jobs.get(floorKey), lets);
    return {
        async isUp() {
            try {
                return lets(await read());
            }
            catch (error) {
                log({ level: "warn", message: "floor not read", reason: error.name });
                return false;
            }
        },
        async hold() {
            try {
                const floor = await read();
                if (isLookedAfter(floor, clock.now()))
                    return floor?.drain?.since;
                const { library, client } = lambda();
                const call = new library.InvokeCommand({ FunctionName: functionName, Payload: '{"hold":true}' });
                await client.send(call, { abortSignal: AbortSignal.timeout(callTimeoutMilliseconds) });
            }
            catch (error) {
                log({ level: "warn", message: "floor not raised", reason: error.name });
            }
            return undefined;
        },
    };
}
