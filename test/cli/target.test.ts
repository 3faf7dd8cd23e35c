import { expect } from "chai";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { loopbackCredentials } from "../../cli/aws";
import { serviceOutputs } from "../support/outputs";
import { runHere } from "./inProcess";
import { lines, standInForPulumi, temporaryFolder } from "./support";

describe("which service the command line talks to", function () {
  this.timeout(60_000);
  const folder = temporaryFolder();
  after(() => folder.remove());

  /** What a command that fails before its first call says. */
  const saying = async (args: string[], environment: Record<string, string> = {}) => {
    const { code, out, err } = await runHere(["endpoint", ...args], { directory: folder.path, environment });
    return { code, out, err };
  };
  const write = (name: string, content: unknown) =>
    writeFileSync(path.join(folder.path, name), typeof content === "string" ? content : JSON.stringify(content));

  it("--outputs: says what is wrong with a file that has no outputs of a service", async () => {
    write("text.json", "outputs");
    write("empty.json", {});
    write("older.json", { ...serviceOutputs, contractVersion: 0 });
    write("masked.json", { ...serviceOutputs, bucketName: "[secret]", maxCapacity: "[secret]", other: "[secret]" });

    expect(await saying(["--outputs", "nowhere.json"])).to.deep.equal({
      code: 1,
      out: "",
      err:
        "error: nowhere.json: no such file\n" +
        "       Write it with `pulumi stack output --json > outputs.json`, or `npm run cloud -- --outputs outputs.json`.\n",
    });
    expect((await saying(["--outputs", "text.json"])).err).to.match(/^error: text\.json is not JSON: /);
    expect((await saying(["--outputs", "empty.json"])).err).to.equal(
      "error: The file empty.json has no outputs: deploy it with `export = service.outputs` first.\n",
    );
    expect((await saying(["--outputs", "masked.json"])).err).to.equal(
      "error: The file masked.json has [secret] in the place of bucketName, maxCapacity: write it with `pulumi stack output --json --show-secrets`.\n",
    );
    expect((await saying(["--outputs", "older.json"])).err).to.equal(
      "error: The file older.json has contractVersion 0 where this sagemaker-async-inference reads 1: update the package there and deploy again.\n",
    );
  });

  it("is named before the command as well as after it", async () => {
    write("older.json", { ...serviceOutputs, contractVersion: 0 });
    for (const early of [["--outputs", "older.json"], ["--outputs=older.json"], ["--json", "--outputs", "older.json"]]) {
      const { code, out, err } = await runHere([...early, "endpoint"], { directory: folder.path });
      expect({ code, named: (out + err).includes("The file older.json has contractVersion 0") }, early.join(" ")).to.deep.equal({
        code: 1,
        named: true,
      });
    }
  });

  it("--stack: asks the Pulumi CLI, and hands on what that says", async () => {
    const words = "error: no stack named 'dve' found";
    standInForPulumi(folder.path, `console.error(${JSON.stringify(words)} + " " + JSON.stringify(args)); process.exit(255);`);
    const { code, err } = await saying(["--stack", "dve"], { PATH: `${folder.path}:${process.env["PATH"]}` });

    expect({ code, err }).to.deep.equal({
      code: 1,
      err:
        `error: pulumi stack output --stack dve: no stack named 'dve' found ["stack","output","--json","--stack","dve","--non-interactive"]\n` +
        "       `pulumi stack ls` shows the stacks of this project.\n",
    });
  });

  it("--stack: says that there is no Pulumi CLI, and what to do without", async () => {
    expect(await saying(["--stack", "dev"], { PATH: folder.path.concat("/nothing") })).to.deep.equal({
      code: 1,
      out: "",
      err:
        "error: --stack needs the Pulumi CLI, and there is no pulumi on the PATH.\n" +
        "       Install it (https://www.pulumi.com/docs/install/), or give --outputs FILE where a command takes it.\n",
    });
  });

  it("SAGEMAKER_ASYNC_OUTPUTS is a file or the outputs themselves; an option wins over it", async () => {
    const named = await saying(["--json"], { SAGEMAKER_ASYNC_OUTPUTS: "nowhere.json" });
    const inline = await saying([], { SAGEMAKER_ASYNC_OUTPUTS: '{"contractVersion": 2}' });
    const option = await saying(["--outputs", "other.json"], { SAGEMAKER_ASYNC_OUTPUTS: '{"contractVersion": 2}' });

    expect(lines(named.out)).to.deep.equal([
      {
        error: {
          code: "BAD_INPUT",
          message: "nowhere.json: no such file",
          retryable: false,
          advice: "Write it with `pulumi stack output --json > outputs.json`, or `npm run cloud -- --outputs outputs.json`.",
        },
      },
    ]);
    expect(inline.err).to.equal(
      "error: SAGEMAKER_ASYNC_OUTPUTS has contractVersion 2 where this sagemaker-async-inference reads 1: update the package here.\n",
    );
    expect(option.err).to.match(/^error: other\.json: no such file\n/);
  });

  it("takes no credentials for AWS itself from thin air: exit code 4", async () => {
    write("outputs.json", serviceOutputs);
    const { code, out } = await saying(["--outputs", "outputs.json", "--json"]);

    expect(code).to.equal(4);
    expect(lines(out).map(({ error }) => (error as { code: string }).code)).to.deep.equal(["ACCESS_DENIED"]);
  });

  it("uses made-up keys on this machine only, and only when there are no others", () => {
    const dummies = { accessKeyId: "test", secretAccessKey: "test" };

    expect(loopbackCredentials("http://127.0.0.1:4566", {})).to.deep.equal(dummies);
    expect(loopbackCredentials("http://localhost:4566", {})).to.deep.equal(dummies);
    expect(loopbackCredentials("http://[::1]:4566", {})).to.deep.equal(dummies);
    expect(loopbackCredentials("http://127.0.0.1:4566", { AWS_PROFILE: "work" })).to.equal(undefined);
    expect(loopbackCredentials("http://127.0.0.1.example.com", {})).to.equal(undefined);
    expect(loopbackCredentials("https://s3.amazonaws.com", {})).to.equal(undefined);
    expect(loopbackCredentials(undefined, {})).to.equal(undefined);
  });
});
