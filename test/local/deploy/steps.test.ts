import { expect } from "chai";
import type { CreateRequest } from "../../../local/deploy/messages";
import { Steps, type DeployEvent, type Known } from "../../../local/deploy/steps";
import type { ResourceType } from "../../../local/resources";
import { root } from "../../support/service";

const stack = { directory: root, main: "index.js", project: "p", stack: "s", config: {}, secretKeys: [], localSettings: {} };
const urnOf = (name: string) => `urn:pulumi:s::p::test:index:Thing::${name}`;

/** What a program says of a resource; `from` are the inputs that come from others. */
interface Said extends Partial<Omit<CreateRequest, "propertyDependencies">> {
  name: string;
  from?: Record<string, string[]>;
}

/** A stack of things whose `fixed` can't be changed, and all that is done to them. */
class Stack {
  readonly known = new Map<string, Known>();
  readonly done: string[] = [];
  /** Reasons for which one can't be deleted, by id. */
  readonly inUse = new Map<string, string>();
  private made = 0;

  private readonly type: ResourceType = {
    fixed: ["name", "fixed"],
    create: ({ name, inputs }) => {
      const id = typeof inputs["name"] === "string" ? inputs["name"] : `${name}-${++this.made}`;
      this.done.push(`create ${id}`);
      return inputs["fails"] ? Promise.reject(new Error("no room for it")) : Promise.resolve({ id, state: inputs });
    },
    update: ({ inputs }, { id }, before) => {
      if (JSON.stringify(inputs) === JSON.stringify(before)) return Promise.resolve(undefined);
      this.done.push(`update ${id}`);
      return Promise.resolve({ id, state: inputs });
    },
    delete: ({ id }) => {
      const reason = this.inUse.get(id);
      if (reason !== undefined) return Promise.reject(new Error(reason));
      this.done.push(`delete ${id}`);
      return Promise.resolve();
    },
  };

  /** @returns what was done, then what was said */
  async deploy(...resources: Said[]): Promise<string[]> {
    const events: DeployEvent[] = [];
    this.done.length = 0;
    const target = { region: "us-east-1", resources: { resources: { "test:index:Thing": this.type } }, stacks: new Map(), environment: {} };
    const steps = new Steps(stack, { ...target, signal: new AbortController().signal }, (event) => events.push(event), this.known);
    try {
      for (const resource of resources) await steps.create(requestOf(resource));
      await steps.finish();
    } catch (error) {
      return [...this.done, (error as Error).message];
    }
    return [...this.done, ...events.flatMap((event) => (event.kind === "message" ? [event.text] : []))];
  }
}

function requestOf({ name, from = {}, ...rest }: Said): CreateRequest {
  const dependencies = Object.entries(from).map(([input, names]) => [input, names.map(urnOf)]);
  return {
    kind: "create",
    request: 1,
    urn: urnOf(name),
    type: "test:index:Thing",
    name,
    parent: undefined,
    inputs: {},
    provider: "",
    existingId: undefined,
    propertyDependencies: Object.fromEntries(dependencies) as CreateRequest["propertyDependencies"],
    aliases: [],
    ignoreChanges: [],
    deleteBeforeReplace: false,
    replaceOnChanges: [],
    replacementTrigger: undefined,
    protect: false,
    retainOnDelete: false,
    ...rest,
  };
}

describe("what a deployment does with a resource that has changed", () => {
  let deployed: Stack;
  beforeEach(() => (deployed = new Stack()));

  it("makes another one for a change that can't be made in place, and deletes the old one once all others have left it", async () => {
    await deployed.deploy({ name: "config", inputs: { fixed: 1 } }, { name: "endpoint", inputs: { config: "config-1" } });

    const done = await deployed.deploy({ name: "config", inputs: { fixed: 2 } }, { name: "endpoint", inputs: { config: "config-3" } });

    expect(done).to.deep.equal(["create config-3", "update endpoint-2", "delete config-1"]);
    expect(
      await deployed.deploy({ name: "config", inputs: { fixed: 2 } }, { name: "endpoint", inputs: { config: "config-3" } }),
    ).to.deep.equal([]);
  });

  it("replaces for a property that the program names, and for its trigger, and not when a trigger is new", async () => {
    await deployed.deploy({ name: "policy", inputs: { text: 1 } });
    const trigger = { replacementTrigger: { type: "a" } };

    expect(await deployed.deploy({ name: "policy", inputs: { text: 2 }, replaceOnChanges: ["text"] })).to.deep.equal([
      "create policy-2",
      "delete policy-1",
    ]);
    expect(await deployed.deploy({ name: "policy", inputs: { text: 2 }, ...trigger })).to.deep.equal([]);
    expect(await deployed.deploy({ name: "policy", inputs: { text: 2 }, ...trigger, replacementTrigger: { type: "b" } })).to.deep.equal([
      "create policy-3",
      "delete policy-2",
    ]);
  });

  it("keeps under its new name what an alias says is the same, and makes what has taken the old one", async () => {
    await deployed.deploy({ name: "bucket", inputs: { text: 1 } });

    const aliases = [urnOf("never"), urnOf("bucket")];
    expect(await deployed.deploy({ name: "store", inputs: { text: 1 }, aliases })).to.deep.equal([]);
    expect(await deployed.deploy({ name: "store", inputs: { text: 2 }, aliases })).to.deep.equal(["update bucket-1"]);
    expect(await deployed.deploy({ name: "bucket" }, { name: "store", inputs: { text: 2 }, aliases })).to.deep.equal(["create bucket-2"]);
    expect([...deployed.known.keys()]).to.deep.equal([urnOf("store"), urnOf("bucket")]);
  });

  it("leaves what the program ignores as it was made", async () => {
    const inputs = (count: number) => ({
      count,
      tags: { "a.b": count, c: count },
      rules: [{ id: count, of: count }, { id: count }],
      fixed: count,
    });
    const ignoreChanges = ["fixed", "count", 'tags["a.b"]', "rules[*].id", "none.such"];
    await deployed.deploy({ name: "thing", inputs: inputs(1), ignoreChanges });

    expect(await deployed.deploy({ name: "thing", inputs: inputs(2), ignoreChanges })).to.deep.equal(["update thing-1"]);
    expect(deployed.known.get(urnOf("thing"))?.inputs).to.deep.equal({
      ...{ count: 1, tags: { "a.b": 1, c: 2 }, rules: [{ id: 1, of: 2 }, { id: 1 }], fixed: 1 },
    });
    expect(await deployed.deploy({ name: "thing", inputs: inputs(2), ignoreChanges })).to.deep.equal([]);
  });

  it("deletes first what asks for it, with all that has to be made anew with it, the last made first", async () => {
    const all = (type: string, id: string): Said[] => [
      { name: "gate", inputs: { type }, replacementTrigger: type, deleteBeforeReplace: true },
      { name: "endpoint", inputs: {}, from: { other: ["gate"] } },
      { name: "target", inputs: { fixed: id }, from: { fixed: ["endpoint", "gate"] } },
      { name: "policy", inputs: { fixed: id }, from: { fixed: ["target"] } },
    ];
    await deployed.deploy(...all("g5", "endpoint-2"));

    expect(await deployed.deploy(...all("g6", "endpoint-2"))).to.deep.equal([
      "delete policy-4",
      "delete target-3",
      "delete gate-1",
      "create gate-5",
      "create target-6",
      "create policy-7",
    ]);
  });

  it("deletes first what has the program's own name, which two can't have", async () => {
    await deployed.deploy({ name: "queue", inputs: { name: "ends", fixed: 1 } });

    expect(await deployed.deploy({ name: "queue", inputs: { name: "ends", fixed: 2 } })).to.deep.equal(["delete ends", "create ends"]);
  });

  it("keeps the old one when the deployment fails, and deletes it after the next one that does not", async () => {
    const config = (fixed: number): Said => ({ name: "config", inputs: { fixed } });
    const endpoint = (fails: boolean): Said => ({ name: "endpoint", inputs: { fails } });
    await deployed.deploy(config(1));

    expect(await deployed.deploy(config(2), endpoint(true))).to.deep.equal([
      "create config-2",
      "create endpoint-3",
      'test:index:Thing "endpoint": no room for it',
    ]);
    expect(await deployed.deploy(config(3), endpoint(false))).to.deep.equal([
      "create config-4",
      "create endpoint-5",
      "delete config-1",
      "delete config-2",
    ]);
  });

  it("says why an old one could not be deleted, and tries again", async () => {
    await deployed.deploy({ name: "bucket", inputs: { fixed: 1 } });
    deployed.inUse.set("bucket-1", "The bucket you tried to delete is not empty");

    expect(await deployed.deploy({ name: "bucket", inputs: { fixed: 2 } })).to.deep.equal([
      "create bucket-2",
      'test:index:Thing "bucket" (bucket-1) is no longer in the program, and stays until a next deployment can delete it: The bucket you tried to delete is not empty',
    ]);
    deployed.inUse.clear();
    expect(await deployed.deploy({ name: "bucket", inputs: { fixed: 2 } })).to.deep.equal(["delete bucket-1"]);
  });

  it("deletes what the program does not have any more, the last made first, but for what is protected, retained or in use", async () => {
    const kept = { name: "bucket", inputs: {} };
    await deployed.deploy(kept, { name: "table", inputs: {}, protect: true }, { name: "log", inputs: {}, retainOnDelete: true });
    await deployed.deploy(kept, { name: "table", inputs: {}, protect: true }, { name: "queue", inputs: {} }, { name: "topic", inputs: {} });
    deployed.inUse.set("queue-4", "in use");

    expect(await deployed.deploy(kept)).to.deep.equal([
      "delete topic-5",
      'test:index:Thing "queue" (queue-4) is no longer in the program, and stays until a next deployment can delete it: in use',
      'test:index:Thing "table" (table-2) is no longer in the program, and stays until a next deployment can delete it: it is protected',
    ]);
    deployed.inUse.clear();
    expect((await deployed.deploy(kept))[0]).to.equal("delete queue-4");
    expect([...deployed.known.keys()]).to.deep.equal(["bucket", "table"].map(urnOf));
  });

  it("replaces nothing that is protected, and leaves what the program retains", async () => {
    const [before, after] = [{ fixed: 1 }, { fixed: 2 }];
    await deployed.deploy({ name: "table", inputs: before }, { name: "bucket", inputs: before, retainOnDelete: true });

    expect(await deployed.deploy({ name: "table", inputs: after, protect: true })).to.deep.equal([
      'test:index:Thing "table": fixed changed, which replaces it, and it is protected: take the option protect away first',
    ]);
    expect(await deployed.deploy({ name: "table", inputs: before }, { name: "bucket", inputs: after, retainOnDelete: true })).to.deep.equal(
      ["create bucket-3"],
    );
  });
});
