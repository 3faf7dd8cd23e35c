import { pulumiRuntime } from "./pulumi";
/**
 * Runs a program against mocks until all that it registers has been registered.
 *
 * A broken closure and a rejected Output surface as unhandled rejections only, one turn after the engine disconnects: the first of
 * them is thrown. The test runner does not get those of the program's time.
 *
 * @param prepare runs in the stack, before the program
 * @returns the program's outputs, resolved
 */
export async function runProgram(program, mocks, options = {}, prepare = () => undefined) {
    const { project = "project", stack = "test", config = {}, secrets = [] } = options;
    const runtime = pulumiRuntime();
    await runtime.setMocks(mocks, project, stack);
    runtime.setAllConfig(config, secrets);
    const rejections = takeOverRejections();
    try {
        const outputs = await runtime.runInPulumiStack(async () => {
            prepare();
            return program();
        });
        await runtime.disconnect();
        await new Promise(setImmediate);
        if (rejections.seen.length > 0)
            throw rejections.seen[0];
        return outputs ?? {};
    }
    catch (error) {
        // What was registered before the failure goes on; the stack's own promises fail with the program.
        await Promise.allSettled([runtime.disconnect()]);
        await new Promise(setImmediate);
        throw error;
    }
    finally {
        rejections.giveBack();
        runtime.setAllConfig({});
    }
}
function takeOverRejections() {
    const others = process.listeners("unhandledRejection");
    const seen = [];
    const see = (reason) => void seen.push(reason);
    process.removeAllListeners("unhandledRejection").on("unhandledRejection", see);
    return {
        seen,
        giveBack: () => {
            process.removeListener("unhandledRejection", see);
            for (const other of others)
                process.on("unhandledRejection", other);
        },
    };
}
