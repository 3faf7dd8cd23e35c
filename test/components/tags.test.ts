import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { AsyncInference } from "../../components/asyncInference";
import { deploy } from "../support/deploy";
import { root } from "../support/program";

/** Whether @pulumi/aws takes `tags` for a resource type, by its declaration. */
function takesTags(type: string): boolean {
  const path = type.split(":")[1];
  if (!type.startsWith("aws:") || path === undefined) return false;
  const declaration = readFileSync(join(root, "node_modules", "@pulumi", "aws", `${path}.d.ts`), "utf8");
  return /^ {4}tags\?:/m.test(declaration);
}

describe("tags", () => {
  it("are project, stack and the user's own, on every resource that takes some: costs must be found again", async () => {
    const run = deploy(
      () => {
        const service = new AsyncInference("ocr", { image: "ocr:1", inboxEnabled: true, tags: { team: "ml", stack: "mine" } });
        service.onCompleted("store", ({ jobId }) => void jobId);
      },
      { project: "scans", stack: "prod" },
    );

    const { resources } = await run;
    const tagged = resources.map(({ type, name, inputs }) => [`${type} ${name}`, inputs["tags"]]);
    const expected = resources.map(({ type, name }) => [
      `${type} ${name}`,
      takesTags(type) ? { project: "scans", stack: "mine", team: "ml" } : undefined,
    ]);
    expect(tagged).to.deep.equal(expected);
    expect(tagged.filter(([, tags]) => tags).length).to.equal(23);
  });
});
