import type * as pulumi from "@pulumi/pulumi";
import { pulumiRuntime } from "./pulumi";

/** Where and with which settings a program runs. */
export interface ProgramOptions {
  /** @default "project" */
  project?: string;
  /** @default "test" */
  stack?: string;
  /** Settings by their whole key, such as `my-project:maxCapacity`. @default none */
  config?: Record<string, string>;
  /** Keys of secret settings. @default none */
  secrets?: string[];
}

/**
 * Runs a program against mocks until all that it registers has been registered.
 *
 * A broken closure and a rejected Output surface as unhandled rejections only, one turn after the engine disconnects: the first of
 * them is thrown. The test runner does not get those of the program's time.
 *
 * @param prepare runs in the stack, before the program
 * @returns the program's outputs, resolved
 */
export async function runProgram(
  program: () => unknown,
  mocks: pulumi.runtime.Mocks,
  options: ProgramOptions = {},
  prepare: () => void = () => undefined,
): Promise<Record<string, unknown>> {
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
    if (rejections.seen.length > 0) throw rejections.seen[0];
    return outputs ?? {};
  } catch (error) {
    // What was registered before the failure goes on; the stack's own promises fail with the program.
    await Promise.allSettled([runtime.disconnect()]);
    await new Promise(setImmediate);
    throw error;
  } finally {
    rejections.giveBack();
    runtime.setAllConfig({});
  }
}

function takeOverRejections(): { seen: unknown[]; giveBack: () => void } {
  const others = process.listeners("unhandledRejection");
  const seen: unknown[] = [];
  const see = (reason: unknown) => void seen.push(reason);
  process.removeAllListeners("unhandledRejection").on("unhandledRejection", see);
  return {
    seen,
    giveBack: () => {
      process.removeListener("unhandledRejection", see);
      for (const other of others) process.on("unhandledRejection", other);
    },
  };
}
