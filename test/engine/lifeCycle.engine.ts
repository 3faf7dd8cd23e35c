import { ApplicationAutoScaling, type ScalableTarget } from "@aws-sdk/client-application-auto-scaling";
import { SageMaker } from "@aws-sdk/client-sagemaker";
import { LocalWorkspace, type EngineEvent, type PulumiFn, type Stack } from "@pulumi/pulumi/automation";
import { expect } from "chai";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { SageMakerAsyncClient } from "../../client";
import { AsyncInference } from "../../components/asyncInference";
import { readSettings } from "../../config";
import { program, root } from "../../doubles/program";
import { takeRejections } from "../../doubles/rejections";
import type { AsyncInferenceOutputs } from "../../outputs";
import { EmptyCloud, type Keys } from "../support/emptyCloud";
import { leftIn } from "../support/leftInCloud";
import { chooseProvider, type ChosenProvider } from "./chooseProvider";

const project = "sagemaker-async-inference";

/** The program as index.ts has it. */
const own: PulumiFn = async () => program() as Record<string, unknown>;
/** The program after its component was given another name, as docs/updates.md says to do it. */
const underAnotherName: PulumiFn = async () => new AsyncInference("speech", readSettings(), { aliases: [{ name: "inference" }] }).outputs;

/** One line a step that is more than "same": `delete-replaced inference-hardware`. */
function stepsOf(events: readonly EngineEvent[]): string[] {
  return events.flatMap(({ resOutputsEvent }) => {
    const { op, urn } = resOutputsEvent?.metadata ?? { op: "same", urn: "" };
    const type = urn.split("::")[2]?.split(/[$:]/).at(-1);
    // Keys of the provider are of no resource.
    return op === "same" || urn.includes("::pulumi:providers:") ? [] : [`${op} ${urn.split("::").at(-1)} (${type})`];
  });
}

const administrator: Keys = { accessKey: "test", secretKey: "test" };

/** The policy that docs/aws.md tells to give whoever deploys the environment whose settings these are. */
async function deployerPolicy(): Promise<object> {
  const command = [path.join(root, "build/docs/policies.js"), "--deployer", "local", "--account", "000000000000", "--region", "us-east-1"];
  return JSON.parse((await promisify(execFile)(process.execPath, command)).stdout) as object;
}

/** Holds steps to an order: each of `wanted` was taken, after the one before it. */
function expectInOrder(steps: readonly string[], wanted: readonly string[]): void {
  expect(
    [...steps].filter((step) => wanted.includes(step)),
    steps.join("\n"),
  ).to.deep.equal(wanted);
}

describe("the program on the real Pulumi engine, over the wire of an empty cloud", function () {
  this.timeout(900_000);
  let folder: string;
  let cloud: EmptyCloud | undefined;
  let provider: ChosenProvider | undefined;
  let stack: Stack;
  /** Keys of a role with the policy that `npm run audit:policies -- --deployer` prints. */
  let deployer: Keys;

  before(async function () {
    const chosen = await chooseProvider();
    if (typeof chosen === "string") {
      console.log(`    skipped: ${chosen}`);
      return this.skip();
    }
    provider = chosen;
    console.log(`    pulumi ${provider.engineVersion} with ${provider.description}`);
    folder = await mkdtemp(path.join(tmpdir(), "sagemaker-async-engine-"));
    cloud = await EmptyCloud.start(path.join(folder, "state"));
    await writeFile(path.join(folder, "Pulumi.engine.yaml"), `config:\n${await cloud.stackLines()}`);
    stack = await LocalWorkspace.createStack(
      { stackName: "engine", projectName: project, program: own },
      {
        workDir: folder,
        ...(provider.isStandIn && { pulumiHome: folder }),
        projectSettings: { name: project, runtime: "nodejs", backend: { url: `file://${folder}` } },
        envVars: { PULUMI_CONFIG_PASSPHRASE: "test", PULUMI_SKIP_UPDATE_CHECK: "true", ...provider.environment },
      },
    );
    await set({ image: "ocr:1", instanceType: "ml.g4dn.xlarge", inboxEnabled: "true", forceDestroy: "true" });
  });

  after(async () => {
    provider?.end();
    await cloud?.end();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  const running = (): EmptyCloud => cloud ?? expect.fail("there is no cloud");

  /** Settings of the program. */
  async function set(settings: Readonly<Record<string, string>>): Promise<void> {
    await stack.setAllConfig(Object.fromEntries(Object.entries(settings).map(([name, value]) => [`${project}:${name}`, { value }])));
  }

  async function unset(...names: string[]): Promise<void> {
    await stack.removeAllConfig(names.map((name) => `${project}:${name}`));
  }

  async function up(of: PulumiFn = own): Promise<string[]> {
    const events: EngineEvent[] = [];
    await stack.up({ program: of, onEvent: (event) => events.push(event) });
    return stepsOf(events);
  }

  /** Brings about what must fail. */
  async function failedUp(): Promise<{ message: string; steps: string[] }> {
    const events: EngineEvent[] = [];
    const message = await stack.up({ program: own, onEvent: (event) => events.push(event) }).then(
      () => "succeeded",
      (error: Error) => error.message,
    );
    // A program that fails leaves rejections behind, which end the process that the CLI runs it in.
    await takeRejections();
    return { message, steps: stepsOf(events) };
  }

  /** What the next `up` would do. */
  async function preview(of: PulumiFn = own): Promise<string[]> {
    const { changeSummary } = await stack.preview({ program: of });
    return Object.keys(changeSummary).filter((op) => op !== "same");
  }

  /** What the next `up` would make or change. */
  async function previewedSteps(): Promise<string[]> {
    const events: EngineEvent[] = [];
    await stack.preview({ program: own, onEvent: (event) => events.push(event) });
    return stepsOf(events)
      .filter((step) => /^(create|update)/.test(step))
      .sort();
  }

  /** Applies settings. @returns the steps, after which there are none to do */
  async function change(settings: Readonly<Record<string, string>>): Promise<string[]> {
    await set(settings);
    const steps = await up();
    expect(await preview(), "a preview of the next up").to.deep.equal([]);
    return steps;
  }

  it("previews a new stack as creations alone", async () => {
    deployer = await running().keysOf("deployer", await deployerPolicy());
    await actAs(deployer);
    expect(await preview()).to.deep.equal(["create"]);
  });

  it("deploys, and finds nothing to change the second time", async () => {
    await up();
    expect(await up()).to.deep.equal([]);
  });

  it("finds nothing that has drifted when it reads again what was made", async () => {
    expect(await refresh()).to.deep.equal([]);
    await actAs(administrator);
  });

  it("runs a job on what it made", async () => {
    expect(await runJob()).to.equal(true);
  });

  it("takes autoscaling away before the instance type changes, and brings it back: SageMaker refuses the change otherwise", async () => {
    const steps = await change({ instanceType: "ml.g5.xlarge" });

    expectInOrder(steps, [
      "delete-replaced inference-backlog (Policy)",
      "delete-replaced inference-target (Target)",
      "delete-replaced inference-hardware (Stash)",
      "create-replacement inference-hardware (Stash)",
      "update inference-endpoint (Endpoint)",
      "create-replacement inference-target (Target)",
      "create-replacement inference-backlog (Policy)",
      "delete-replaced inference-configuration (EndpointConfiguration)",
    ]);
    expectInOrder(steps, ["create-replacement inference-configuration (EndpointConfiguration)", "update inference-endpoint (Endpoint)"]);
  });

  it("brings autoscaling back with the next up after an update that failed, whatever type that one asks for", async () => {
    const Statement = [
      { Effect: "Allow", Action: "*", Resource: "*" },
      { Effect: "Deny", Action: "sagemaker:UpdateEndpoint", Resource: "*" },
    ];
    const keys = await running().keysOf("without-updates", { Version: "2012-10-17", Statement });
    for (const instanceType of ["ml.g5.xlarge", "ml.g5.2xlarge"]) {
      await set({ instanceType: "ml.g5.2xlarge" });
      await actAs(keys);
      const { message } = await failedUp();
      await actAs(administrator);
      expect(message).to.match(/not authorized to perform: sagemaker:UpdateEndpoint/);
      expect(await running().targets(), "targets after the failed update").to.deep.equal([]);

      await change({ instanceType });

      expect(await running().targets(), `targets after an update to ${instanceType}`).to.have.length(1);
    }
  });

  it("leaves a floor alone that was raised from outside: jobs that run are not scaled in by a deployment", async () => {
    const [target] = await running().targets();
    const { ServiceNamespace, ResourceId, ScalableDimension } = target as Required<ScalableTarget>;
    const scaling = new ApplicationAutoScaling(running().settings);
    await scaling.registerScalableTarget({ ServiceNamespace, ResourceId, ScalableDimension, MinCapacity: 1 });

    expect(await up()).to.deep.equal([]);
    // That a refresh sees it shows that a refresh reads what is there.
    expect(await refresh()).to.deep.equal(["update inference-target (Target)"]);
    await scaling.registerScalableTarget({ ServiceNamespace, ResourceId, ScalableDimension, MinCapacity: 0 });
    await refresh();
  });

  it("keeps autoscaling as it is when only the image changes", async () => {
    const steps = await change({ image: "ocr:2" });

    expectInOrder(steps, [
      "create-replacement inference-model (Model)",
      "create-replacement inference-configuration (EndpointConfiguration)",
      "update inference-endpoint (Endpoint)",
      "delete-replaced inference-configuration (EndpointConfiguration)",
      "delete-replaced inference-model (Model)",
    ]);
    expect(steps.filter((step) => /inference-(target|backlog|hardware) /.test(step))).to.deep.equal([]);
  });

  it("fails each time that SageMaker rolls a release back, and deletes nothing: the former version serves, whose configuration must stay", async () => {
    const former = await servedConfiguration();
    await set({ image: EmptyCloud.failingImage });
    expect(await previewedSteps()).to.deep.equal([
      "create-replacement inference-configuration (EndpointConfiguration)",
      "create-replacement inference-model (Model)",
      "update inference-endpoint (Endpoint)",
    ]);

    for (const time of ["the release", "the next up, with nothing changed"]) {
      const { message, steps } = await failedUp();

      const [, serves, given] =
        /SageMaker rolled the release of the endpoint \S+ back: it serves (\S+) and not (\S+)\. Nothing was deleted/.exec(message) ?? [];
      expect(serves, `${time}: ${message}`).to.equal(former);
      expect((await configurations()).sort(), time).to.deep.equal([former, given].sort());
      expect(
        steps.filter((step) => step.startsWith("delete")),
        time,
      ).to.deep.equal([]);
      expect(steps, time).to.include("update inference-endpoint (Endpoint)");
      expect(await servedConfiguration(), time).to.equal(former);
    }
    expect(await previewedSteps(), "the next up").to.deep.equal(["update inference-endpoint (Endpoint)"]);
    expect(await runJob(), "a job on the former version").to.equal(true);

    await change({ image: "ocr:2" });
    expect(await configurations()).to.deep.equal([await servedConfiguration()]);
  });

  it("changes capacities in place, and starts a fleet of two by an update of the endpoint", async () => {
    const bounds = await change({ maxCapacity: "3", scaleInCooldownSeconds: "900", targetBacklogPerInstance: "8" });
    expect(replaced(bounds)).to.deep.equal([]);
    expect(bounds).to.include.members(["update inference-target (Target)", "update inference-backlog (Policy)"]);

    const fleet = await change({ minCapacity: "2" });
    expectInOrder(fleet, ["create-replacement inference-configuration (EndpointConfiguration)", "update inference-endpoint (Endpoint)"]);

    await change({ minCapacity: "0" });
  });

  it("puts warm hours on and takes them off beside the target", async () => {
    const on = await change({ warmHours: '["mon-fri 08:00-18:00"]' });
    expect(on.filter((step) => step.startsWith("create ") && step.endsWith("(ScheduledAction)"))).to.have.length(2);
    expect(replaced(on)).to.deep.equal([]);

    await unset("warmHours");
    const off = await change({});
    expect(off.filter((step) => step.startsWith("delete ") && step.endsWith("(ScheduledAction)"))).to.have.length(2);
  });

  it("gives the roles a key before anything is encrypted with it, and takes the former one last: no submission is refused in between", async () => {
    const [first, second] = [await running().key(), await running().key()];
    for (const [settings, grants] of [
      [{ kmsKeyArn: first }, /^(create|create-replacement) .*key.*\(RolePolicy\)$/],
      [{ kmsKeyArn: second, formerKmsKeyArns: JSON.stringify([first]) }, /^create-replacement .*key.*\(RolePolicy\)$/],
    ] as const) {
      const steps = await change(settings);

      const granted = steps.map((step) => grants.test(step)).lastIndexOf(true);
      const encrypted = steps.findIndex((step) => /^update inference-(encryption|jobs|success|dead-letters) /.test(step));
      expect(granted, steps.join("\n")).to.be.greaterThan(-1);
      expect(encrypted, steps.join("\n")).to.be.greaterThan(granted);
      expect(steps.slice(encrypted), "the endpoint").to.include("update inference-endpoint (Endpoint)");
      expect(await runJob(), "a job under the key").to.equal(true);
    }

    await unset("kmsKeyArn");
    await change({ formerKmsKeyArns: JSON.stringify([first, second]) });
    expect(await runJob(), "a job without a key").to.equal(true);
    await unset("formerKmsKeyArns");
    await change({});
  });

  it("changes prefixes with an update of the endpoint", async () => {
    const steps = await change({ outputPrefix: "texts/", formerPrefixes: '{"output/":"output"}' });

    expectInOrder(steps, ["create-replacement inference-configuration (EndpointConfiguration)", "update inference-endpoint (Endpoint)"]);
    expect(steps).to.include("update inference-lifecycle (BucketLifecycleConfiguration)");
    expect(await runJob()).to.equal(true);
  });

  it("takes the functions out of a VPC before the permissions that they need to leave it", async () => {
    const vpc = { vpcSubnetIds: '["subnet-0a1b2c3d"]', vpcSecurityGroupIds: '["sg-0a1b2c3d"]' };
    await change({ ...vpc, functionsInVpc: "true" });

    const steps = await change({ functionsInVpc: "false" });

    const left = steps.map((step) => /^update .*\(Function\)$/.test(step)).lastIndexOf(true);
    const taken = steps.findIndex((step) => /^delete .*\(RolePolicy\)$/.test(step));
    expect(left, steps.join("\n")).to.be.greaterThan(-1);
    expect(taken, steps.join("\n")).to.be.greaterThan(left);
    await unset("vpcSubnetIds", "vpcSecurityGroupIds");
    await change({});
  });

  it("adds a webhook, changes its secret in place, and takes it away", async () => {
    const setSecret = (value: string) => stack.setConfig(`${project}:webhooks.orders.secret`, { value, secret: true }, true);
    const [first, second] = [1, 2].map((fill) => `whsec_${Buffer.alloc(32, fill).toString("base64")}`) as [string, string];

    await stack.setConfig(`${project}:webhooks.orders.url`, { value: "https://shop.example.com/jobs" }, true);
    await setSecret(first);
    const added = await change({});
    expect(added).to.include("create inference-webhook-orders (Parameter)");
    expect(replaced(added)).to.deep.equal([]);
    expect(withoutFloor(await refresh())).to.deep.equal([]);

    await setSecret(second);
    expect(withoutFloor(await change({}))).to.deep.equal(["update inference-webhook-orders (Parameter)"]);

    await unset("webhooks");
    expect(await change({})).to.include("delete inference-webhook-orders (Parameter)");
  });

  it("takes no resource for another when the component gets another name with an alias", async () => {
    expect(await preview(underAnotherName)).to.deep.equal([]);
  });

  it("finds nothing that has drifted after all these changes, and what it made still runs a job", async () => {
    expect(withoutFloor(await refresh())).to.deep.equal([]);
    expect(await runJob()).to.equal(true);
  });

  it("goes on with a cloud that was killed and started again: there is nothing to change", async () => {
    const { port } = new URL(running().endpointUrl);
    await running().end("SIGKILL");
    cloud = await EmptyCloud.start(path.join(folder, "state"), Number(port));

    expect(withoutFloor(await refresh())).to.deep.equal([]);
    expect(withoutFloor(await up())).to.deep.equal([]);
  });

  it("refuses to destroy what is protected before anything is deleted", async () => {
    await change({ protect: "true", forceDestroy: "false" });
    const before = (await leftIn(running().settings)).sort();

    // As a person does it: the automation API leaves out the preview, which is what refuses.
    const refused = await promisify(execFile)("pulumi", ["destroy", "--yes", "--non-interactive", "--stack", "engine"], {
      cwd: folder,
      env: { ...process.env, ...stack.workspace.envVars, ...(provider?.isStandIn && { PULUMI_HOME: folder }) },
    }).then(
      () => "destroyed",
      (error: Error & { stderr: string; stdout: string }) => error.stderr + error.stdout,
    );

    expect(refused).to.match(/cannot be deleted\s+because it is protected/);
    expect((await leftIn(running().settings)).sort()).to.deep.equal(before);
    await change({ protect: "false", forceDestroy: "true" });
  });

  it("destroys everything, autoscaling before the endpoint: nothing is left in the cloud", async () => {
    await actAs(deployer);
    const events: EngineEvent[] = [];
    await stack.destroy({ onEvent: (event) => events.push(event) });

    expectInOrder(stepsOf(events), [
      "delete inference-backlog (Policy)",
      "delete inference-target (Target)",
      "delete inference-endpoint (Endpoint)",
      "delete inference-configuration (EndpointConfiguration)",
      "delete inference-model (Model)",
    ]);
    expect((await stack.exportStack()).deployment.resources ?? []).to.deep.equal([]);
    const ofTests = ["deployer", "without-updates"];
    expect((await leftIn(running().settings)).filter((name) => !ofTests.includes(name))).to.deep.equal([]);
  });

  /** Whose keys the provider has. */
  async function actAs(keys: Keys): Promise<void> {
    const { token, ...rest } = keys;
    await stack.setAllConfig(Object.fromEntries(Object.entries(rest).map(([name, value]) => [`aws:${name}`, { value }])));
    if (token === undefined) await stack.removeConfig("aws:token");
    else await stack.setConfig("aws:token", { value: token });
  }

  /** What `pulumi refresh` finds to be otherwise. */
  async function refresh(): Promise<string[]> {
    const events: EngineEvent[] = [];
    await stack.refresh({ onEvent: (event) => events.push(event) });
    return stepsOf(events).filter((step) => !step.startsWith("refresh "));
  }

  /** The configuration that the endpoint serves. */
  async function servedConfiguration(): Promise<string> {
    const EndpointName = String((await stack.outputs())["endpointName"]?.value);
    return (await new SageMaker(running().settings).describeEndpoint({ EndpointName })).EndpointConfigName ?? "none";
  }

  /** The configurations that there are. */
  async function configurations(): Promise<string[]> {
    const { EndpointConfigs = [] } = await new SageMaker(running().settings).listEndpointConfigs();
    return EndpointConfigs.map(({ EndpointConfigName = "" }) => EndpointConfigName);
  }

  /** Whether a request is answered by the model. */
  async function runJob(): Promise<boolean> {
    const outputs = Object.fromEntries(Object.entries(await stack.outputs()).map(([name, { value }]) => [name, value as unknown]));
    const service = { endpointUrl: running().endpointUrl, outputs: outputs as unknown as AsyncInferenceOutputs };
    await using client = SageMakerAsyncClient.fromStackOutputs(service);
    const { success } = await client.invoke({ say: "hello" }, { timeoutSeconds: 120 });
    return success;
  }
});

/** The floor function raises the target's minimum while a job is open, and puts it back some minutes later: a refresh sees it. */
function withoutFloor(steps: readonly string[]): string[] {
  return steps.filter((step) => step !== "update inference-target (Target)");
}

function replaced(steps: readonly string[]): string[] {
  return steps.filter((step) => /^(create-replacement|delete-replaced|replace) /.test(step));
}
