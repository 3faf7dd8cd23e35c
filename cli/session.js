import { Option } from "commander";
import { awsSettings, loopbackCredentials } from "./aws";
import { exitCodes } from "./exitCodes";
import { codedFrom } from "./failure";
import { addTargetOptions, findTarget } from "./target";
/** Anything thrown as a coded error; with the address, and what names it, when nothing answers there. */
export function codedIn({ target }, thrown) {
  return codedFrom(thrown, target);
}
/**
 * Starts a command: its description, and examples below its help.
 *
 * @param examples as where the command line is on the PATH; shown with `npx`, which works everywhere
 */
export function addCommand(program, usage, description, examples) {
  const lines = examples.map((example) => `  $ ${example.replace("sagemaker-async ", "npx sagemaker-async ")}`);
  return program
    .command(usage)
    .description(description)
    .addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
}
/** Ends a command: the options that every one has. */
export function addCommonOptions(command, { target }) {
  if (target) addTargetOptions(command);
  return command.optionsGroup("Form:").addOption(new Option("--json", "one JSON object a line, errors included"));
}
/** Runs `work` with the service that the options name, and closes the client behind it. */
export async function withService(session, options, work) {
  const target = await findTarget(options, session.environment);
  session.target = target;
  let made;
  const client = () => (made ??= makeClient(target, session));
  try {
    session.exitCode = (await work({ target, client, aws: awsSettings(target, session.environment) })) ?? exitCodes.done;
  } finally {
    await (await made)?.close();
  }
}
async function makeClient({ outputs, endpointUrl }, session) {
  // Help and usage errors should not wait for the SDK.
  const { SageMakerAsyncClient } = await import("../client/index.js");
  const credentials = loopbackCredentials(endpointUrl, session.environment);
  return SageMakerAsyncClient.fromStackOutputs(outputs, {
    ...(endpointUrl !== undefined && { endpointUrl }),
    ...(credentials !== undefined && { credentials }),
    logger: (line) => session.onLog?.(line),
  });
}
