import { expect } from "chai";
import { statSync } from "node:fs";
import { cp, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { deploy, type DeployEvent, type DeployTarget } from "../../../local/deploy/deploy";
import type { Known } from "../../../local/deploy/steps";
import type { Registration, ServiceResources } from "../../../local/resources";
import { readStack } from "../../../local/stackFile";

const fixtures = path.resolve(__dirname, "../../../../test/fixtures");

/** A registry with one resource type and one data source, and everything that was asked of it. */
function registry() {
  const made: Registration[] = [];
  const resources: ServiceResources = {
    resources: {
      "test:index:Thing": {
        create: (registration) => {
          made.push(registration);
          if (registration.inputs["fail"]) return Promise.reject(new Error("no room for it"));
          return Promise.resolve({ id: `${registration.name}-id`, state: { ...registration.inputs, arn: `arn:${registration.name}` } });
        },
      },
    },
    dataSources: { "test:index:ask": ({ question }) => Promise.resolve({ text: `${String(question)}!` }) },
  };
  return { made, resources };
}

function target(resources: ServiceResources, changes: Partial<DeployTarget> = {}): DeployTarget {
  return { region: "us-east-1", resources, stacks: new Map(), environment: {}, signal: new AbortController().signal, ...changes };
}

async function faulty(fault: string): Promise<{ message: string; events: DeployEvent[] }> {
  const stack = readStack(path.join(fixtures, "faults"), "test");
  const events: DeployEvent[] = [];
  try {
    await deploy({ ...stack, config: { "faults:fault": fault } }, target(registry().resources), (event) => events.push(event));
  } catch (error) {
    return { message: (error as Error).message, events };
  }
  throw new Error(`${fault} did no harm`);
}

/** Pulumi's SDK where no TypeScript can be found from: a link would lead to the packages of this repository. */
async function installWithoutTypeScript(directory: string): Promise<void> {
  const from = path.resolve(fixtures, "../../node_modules");
  const to = path.join(directory, "node_modules");
  const sdk = path.join("@pulumi", "pulumi");
  const isCode = (file: string) => !path.extname(file) || /\.(js|json)$/.test(file) || statSync(file).isDirectory();
  await cp(path.join(from, sdk), path.join(to, sdk), { recursive: true, filter: isCode });
  const others = (await readdir(from)).filter((name) => !["typescript", "@pulumi"].includes(name) && !name.startsWith("."));
  await Promise.all(others.map((name) => symlink(path.join(from, name), path.join(to, name))));
}

describe("Deploying a program", () => {
  it("hands every resource to its service with resolved inputs, and answers the program with its state", async () => {
    const { made, resources } = registry();
    const events: DeployEvent[] = [];
    const stack = readStack(path.join(fixtures, "graph"), "test");

    const deployed = await deploy(stack, target(resources), (event) => events.push(event));

    const urn = (qualifiedType: string, name: string) => `urn:pulumi:test::graph::${qualifiedType}::${name}`;
    const program = { directory: stack.directory, project: "graph", stack: "test", localSettings: { modelCommand: "node model.js" } };
    const thing = (type: string, name: string, inputs: object) => ({
      urn: urn(type, name),
      type: "test:index:Thing",
      name,
      inputs,
      program,
    });
    const signature = "4dabf18193072939515e22adb298388d";
    const assetSignature = "c44067f5952c0a294b673a41bacd8c17";
    expect(made.sort((a, b) => a.name.localeCompare(b.name))).to.deep.equal([
      thing("test:index:Thing", "archive", {
        code: {
          [signature]: "0def7320c3a5731c473e5ecbe6d01bc7",
          assets: {
            "__index.js": { [signature]: assetSignature, text: "exports.handler = 1;" },
            "file.txt": { [signature]: assetSignature, path: path.join(fixtures, "graph/index.js") },
          },
        },
      }),
      thing("test:index:Group$test:index:Group$test:index:Thing", "inner-thing", { size: 3 }),
      thing("test:index:Thing", "last", { after: "arn:late" }),
      thing("test:index:Thing", "late", { after: "arn:inner-thing" }),
      thing("test:index:Group$test:index:Thing", "outer-thing", { size: 3 }),
      thing("test:index:Thing", "reference", { other: "secret-id" }),
      thing("test:index:Thing", "secret", { password: "hunter2", list: ["x", null] }),
    ]);
    expect(deployed).to.deep.equal({
      project: "graph",
      stack: "test",
      outputs: {
        names: ["a", "b"],
        arn: "arn:outer-thing",
        referenced: "arn:reference",
        archive: "arn:archive",
        late: "arn:late",
        password: "hunter2",
        gate: { instanceType: "ml.g5.xlarge" },
        answer: "hello!",
        organization: "organization",
        stack: "graph/test",
      },
      secretNames: ["password"],
    });
    expect(events.filter(({ kind }) => kind === "message")).to.have.deep.members([
      { kind: "message", severity: "output", text: "a line" },
      { kind: "message", severity: "info", text: "outer: a message" },
    ]);
    expect(events.flatMap((event) => (event.kind === "component" ? `${event.name} in ${event.parent}` : []))).to.deep.equal([
      `outer in ${urn("pulumi:pulumi:Stack", "graph-test")}`,
      `inner in ${urn("test:index:Group", "outer")}`,
    ]);
    expect(events.flatMap((event) => (event.kind === "resource" && event.name === "gate" ? event.change : []))).to.deep.equal([
      "creating",
      "created",
    ]);
  });

  it("runs TypeScript as Pulumi does, and reads other stacks with their secrets kept secret", async () => {
    const graph = { project: "graph", stack: "test", outputs: { password: "hunter2", arn: "arn:x" }, secretNames: ["password"] };
    const stack = readStack(path.join(fixtures, "typescript"), "test");

    const deployed = await deploy(stack, target({}, { stacks: new Map([["graph/test", graph]]) }), () => undefined);

    expect(deployed).to.deep.equal({
      project: "typescript",
      stack: "test",
      outputs: { colour: "red", password: "hunter2", arn: "arn:x" },
      secretNames: ["password"],
    });
  });

  /** The outputs of the TypeScript fixture, deployed from a folder of its own. @param equip what else the folder gets */
  async function outputsOfCopy(equip: (directory: string) => Promise<void>): Promise<unknown> {
    const directory = await mkdtemp(path.join(tmpdir(), "typescript-"));
    try {
      await cp(path.join(fixtures, "typescript"), directory, { recursive: true });
      await equip(directory);
      const graph = { project: "graph", stack: "test", outputs: { password: "hunter2", arn: "arn:x" }, secretNames: [] };
      const stacks = new Map([["graph/test", graph]]);
      return (await deploy(readStack(directory, "test"), target({}, { stacks }), () => undefined)).outputs;
    } finally {
      await rm(directory, { recursive: true });
    }
  }

  it("runs TypeScript without a compiler of the program's own by the one that Pulumi brings along: old templates' options", async () => {
    const outputs = await outputsOfCopy(async (directory) => {
      await installWithoutTypeScript(directory);
      const compilerOptions = { strict: true, target: "es2020", module: "commonjs", moduleResolution: "node" };
      await writeFile(path.join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions }));
    });

    expect(outputs).to.deep.equal({ colour: "red", password: "hunter2", arn: "arn:x" });
  });

  it("runs TypeScript without a tsconfig.json, with the options that Pulumi takes then", async () => {
    const outputs = await outputsOfCopy((directory) =>
      symlink(path.resolve(fixtures, "../../node_modules"), path.join(directory, "node_modules")),
    );

    expect(outputs).to.deep.equal({ colour: "red", password: "hunter2", arn: "arn:x" });
  });

  it("says of a typing mistake what the compiler says, without the way through the compiler", async () => {
    const failing = outputsOfCopy(async (directory) => {
      await symlink(path.resolve(fixtures, "../../node_modules"), path.join(directory, "node_modules"));
      await writeFile(path.join(directory, "handler.ts"), "export const read = (: string) => 1;\n");
      await writeFile(path.join(directory, "index.ts"), 'import { read } from "./handler";\nexport const one = read;\n');
    });
    const message = await failing.then(String, (error: Error) => error.message);

    expect(message).to.match(/handler\.ts\(1,22\): error TS\d+: /);
    expect(message).not.to.match(/^\s+at /m);
  });

  it("names the stacks that exist when a reference leads nowhere", async () => {
    const other = { project: "other", stack: "dev", outputs: {}, secretNames: [] };
    const stack = readStack(path.join(fixtures, "typescript"), "test");

    const failure = await deploy(stack, target({}, { stacks: new Map([["other/dev", other]]) }), () => undefined).catch(String);

    expect(failure).to.equal(
      'Error: pulumi:pulumi:StackReference "organization/graph/test": ' + 'no stack "graph/test" on this embedded cloud; it has other/dev',
    );
  });

  it("runs programs that are ES modules", async () => {
    const deployed = await deploy(readStack(path.join(fixtures, "esm"), "test"), target({}), () => undefined);

    expect(deployed.outputs).to.deep.equal({ project: "esm" });
  });

  it("refuses settings of the AWS provider that would do nothing", async () => {
    const stack = readStack(path.join(fixtures, "esm"), "test");
    const failure = (config: Record<string, string>) => deploy({ ...stack, config }, target({}), () => undefined).catch(String);

    expect(await failure({ "aws:region": "eu-west-1" })).to.equal(
      'Error: Pulumi.test.yaml: aws:region: region is "eu-west-1"; this embedded cloud is us-east-1 alone: ' +
        "name us-east-1 here, or start the cloud in the other region (aws:region of its first program's stack file)",
    );
    expect(await failure({ "aws:maxRetries": "3" })).to.equal(
      "Error: Pulumi.test.yaml: aws:maxRetries is not supported by the embedded cloud",
    );
    expect(await failure({ "aws:defaultTags": '{"tags":{"team":1},"tag":{}}' })).to.equal(
      "Error: Pulumi.test.yaml: aws:defaultTags: tags.team: Invalid input: expected string, received number; " +
        'its value: Unrecognized key: "tag"',
    );
    expect(await failure({ "aws:ignoreTags": "team" })).to.equal(
      "Error: Pulumi.test.yaml: aws:ignoreTags: its value: Invalid input: expected object, received string",
    );
  });

  it("makes resources as transforms say: their own, then those of their parents, then the stack's, as a company's tags need", async () => {
    const { made, resources } = registry();
    const known = new Map<string, Known>();
    const stack = readStack(path.join(fixtures, "transforms"), "test");

    await deploy(stack, target(resources), () => undefined, known);

    const inputs = Object.fromEntries(made.map((registration) => [registration.name, registration.inputs]));
    const signature = "4dabf18193072939515e22adb298388d";
    expect(inputs).to.deep.equal({
      first: { by: ["stack"] },
      inner: {
        after: "arn:first",
        code: {
          [signature]: "0def7320c3a5731c473e5ecbe6d01bc7",
          assets: { "a.js": { [signature]: "c44067f5952c0a294b673a41bacd8c17", text: "1" } },
        },
        by: ["own", "own too", "group", "outer", "stack"],
        key: "hunter2",
      },
    });
    expect([...known].filter(([, { protect }]) => protect).map(([urn]) => urn.split("::").at(-1))).to.deep.equal(["inner"]);
  });

  it("keeps what is in a component that has another name, and an alias of the old one", async () => {
    const { made, resources } = registry();
    const known = new Map<string, Known>();
    const stack = readStack(path.join(fixtures, "renamed"), "test");
    for (const name of ["before", "after"]) {
      await deploy({ ...stack, config: { "renamed:name": name } }, target(resources), () => undefined, known);
    }

    expect(made.map(({ name }) => name)).to.deep.equal(["before-thing", "other-before"]);
    expect([...known].map(([urn, { created }]) => [urn.split("::").at(-1), created.id])).to.deep.equal([
      ["after-thing", "before-thing-id"],
      ["other-after", "other-before-id"],
    ]);
  });

  it("stops when it is told to", async () => {
    const abort = new AbortController();
    const stack = { ...readStack(path.join(fixtures, "faults"), "test"), config: { "faults:fault": "failing" } };
    const stuck = { resources: { "test:index:Thing": { create: () => new Promise<never>(() => abort.abort(new Error("interrupted"))) } } };

    const failure = await deploy(stack, target(stuck, { signal: abort.signal }), () => undefined).catch(String);

    expect(failure).to.equal("Error: interrupted");
  });

  describe("that is wrong ends with one message", () => {
    const messages: Record<string, string> = {
      runError: "first problem\nsecond problem",
      inputs: "can't be set up\n  emails[0]: not one",
      rejected: 'error serializing property "value": told once',
      failing: 'test:index:Thing "failing": no room for it',
      unknownType: 'test:index:Other "other": this resource type is not supported by the embedded cloud',
      unknownDataSource: "test:index:other: this data source is not supported by the embedded cloud",
      duplicate:
        'test:index:Thing "twice": duplicate resource urn:pulumi:test::faults::test:index:Thing::twice; ' +
        "give each resource of one type and parent its own name",
      transforms: 'test:index:Thing "transformed": transform failed: Error: it has no owner',
      invokeTransforms:
        "pulumi.runtime.registerInvokeTransform is not supported by the embedded cloud: call it only where pulumi.getStack() is another stack " +
        'than "test"',
      hooks: 'test:index:Thing "hooked": hooks before and after creation are not supported by the embedded cloud',
      neverInput: 'test:index:Thing "waiting": its input value never resolves',
      neverOutput: "the program ended before its outputs were known: a promise that it waits for never settles",
      logged: "told by the program",
      notInstalled:
        "index.js needs the package @nobody/installed-this, which is not installed: " +
        `in ${path.join(fixtures, "faults")}, run npm install`,
      exit: `the program of ${path.join(fixtures, "faults")} ended with exit code 3`,
      read: "test:index:Thing \"existing\": the embedded cloud has no resources but the programs' own, so it can't read thing-1",
      provider:
        'pulumi:providers:aws "other": region is "eu-west-1"; this embedded cloud is us-east-1 alone: ' +
        "name us-east-1 here, or start the cloud in the other region (aws:region of its first program's stack file)",
    };
    for (const [fault, expected] of Object.entries(messages)) {
      it(fault, async () => {
        const { message, events } = await faulty(fault);
        expect(message).to.equal(expected);
        expect(events.filter(({ kind }) => kind === "message")).to.deep.equal([]);
      });
    }

    it("and for an error that nobody expected, its place", async () => {
      const { message } = await faulty("error");
      const [first, second] = message.split("\n");
      expect(first).to.equal("TypeError: not like this");
      expect(second).to.match(/^ {4}at .*test\/fixtures\/faults\/index\.js:\d+:\d+\)$/);
    });
  });
});
