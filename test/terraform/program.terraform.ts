import { expect } from "chai";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { SageMakerAsyncClient } from "../../client";
import type { AsyncInferenceOutputs } from "../../outputs";
import { EmptyCloud } from "../support/emptyCloud";
import { leftIn } from "../support/leftInCloud";
import { importBlocks } from "./imports";
import { terraformCommand, Workspace, type PlannedChange } from "./workspace";

/** Changes of the settings that are applied one after the other, each on top of those before it. */
const changes: Readonly<Record<string, Record<string, string>>> = {
  "another instance type": { instanceType: "ml.g5.4xlarge" },
  "another capacity": { maxCapacity: "3" },
  "alarms and a dashboard": { alarmsEnabled: "true", dashboardEnabled: "true" },
  "tags on everything": { tags: '{"team":"ocr"}' },
  "other retentions": { logRetentionDays: "60", inputExpirationDays: "20", jobRetentionDays: "60" },
  "no inbox": { inboxEnabled: "false" },
  "no notifications": { notificationsEnabled: "false" },
  "warm hours": { warmHours: '["mon-fri 08:00-18:00"]' },
  "all as it was": {},
};

/** What no import can read: it stands in the configuration alone. */
const notImported = new Set([
  "filename",
  "source_code_hash",
  "force_destroy",
  "last_modified",
  "publish",
  "skip_destroy",
  "confirmation_timeout_in_minutes",
  "endpoint_auto_confirms",
]);

describe("the program as a Terraform configuration, with the real AWS provider", function () {
  this.timeout(900_000);
  const state = mkdtempSync(path.join(tmpdir(), "sagemaker-async-terraform-cloud-"));
  let cloud: EmptyCloud;
  let workspace: Workspace;
  let command: string;
  const settings: Record<string, string> = {};

  before(async function () {
    const found = await terraformCommand();
    if (found === undefined) {
      console.log(
        "    skipped: there is no terraform or tofu on the PATH. Install one (https://developer.hashicorp.com/terraform/install) and run this again.",
      );
      return this.skip();
    }
    command = found;
    cloud = await EmptyCloud.start(state);
    workspace = new Workspace(command, cloud);
    const provider = await workspace.initialize();
    if (provider === undefined) {
      console.log(
        "    skipped: the AWS provider can't be had. Reach its registry, or name a mirror in TF_CLI_CONFIG_FILE, and run this again.",
      );
      return this.skip();
    }
    console.log(`    ${command} with the AWS provider ${provider}`);
    await workspace.write();
  });

  after(async () => {
    workspace?.remove();
    await cloud?.end();
    rmSync(state, { recursive: true, force: true });
  });

  it("creates every resource, and finds nothing to change the second time", async () => {
    const wanted = await workspace.plan();
    expect([...new Set(wanted.flatMap(({ actions }) => actions))]).to.deep.equal(["create"]);

    await workspace.apply();

    expect((await workspace.state()).map(({ address }) => address).sort()).to.deep.equal(wanted.map(({ address }) => address).sort());
    expect(await workspace.plan()).to.deep.equal([]);
  });

  it("finds nothing that has drifted once it has read again what AWS fills in", async () => {
    await workspace.refresh();

    expect(await workspace.drift()).to.deep.equal([]);
  });

  it("imports each resource into another state as it is", async () => {
    const other = new Workspace(command, cloud);
    try {
      await other.initialize();
      await other.write();
      writeFileSync(path.join(other.directory, "imports.tf"), importBlocks(await workspace.state()));

      const unread = (await other.plan()).filter(({ address }) => address.startsWith("aws_")).map(withoutUnreadable);

      expect(unread.filter(({ actions, attributes }) => actions.join() !== "update" || attributes.length > 0)).to.deep.equal([]);
    } finally {
      other.remove();
    }
  });

  it("runs a job on what Terraform made", async () => {
    const outputs = (await workspace.outputs()) as unknown as AsyncInferenceOutputs;
    await using client = SageMakerAsyncClient.fromStackOutputs({ endpointUrl: cloud.endpointUrl, outputs });

    const result = await client.invoke({ say: "hello" }, { timeoutSeconds: 60 });

    expect(result.success, JSON.stringify(result)).to.equal(true);
  });

  for (const [title, change] of Object.entries(changes)) {
    it(`applies ${title}, and finds nothing to change afterwards`, async () => {
      if (Object.keys(change).length === 0) Object.keys(settings).forEach((name) => delete settings[name]);
      Object.assign(settings, change);
      await workspace.write(settings);
      const wanted = await workspace.plan();
      expect(wanted).to.not.have.length(0);

      await workspace.apply();

      expect(await workspace.plan()).to.deep.equal([]);
    });
  }

  it("finds nothing to change on a cloud that was killed and started again, with the state that it kept", async () => {
    const { port } = new URL(cloud.endpointUrl);
    await cloud.end("SIGKILL");
    cloud = await EmptyCloud.start(state, Number(port));

    expect(await workspace.plan()).to.deep.equal([]);
  });

  it("destroys everything: nothing is left in the cloud but the log that SageMaker itself has made", async () => {
    await workspace.destroy();

    expect(await workspace.state()).to.deep.equal([]);
    expect(await leftIn(cloud.settings)).to.deep.equal([]);
  });
});

function withoutUnreadable({ attributes, ...change }: PlannedChange): PlannedChange {
  return { ...change, attributes: attributes.filter((name) => !notImported.has(name)) };
}
