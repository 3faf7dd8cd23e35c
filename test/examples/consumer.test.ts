import { InvokeCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { GetObjectCommand, S3Client, waitUntilObjectExists } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { logGroupOf } from "../../cli/logGroups";
import type { JobRecord } from "../../core/records/job";
import type { AsyncInferenceOutputs } from "../../outputs";
import { pack, unpackInto } from "../support/packed";
import { CloudUnderTest, root } from "../support/service";

/** Outputs of examples/consumer. */
interface ConsumerOutputs {
  scanFunction: string;
  ordersBucket: string;
  unreadQueue: string;
}

/** What the consumer's function answers to a scan. */
async function scan(lambda: LambdaClient, outputs: ConsumerOutputs, orderId: string, image: Buffer): Promise<unknown> {
  const Payload = JSON.stringify({ orderId, imageBase64: image.toString("base64") });
  const answer = await lambda.send(new InvokeCommand({ FunctionName: outputs.scanFunction, Payload }));
  return JSON.parse(Buffer.from(answer.Payload ?? []).toString());
}

describe("examples/consumer, with the packed package", () => {
  let project: string;

  before(async () => {
    project = await mkdtemp(path.join(tmpdir(), "sagemaker-async-orders-"));
    await cp(path.join(root, "examples", "consumer"), project, { recursive: true });
    await unpackInto(project, await pack());
  });

  after(() => rm(project, { recursive: true, force: true }));

  describe("beside the service on one embedded cloud", () => {
    let cloud: CloudUnderTest;
    let outputs: ConsumerOutputs;
    let service: AsyncInferenceOutputs;

    before(async () => {
      cloud = await CloudUnderTest.start();
      service = await cloud.deployOwn();
      const deployed = await cloud.cloud.deploy({ directory: project, stack: "local" });
      outputs = deployed.outputs as unknown as ConsumerOutputs;
    });

    after(() => cloud.close());

    it("submits from its own function and keeps the result with its own closure", async () => {
      const kept = cloud.event(
        (event) => event.kind === "function" && event.change === "succeeded" && event.functionName.startsWith("completed-order"),
      );

      const answer = await scan(cloud.lambda, outputs, "17", Buffer.from('{"model":"describe"}'));
      await kept;

      expect(answer).to.deep.include({ statusCode: 202, jobId: "order-17" });
      const read = JSON.parse(await cloud.text(`s3://${outputs.ordersBucket}/order-17.json`)) as { headers: Record<string, string> };
      expect(read.headers["content-type"]).to.equal("image/png");
    });

    // The embedded cloud's CodeSize is that of what is in an archive; a third of it when packed.
    it("uploads functions of at most 64 KB, its own and the package's", async () => {
      const { Functions = [] } = await cloud.lambda.send(new ListFunctionsCommand({}));
      const own = Functions.filter(({ FunctionName }) => /^(scan|completed-order)-/.test(FunctionName ?? ""));

      expect(own).to.have.length(2);
      expect(own.filter(({ CodeSize = Infinity }) => CodeSize > 64 * 1024)).to.deep.equal([]);
    });

    it("has logs that sagemaker-async logs --source finds: a handler's by the name it was given, whichever project it is of", async () => {
      const own = ["submit", "inbox", "result", "sweep", "floor"];
      const groups = await Promise.all(
        ["model", ...own, "order", "completed-order"].map((source) => logGroupOf(source, service, cloud.settings)),
      );
      const unknown = await logGroupOf("nginx", service, cloud.settings).catch((error: unknown) => error);

      expect(groups.map((group) => group.replace(/-[0-9a-f]{7}$/, "").replace(/.*\//, ""))).to.deep.equal([
        service.endpointName.replace(/-[0-9a-f]{7}$/, ""),
        ...own.map((name) => `inference-${name}`),
        "completed-order",
        "completed-order",
      ]);
      expect((unknown as Error).message).to.equal(
        "--source: got nginx, expected model, submit, inbox, result, sweep, floor, completed-order",
      );
    });

    it("gets in its queue the jobs that failed, as job events", async () => {
      await scan(cloud.lambda, outputs, "18", Buffer.from('{"model":"error"}'));

      const { job } = JSON.parse(await cloud.receive(outputs.unreadQueue)) as { job: JobRecord };
      expect([job.jobId, job.state, job.error?.code]).to.deep.equal(["order-18", "FAILED", "MODEL_ERROR"]);
    });
  });

  it("runs with npm run cloud -- --program, reads a page, and what its handler prints is shown", async () => {
    const file = path.join(project, "outputs.json");
    const command = ["--port", "0", "--outputs", file, "--program", project, "--stack", "local"];
    const child: ChildProcess = spawn(process.execPath, [path.join(root, "build/local/commands/cloud.js"), ...command], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    try {
      let printed = "";
      let tell = (): void => undefined;
      const shown = new Promise<void>((resolve) => (tell = resolve));
      child.stderr?.on("data", (data: Buffer) => (printed += data.toString()));
      await new Promise<void>((resolve, reject) => {
        child.stdout?.on("data", (data: Buffer) => {
          printed += data.toString();
          if (printed.includes("until Ctrl-C.")) resolve();
          if (printed.includes("\ncompleted-order: kept order-19\n")) tell();
        });
        child.once("exit", () => reject(new Error(printed)));
      });
      const written = JSON.parse(await readFile(file, "utf8")) as {
        endpointUrl: string;
        outputs: { region: string };
        stacks: Record<string, ConsumerOutputs>;
      };
      const settings = {
        endpoint: written.endpointUrl,
        region: written.outputs.region,
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
      };
      const consumer = written.stacks["orders/local"] as ConsumerOutputs;
      const lambda = new LambdaClient(settings);
      const s3 = new S3Client({ ...settings, forcePathStyle: true });

      await scan(lambda, consumer, "19", await readFile(path.join(root, "examples/ocr/pages/note.png")));
      const kept = { Bucket: consumer.ordersBucket, Key: "order-19.json" };
      await waitUntilObjectExists({ client: s3, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, kept);
      const order = await s3.send(new GetObjectCommand(kept));

      expect(await order.Body?.transformToString()).to.include("six eggs, brown bread, a bag of apples");
      await shown;
      lambda.destroy();
      s3.destroy();
    } finally {
      const ended = once(child, "close");
      child.kill("SIGINT");
      await ended;
    }
  });
});
