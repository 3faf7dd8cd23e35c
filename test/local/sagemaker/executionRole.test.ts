import { expect } from "chai";
import { requireNotifiable } from "../../../local/sagemaker/executionRole";
import { RoleClients } from "../../../local/sagemaker/roleClients";
import type { CloudContext } from "../../../local/ports";

describe("the execution role's own clients", () => {
  const context = {
    endpointUrl: "http://127.0.0.1:4566",
    region: "us-east-1",
    access: { requireIdentityPolicy: () => undefined },
    credentialsFor: () => ({ accessKeyId: "test", secretAccessKey: "test" }),
  } as unknown as CloudContext;

  it("reach the cloud whatever the environment says of AWS's own addresses: deployments failed by that, for the role's permissions", async () => {
    const saved = process.env["AWS_USE_FIPS_ENDPOINT"];
    process.env["AWS_USE_FIPS_ENDPOINT"] = "true";
    const clients = new RoleClients(context);
    try {
      const { s3, sns } = clients.as("arn:aws:iam::000000000000:role/endpoint");
      expect([await s3.config.useFipsEndpoint(), await sns.config.useFipsEndpoint()]).to.deep.equal([false, false]);
    } finally {
      clients.close();
      if (saved === undefined) delete process.env["AWS_USE_FIPS_ENDPOINT"];
      else process.env["AWS_USE_FIPS_ENDPOINT"] = saved;
    }
  });

  it("do not blame the role for what was never sent", async () => {
    const send = () => Promise.reject(Object.assign(new Error("ENOENT"), { name: "SystemError" }));
    const clients = { as: () => ({ sns: { send } }) } as unknown as RoleClients;
    const message = await requireNotifiable(context, clients, "arn:aws:sns:us-east-1:000000000000:done", "role").catch(
      (error: unknown) => (error as Error).message,
    );

    expect(message).to.equal("Whether arn:aws:sns:us-east-1:000000000000:done takes notifications could not be tried: SystemError: ENOENT");
  });
});
