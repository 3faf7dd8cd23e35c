import { freePort } from "../../processes/ports";

/**
 * What TorchServe listens on besides its port, which is fixed: on AWS each instance is a machine of its own, here they share one.
 * https://pytorch.org/serve/configuration.html
 */
const sidePorts = {
  TS_METRICS_ADDRESS: (port: number) => `http://127.0.0.1:${port}`,
  TS_GRPC_INFERENCE_PORT: String,
  TS_GRPC_MANAGEMENT_PORT: String,
};

/** Variables that give an instance ports of its own; those that the user has set stay. */
export async function sidePortVariables(environment: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(sidePorts)) {
    if (environment[name] === undefined) variables[name] = value(await freePort());
  }
  return variables;
}
