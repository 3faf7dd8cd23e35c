import { Option } from "commander";
import { once } from "node:events";
import { priceOf } from "../../components/prices";
import { version } from "../../client/version";
import { requirePackages } from "../optionalPackages";
import { handlerLogGroups } from "../logGroups";
import { integer } from "../options";
import { failure } from "../failure";
import { addCommand, addCommonOptions, withService } from "../session";
/** What the page reads with, besides what the client needs. */
const packages = [
  "@aws-sdk/client-sagemaker",
  "@aws-sdk/client-cloudwatch",
  "@aws-sdk/client-cloudwatch-logs",
  "@aws-sdk/client-application-auto-scaling",
];
/** `sagemaker-async ui` */
export function addUi(program, session) {
  const command = addCommand(
    program,
    "ui",
    "Serve a live page over the service on 127.0.0.1 until Ctrl-C: jobs, scaling, alarms, dead letters. It reads with what grantExplain " +
      "gives; cancel, submit and redrive need what those commands need.",
    ["sagemaker-async ui --stack prod", "sagemaker-async ui --outputs outputs.json --port 8080"],
  ).addOption(new Option("--port <number>", "port on 127.0.0.1; 0 picks a free one").default(4580).argParser(integer(0, 65_535)));
  return addCommonOptions(command, { target: true }).action(async (options) => {
    requirePackages("ui", packages);
    await withService(session, options, async ({ target, aws }) => {
      const { consoleKey, pageDirectory, shownService, startConsole } = await import("../../console/server/index.js");
      const { outputs } = target;
      const name = options.stack ?? outputs.endpointName;
      const handlers = () => handlerLogGroups(outputs, aws);
      const service = shownService({ name, outputs, aws, pricePerHourUsd: priceOf, handlerLogGroups: handlers });
      const show = (address) => session.output.show({ address }, (paint) => `The page: ${paint("bold", address)}`);
      try {
        const console_ = await startConsole({
          services: () => [service],
          port: options.port,
          key: consoleKey(session.environment),
          pageDirectory: pageDirectory(),
          version,
          onAddressUsed: (next) => session.output.note(`That address was used. For another browser: ${next}`),
        }).catch((error) => {
          if (error.code !== "EADDRINUSE") throw error;
          throw failure("CONFLICT", `port ${options.port} is in use`, "Name another one with --port, or --port 0 for any free one.", error);
        });
        show(console_.address);
        session.output.note(`Serving ${name} until Ctrl-C.`);
        if (!session.signal.aborted) await once(session.signal, "abort");
        await console_.close();
      } finally {
        await service.client.close();
      }
    });
  });
}
