import { expect } from "chai";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { Webhook } from "standardwebhooks";
import { SageMakerAsyncClient } from "../../client";
import type { AsyncInferenceOutputs } from "../../outputs";
import { EmptyCloud } from "../support/emptyCloud";
import { leftIn } from "../support/leftInCloud";
import { importBlocks } from "./imports";
import { terraformCommand, ownKeyArn, Workspace, type PlannedChange } from "./workspace";

const [secret, newerSecret] = [1, 2].map((byte) => `whsec_${Buffer.alloc(24, byte).toString("base64")}`) as [string, string];

/** Gets the ends of jobs, signed. */
const receiver = createServer((request, response) => {
  void request.toArray().then((chunks) => {
    const body = Buffer.concat(chunks as Buffer[]).toString();
    const { data } = new Webhook(secret).verify(body, request.headers as Record<string, string>) as { data: { job: { jobId: string } } };
    response.writeHead(204).end();
    receiver.emit("ended", data.job.jobId);
  });
});

/** The setting of one webhook, at the receiver. */
function webhooks(...secrets: readonly string[]): string {
  const [newest, former] = secrets;
  const { port } = receiver.address() as AddressInfo;
  return JSON.stringify({
    ends: { url: `http://127.0.0.1:${port}/`, secret: newest, ...(former !== undefined && { formerSecret: former }) },
  });
}

/** With these, the program has a resource of every type that it can have. */
const everything = () => ({
  webhooks: webhooks(secret),
  traceEndpoint: "http://127.0.0.1:4318/v1/traces",
  batchEnabled: "true",
  workflowsEnabled: "true",
});

/** Changes of the settings that are applied one after the other, each on top of those before it. */
const changes: Readonly<Record<string, () => Record<string, string>>> = {
  "another instance type": () => ({ instanceType: "ml.g5.4xlarge" }),
  "another capacity": () => ({ maxCapacity: "3" }),
  "alarms and a dashboard": () => ({ alarmsEnabled: "true", dashboardEnabled: "true" }),
  "tags on everything": () => ({ tags: '{"team":"ocr"}' }),
  "other retentions": () => ({ logRetentionDays: "60", inputExpirationDays: "20", jobRetentionDays: "60" }),
  "no inbox": () => ({ inboxEnabled: "false" }),
  "no notifications": () => ({ notificationsEnabled: "false" }),
  "warm hours": () => ({ warmHours: '["mon-fri 08:00-18:00"]' }),
  "a newer secret of the webhook": () => ({ webhooks: webhooks(newerSecret, secret) }),
  "a key of the customer's": () => ({ kmsKeyArn: ownKeyArn, instanceType: "ml.c6i.xlarge" }),
  "all as it was": everything,
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
  "bypass_policy_lockout_safety_check",
  "deletion_window_in_days",
]);

describe("the program as a Terraform configuration, with the real AWS provider", function () {
  this.timeout(900_000);
  const state = mkdtempSync(path.join(tmpdir(), "sagemaker-async-terraform-cloud-"));
  let cloud: EmptyCloud;
  let workspace: Workspace;
  let command: string;
  let settings: Record<string, string>;

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
    await once(receiver.listen(0, "127.0.0.1"), "listening");
    settings = everything();
    await workspace.write(settings);
  });

  after(async () => {
    receiver.closeAllConnections();
    receiver.close();
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
      await other.write(settings);
      writeFileSync(path.join(other.directory, "imports.tf"), importBlocks(await workspace.state()));

      const unread = (await other.plan()).filter(({ address }) => address.startsWith("aws_")).map(withoutUnreadable);

      expect(unread.filter(({ actions, attributes }) => actions.join() !== "update" || attributes.length > 0)).to.deep.equal([]);
    } finally {
      other.remove();
    }
  });

  it("runs a job on what Terraform made, and tells its end to a webhook", async () => {
    const outputs = (await workspace.outputs()) as unknown as AsyncInferenceOutputs;
    await using client = SageMakerAsyncClient.fromStackOutputs({ endpointUrl: cloud.endpointUrl, outputs });

    const ended = once(receiver, "ended");

    const job = await client.submit({ say: "hello" });
    const result = await job.result({ timeoutSeconds: 60 });

    expect(result.success, JSON.stringify(result)).to.equal(true);
    expect(await ended).to.deep.equal([job.jobId]);
  });

  for (const [title, change] of Object.entries(changes)) {
    it(`applies ${title}, and finds nothing to change afterwards`, async () => {
      settings = change === everything ? everything() : { ...settings, ...change() };
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
