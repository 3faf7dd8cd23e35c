import { expect } from "chai";
import { readFileSync, rmSync } from "node:fs";
import path from "node:path";
import type { AsyncInferenceOutputs } from "../../outputs";
import { run, standInForPulumi, start, temporaryFolder, type Running } from "./support";

describe("sagemaker-async local", () => {
  const folder = temporaryFolder();
  const directory = folder.path;
  /** As in companies that allow AWS's FIPS addresses alone: the cloud has one address, and its roles are allowed what they are. */
  const regulated = { AWS_USE_FIPS_ENDPOINT: "true", AWS_USE_DUALSTACK_ENDPOINT: "true" };
  let local: Running;
  let service: { endpointUrl: string; outputs: AsyncInferenceOutputs };

  before(async () => {
    local = start(["local", "--port", "0", "--outputs", "outputs.json"], { directory, environment: regulated });
    await local.said("until Ctrl-C.");
    service = JSON.parse(readFileSync(path.join(directory, "outputs.json"), "utf8")) as typeof service;
  });
  after(async () => {
    local.signal("SIGKILL");
    await local.ended;
    folder.remove();
  });

  it("serves the program of the repository with its model, whatever the environment says of AWS's own addresses: a page goes in, its text comes out", async () => {
    const { code, out, err } = await run(["submit", "--wait", "--display-results", "--outputs", "outputs.json", "--job-id", "page-1"], {
      directory,
      environment: regulated,
    });

    expect({ code, err }).to.deep.equal({ code: 0, err: "" });
    expect(out).to.match(/^page-1\tCOMPLETED\tsample\.png\t[\d.]+ m?s\n{"text":"It works\.\\n","confidence":\d+}\n$/);
  });

  describe("and --stack, with a Pulumi CLI that knows its outputs", () => {
    /** As `pulumi stack output --json` prints them: by name, secrets masked unless they are asked for. */
    const stack = async (secretNames: string[]) => {
      const outputs = Object.entries(service.outputs).sort(([a], [b]) => (a < b ? -1 : 1));
      rmSync(path.join(directory, "asked"), { force: true });
      standInForPulumi(
        directory,
        `require("fs").appendFileSync("asked", args.join(" ") + "\\n");
        const shown = ([name, value]) => [name, !args.includes("--show-secrets") && ${JSON.stringify(secretNames)}.includes(name) ? "[secret]" : value];
        console.log(JSON.stringify(Object.fromEntries(${JSON.stringify(outputs)}.map(shown)), null, 2));`,
      );
      const environment = { PATH: `${directory}:${process.env["PATH"]}` };
      const ended = await run(["status", "page-1", "--stack", "acme/ocr/dev", "--endpoint-url", service.endpointUrl], {
        directory,
        environment,
      });
      return { ...ended, asked: readFileSync(path.join(directory, "asked"), "utf8") };
    };

    it("finds the service", async () => {
      const { code, out, err, asked } = await stack([]);

      expect({ code, err, asked }).to.deep.equal({
        code: 0,
        err: "",
        asked: "stack output --json --stack acme/ocr/dev --non-interactive\n",
      });
      expect(out).to.match(/^page-1  COMPLETED\n/);
    });

    it("asks for the values of secrets, where an output of the service is one, and takes no mask for a name", async () => {
      const { code, out, err, asked } = await stack(["bucketName", "maxCapacity"]);

      expect({ code, err, asked }).to.deep.equal({
        code: 0,
        err: "",
        asked:
          "stack output --json --stack acme/ocr/dev --non-interactive\n" +
          "stack output --json --stack acme/ocr/dev --non-interactive --show-secrets\n",
      });
      expect(out).to.match(/^page-1  COMPLETED\n/);
    });
  });

  describe("in the end", () => {
    it("has said how S3 Control is reached, and stops at Ctrl-C", async () => {
      local.signal("SIGINT");
      const { code, out, err } = await local.ended;

      expect(out).to.contain(`so this cloud is their proxy too: http_proxy=${service.endpointUrl} aws s3control …\n`);
      expect({ code, err, end: out.split("\n").at(-2) }).to.deep.equal({
        code: 0,
        err: "",
        end: `Serving on ${service.endpointUrl} until Ctrl-C.`,
      });
    });
  });
});
