import { expect } from "chai";
import * as z from "zod";
import type { CreateRequest } from "../../../local/deploy/messages";
import { Steps, type Known } from "../../../local/deploy/steps";
import { resourceType, updatable } from "../../../local/resources";
import { root } from "../../support/service";

const neverReplaced = {
  aliases: [],
  ignoreChanges: [],
  deleteBeforeReplace: false,
  replaceOnChanges: [],
  replacementTrigger: undefined,
  protect: false,
  retainOnDelete: false,
};

/** What services got, in order: the name of a resource and its tags. */
type Got = [string, Record<string, string> | undefined][];

describe("tags of an AWS provider", () => {
  let got: Got;
  let known: Map<string, Known>;
  beforeEach(() => {
    got = [];
    known = new Map();
  });

  const schema = z.strictObject({ tags: z.record(z.string(), z.string()).optional() });
  const make = async ({ name, inputs }: { name: string; inputs: z.infer<typeof schema> }) => {
    got.push([name, inputs.tags]);
    return { id: name, state: { ...inputs, arn: `arn:${name}`, tagsAll: inputs.tags ?? {} } };
  };
  const tagged = updatable(
    resourceType(schema, make, make, () => Promise.resolve()),
    [],
  );
  const untagged = resourceType(z.strictObject({ size: z.int() }), ({ name, inputs }) => Promise.resolve({ id: name, state: inputs }));

  /** Deploys resources in turn. @returns the state that the program reads of each */
  async function deploy(config: Record<string, string>, ...requests: (Partial<CreateRequest> & { type: string; name: string })[]) {
    const steps = new Steps(
      { directory: root, main: "index.js", project: "p", stack: "s", config, secretKeys: [], localSettings: {} },
      {
        region: "us-east-1",
        resources: { resources: { "test:index:Tagged": tagged, "test:index:Untagged": untagged } },
        stacks: new Map(),
        environment: {},
        signal: new AbortController().signal,
      },
      () => undefined,
      known,
    );
    const states: Record<string, unknown>[] = [];
    for (const request of requests) {
      const urn = `urn:pulumi:s::p::${request.type}::${request.name}`;
      const made = await steps.create({
        ...{
          kind: "create",
          request: 1,
          urn,
          parent: undefined,
          inputs: {},
          provider: "",
          existingId: undefined,
          propertyDependencies: {},
        },
        ...neverReplaced,
        ...request,
      });
      states.push(made.state);
    }
    await steps.finish();
    return states;
  }
  const provider = (inputs: Record<string, unknown>) => ({ type: "pulumi:providers:aws", name: "west", inputs });
  const west = "urn:pulumi:s::p::pulumi:providers:aws::west::provider-1";

  it("reach a resource with its own over them, which the program reads apart, and a resource without tags not at all", async () => {
    const defaults = { defaultTags: JSON.stringify({ tags: { team: "ml", stage: "dev" } }), region: "us-east-1" };
    const states = await deploy(
      {},
      provider(defaults),
      { type: "test:index:Tagged", name: "own", provider: west, inputs: { tags: { stage: "prod" } } },
      { type: "test:index:Tagged", name: "bare", provider: west },
      { type: "test:index:Untagged", name: "size", provider: west, inputs: { size: 1 } },
      { type: "test:index:Tagged", name: "elsewhere" },
    );
    expect(got).to.deep.equal([
      ["own", { team: "ml", stage: "prod" }],
      ["bare", { team: "ml", stage: "dev" }],
      ["elsewhere", undefined],
    ]);
    expect(states).to.deep.equal([
      { region: "us-east-1", defaultTags: { tags: { team: "ml", stage: "dev" } } },
      { arn: "arn:own", tags: { stage: "prod" }, tagsAll: { team: "ml", stage: "prod" } },
      { arn: "arn:bare", tagsAll: { team: "ml", stage: "dev" } },
      { size: 1 },
      { arn: "arn:elsewhere", tagsAll: {} },
    ]);
  });

  it("come from the stack file too, and a change of them updates what has them, once", async () => {
    const resource = { type: "test:index:Tagged", name: "made" };
    const config = (team: string) => ({ "aws:defaultTags": JSON.stringify({ tags: { team } }) });
    await deploy(config("ml"), resource);
    await deploy(config("ml"), resource);
    await deploy(config("ocr"), resource);
    const [state] = await deploy({}, resource);
    expect(got).to.deep.equal([
      ["made", { team: "ml" }],
      ["made", { team: "ocr" }],
      ["made", undefined],
    ]);
    expect(state).to.deep.equal({ arn: "arn:made", tagsAll: {} });
  });

  it("that are ignored are no part of tagsAll, while what the program gives is made", async () => {
    const ignoreTags = JSON.stringify({ keys: ["cost"], keyPrefixes: ["scan:"] });
    const tags = { cost: "1", "scan:at": "noon", team: "ml" };
    const [, state] = await deploy({}, provider({ ignoreTags }), {
      type: "test:index:Tagged",
      name: "made",
      provider: west,
      inputs: { tags },
    });
    expect(got).to.deep.equal([["made", tags]]);
    expect(state).to.deep.equal({ arn: "arn:made", tags, tagsAll: { team: "ml" } });
  });

  it("change with their provider, which stays the same one", async () => {
    const resource = { type: "test:index:Tagged", name: "made", provider: west };
    const withTeam = (team: string) => provider({ defaultTags: JSON.stringify({ tags: { team } }) });
    await deploy({}, withTeam("ml"), resource);
    await deploy({}, withTeam("ocr"), resource);
    expect(got.map(([, tags]) => tags)).to.deep.equal([{ team: "ml" }, { team: "ocr" }]);
    expect([...known.values()].map(({ created: { id } }) => id)).to.deep.equal(["provider-1", "made"]);
  });

  it("are refused by name where they have another form", async () => {
    const refused = await deploy({}, provider({ defaultTags: JSON.stringify({ tags: { team: 1 } }) })).catch(String);
    expect(refused).to.equal('Error: pulumi:providers:aws "west": defaultTags.tags.team: Invalid input: expected string, received number');
  });
});
