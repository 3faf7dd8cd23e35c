import { ApplicationAutoScalingClient, DescribeScalableTargetsCommand, RegisterScalableTargetCommand, } from "@aws-sdk/client-application-auto-scaling";
import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { expect } from "chai";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { program, root } from "../../doubles/program";
const project = "sagemaker-async-inference";
/** One line a step that is more than "same": `delete-replaced inference-hardware`. */
function stepsOf(events) {
    return events.flatMap(({ resOutputsEvent }) => {
        const { op, urn } = resOutputsEvent?.metadata ?? { op: "same", urn: "" };
        return op === "same" ? [] : [`${op} ${urn.split("::").at(-1)} (${urn.split("::")[2]?.split(/[$:]/).at(-1)})`];
    });
}
/** Holds steps to an order: each of `wanted` was taken, after the one before it. */
function expectInOrder(steps, wanted) {
    expect([...steps].filter((step) => wanted.includes(step)), steps.join("\n")).to.deep.equal(wanted);
}
describe("the program on the real Pulumi engine, with a stand-in for the AWS provider", function () {
    this.timeout(600_000);
    let folder;
    let provider;
    let stack;
    let scaling;
    before(async function () {
        const version = await promisify(execFile)("pulumi", ["version"]).catch(() => undefined);
        if (version === undefined) {
            console.log("    skipped: there is no pulumi CLI on the PATH. Install it (https://www.pulumi.com/docs/install/) and run this again.");
            return this.skip();
        }
        folder = await mkdtemp(path.join(tmpdir(), "sagemaker-async-engine-"));
        provider = spawn(process.execPath, [path.join(root, "build/test/engine/provider.js")], {
            cwd: root,
            stdio: ["ignore", "pipe", "inherit", "ipc"],
        });
        const [[port], [cloud]] = (await Promise.all([once(provider.stdout, "data"), once(provider, "message")]));
        scaling = new ApplicationAutoScalingClient({ ...cloud, credentials: { accessKeyId: "test", secretAccessKey: "test" } });
        stack = await LocalWorkspace.createStack({ stackName: "engine", projectName: project, program: async () => program() }, {
            workDir: folder,
            pulumiHome: folder,
            projectSettings: { name: project, runtime: "nodejs", backend: { url: `file://${folder}` } },
            envVars: {
                PULUMI_CONFIG_PASSPHRASE: "test",
                PULUMI_DEBUG_PROVIDERS: `aws:${port.toString().trim()}`,
                PULUMI_SKIP_UPDATE_CHECK: "true",
            },
        });
        await stack.setAllConfig({
            "aws:region": { value: "us-east-1" },
            [`${project}:image`]: { value: "ocr:1" },
            [`${project}:instanceType`]: { value: "ml.g4dn.xlarge" },
        });
    });
    after(async () => {
        scaling?.destroy();
        provider?.kill();
        if (folder)
            await rm(folder, { recursive: true, force: true });
    });
    async function up() {
        const events = [];
        await stack.up({ onEvent: (event) => events.push(event) });
        return stepsOf(events);
    }
    async function targets() {
        const { ScalableTargets = [] } = await scaling.send(new DescribeScalableTargetsCommand({ ServiceNamespace: "sagemaker" }));
        return ScalableTargets;
    }
    it("previews a new stack as creations alone", async () => {
        const { changeSummary } = await stack.preview();
        expect(Object.keys(changeSummary)).to.deep.equal(["create"]);
    });
    it("deploys, and finds nothing to change the second time", async () => {
        await up();
        expect(await up()).to.deep.equal([]);
    });
    it("takes autoscaling away before the instance type changes, and brings it back: SageMaker refuses the change otherwise", async () => {
        await stack.setConfig(`${project}:instanceType`, { value: "ml.g5.xlarge" });
        const steps = await up();
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
        expect(await up(), "a second up").to.deep.equal([]);
    });
    it("brings autoscaling back with the next up after an update that failed, whatever type that one asks for", async () => {
        for (const instanceType of ["ml.g5.xlarge", "ml.g5.2xlarge"]) {
            await stack.setConfig(`${project}:instanceType`, { value: "ml.g5.2xlarge" });
            provider.send("fail the next endpoint update");
            const failed = await stack.up().then(() => "succeeded", (error) => error.message);
            expect(failed).to.include("the quota of ml.g5.2xlarge is 0");
            expect(await targets(), "targets after the failed update").to.deep.equal([]);
            await stack.setConfig(`${project}:instanceType`, { value: instanceType });
            await up();
            expect(await targets(), `targets after an update to ${instanceType}`).to.have.length(1);
            expect(await up(), "a second up").to.deep.equal([]);
        }
    });
    it("leaves a floor alone that was raised from outside: jobs that run are not scaled in by a deployment", async () => {
        const [target] = await targets();
        const { ServiceNamespace, ResourceId, ScalableDimension } = target ?? expect.fail("there is no target");
        await scaling.send(new RegisterScalableTargetCommand({ ServiceNamespace, ResourceId, ScalableDimension, MinCapacity: 1 }));
        expect(await up()).to.deep.equal([]);
        expect((await targets()).map(({ MinCapacity }) => MinCapacity)).to.deep.equal([1]);
    });
    it("keeps autoscaling as it is when only the image changes", async () => {
        await stack.setConfig(`${project}:image`, { value: "ocr:2" });
        const steps = await up();
        expectInOrder(steps, [
            "create-replacement inference-model (Model)",
            "create-replacement inference-configuration (EndpointConfiguration)",
            "update inference-endpoint (Endpoint)",
            "delete-replaced inference-configuration (EndpointConfiguration)",
            "delete-replaced inference-model (Model)",
        ]);
        expect(steps.filter((step) => /inference-(target|backlog|hardware) /.test(step))).to.deep.equal([]);
    });
    it("destroys everything, autoscaling before the endpoint", async () => {
        const events = [];
        await stack.destroy({ onEvent: (event) => events.push(event) });
        expectInOrder(stepsOf(events), [
            "delete inference-backlog (Policy)",
            "delete inference-target (Target)",
            "delete inference-endpoint (Endpoint)",
            "delete inference-configuration (EndpointConfiguration)",
            "delete inference-model (Model)",
        ]);
        expect((await stack.exportStack()).deployment.resources ?? []).to.deep.equal([]);
    });
});
