import { expect } from "chai";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { findTarget } from "../../cli/target";
import { awsSettings, loopbackCredentials } from "../../cli/aws";
import { serviceOutputs } from "../support/outputs";
import { runHere } from "./inProcess";
import { lines, standInForPulumi, temporaryFolder } from "./support";

describe("which service the command line talks to", () => {
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

    const howTo =
      "       Write it with `pulumi stack output --json > outputs.json`, or `npx sagemaker-async local --outputs outputs.json`.\n";
    for (const [file, reason] of [
      ["nowhere.json", "no such file"],
      ["text.json/nowhere.json", "no such file"],
      [".", "is a folder"],
    ] as const) {
      const err = `error: --outputs: ${file}: ${reason}\n${howTo}`;
      expect(await saying(["--outputs", file])).to.deep.equal({ code: 2, out: "", err });
    }
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

  describe("of a program with several services", () => {
    const ocr = { ...serviceOutputs, endpointName: "ocr" };
    const speech = { ...serviceOutputs, endpointName: "speech" };
    const find = async (content: object, service?: string) => {
      write("several.json", content);
      const options = { outputs: path.join(folder.path, "several.json"), ...(service !== undefined && { service }) };
      const { outputs, endpointUrl, written } = await findTarget(options, {});
      return [outputs.endpointName, endpointUrl, written.replace(folder.path, "")];
    };
    const problem = async (content: object, service?: string) => {
      try {
        return await find(content, service);
      } catch (error) {
        return (error as Error).message.replaceAll(`${folder.path}/`, "");
      }
    };

    it("is the one that --service names, in every hint too, and in the outputs of an embedded cloud", async () => {
      expect(await find({ ocr, speech, table: "t" }, "speech")).to.deep.equal([
        "speech",
        undefined,
        "--outputs /several.json --service speech",
      ]);
      expect((await find({ endpointUrl: "http://127.0.0.1:1", outputs: { ocr, speech } }, "ocr")).slice(0, 2)).to.deep.equal([
        "ocr",
        "http://127.0.0.1:1",
      ]);
      const stacks = { "ocr/local": ocr, "speech/local": { outputs: speech } };
      expect((await find({ endpointUrl: "http://127.0.0.1:1", outputs: ocr, stacks }, "speech/local"))[0]).to.equal("speech");
    });

    it("is the only one, whatever its output is called: the guide exports `outputs`", async () => {
      expect((await find({ outputs: ocr, table: "transcripts" }))[0]).to.equal("ocr");
    });

    it("says which there are when none is named, or one that is not there", async () => {
      expect(await problem({ ocr, speech })).to.equal(
        "The file several.json has the outputs of several services: name one with --service ocr or --service speech",
      );
      expect(await problem({ ocr, speech }, "faxes")).to.equal(
        "--service: got faxes, and the file several.json has no such output; expected ocr or speech",
      );
      expect(await problem(ocr, "ocr")).to.equal(
        "--service: got ocr, and the file several.json has no such output; it has those of one service only: leave --service out",
      );
      expect(await problem({ ocr: { contractVersion: 2 } })).to.equal(
        "The output ocr of the file several.json has contractVersion 2 where this sagemaker-async-inference reads 1: update the package here.",
      );
    });
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
          message: "SAGEMAKER_ASYNC_OUTPUTS: nowhere.json: no such file",
          retryable: false,
          advice: "Write it with `pulumi stack output --json > outputs.json`, or `npx sagemaker-async local --outputs outputs.json`.",
        },
      },
    ]);
    expect(inline.err).to.equal(
      "error: SAGEMAKER_ASYNC_OUTPUTS has contractVersion 2 where this sagemaker-async-inference reads 1: update the package here.\n",
    );
    expect(option.err).to.match(/^error: --outputs: other\.json: no such file\n/);
  });

  it("takes no credentials for AWS itself from thin air: exit code 4", async () => {
    write("outputs.json", serviceOutputs);
    const { code, out } = await saying(["--outputs", "outputs.json", "--json"]);

    expect(code).to.equal(4);
    expect(lines(out).map(({ error }) => (error as { code: string }).code)).to.deep.equal(["ACCESS_DENIED"]);
  });

  it("is the outputs.json of the folder when nothing else is named", async () => {
    const own = temporaryFolder();
    writeFileSync(path.join(own.path, "outputs.json"), JSON.stringify({ ...serviceOutputs, contractVersion: 0 }));
    const { code, err } = await runHere(["endpoint"], { directory: own.path });
    own.remove();

    expect([code, err.slice(0, err.indexOf(" where"))]).to.deep.equal([1, "error: The file outputs.json has contractVersion 0"]);
  });

  it("is where its queues are, of an embedded cloud that `pulumi up` deployed to, unless AWS_ENDPOINT_URL has another address", async () => {
    const stack = { ...serviceOutputs, accountId: "000000000000", deadLetterQueueUrl: "http://127.0.0.1:1/000000000000/dlq" };
    write("bare.json", stack);
    const { endpointUrl, endpointFrom } = await findTarget({ outputs: path.join(folder.path, "bare.json") }, {});
    const moved = await findTarget({ outputs: path.join(folder.path, "bare.json") }, { AWS_ENDPOINT_URL: "http://127.0.0.1:2" });

    expect([endpointUrl, endpointFrom]).to.deep.equal(["http://127.0.0.1:1", path.join(folder.path, "bare.json")]);
    expect([moved.endpointUrl, moved.endpointFrom]).to.deep.equal(["http://127.0.0.1:2", "AWS_ENDPOINT_URL"]);
    const ignored = { AWS_ENDPOINT_URL: "http://127.0.0.1:2", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" };
    expect((await findTarget({ outputs: path.join(folder.path, "bare.json") }, ignored)).endpointUrl).to.equal("http://127.0.0.1:1");
    const odd = await saying(["--outputs", "bare.json"], { AWS_ENDPOINT_URL: "127.0.0.1:4566" });
    expect([odd.code, odd.err.split("\n", 1)[0]]).to.deep.equal([
      2,
      "error: AWS_ENDPOINT_URL: got 127.0.0.1:4566, expected a URL such as http://127.0.0.1:4566",
    ]);
    write("nowhere.json", { ...stack, deadLetterQueueUrl: "dlq" });
    expect((await saying(["--outputs", "nowhere.json"])).err).to.equal(
      "error: The file nowhere.json has the outputs of an embedded cloud, and not its address: deadLetterQueueUrl is dlq, expected a URL there.\n",
    );
    expect((await saying(["--outputs", "bare.json"])).err).to.match(
      /^error: .*Nothing answers at http:\/\/127\.0\.0\.1:1, which bare\.json names\.\n/,
    );
  });

  describe("when the cloud is gone", () => {
    const address = "http://127.0.0.1:1";
    const nothing = `Nothing answers at ${address}, which gone.json names.`;
    const advice =
      "Is the embedded cloud running? Started again, it may have another address: npx sagemaker-async local --outputs outputs.json writes that.";
    before(() => write("gone.json", { endpointUrl: address, outputs: { ...serviceOutputs, accountId: "000000000000" } }));

    for (const line of ["list", "endpoint", "cancel x", "explain x", "logs --source submit"]) {
      it(`${line}: names the file that says where it was, with exit code 1`, async () => {
        expect(await runHere([...line.split(" "), "--outputs", "gone.json"], { directory: folder.path })).to.deep.equal({
          code: 1,
          out: "",
          err: `error: ${nothing}\n       ${advice}\n`,
        });
      });
    }

    it("wait does not wait for what can't come, and does not say that the job goes on", async () => {
      const { code, out, err } = await runHere(["wait", "x", "--outputs", "gone.json"], { directory: folder.path });

      expect([code, out]).to.deep.equal([1, ""]);
      expect(err).to.equal(`error: x: ${nothing}\n       An embedded cloud's jobs end with it. ${advice}\n`);
    });

    it("submit and status say it of each file and job", async () => {
      const submitted = await runHere(["submit", "--wait", "--outputs", "gone.json"], { directory: folder.path });
      const asked = await runHere(["status", "x", "--outputs", "gone.json", "--json"], { directory: folder.path });

      expect([submitted.code, submitted.err.split("\n", 1)[0]]).to.deep.equal([1, `error: sample.png: ${nothing}`]);
      expect([asked.code, lines(asked.out)]).to.deep.equal([
        1,
        [{ jobId: "x", error: { code: "UNAVAILABLE", message: nothing, retryable: true, advice } }],
      ]);
    });

    it("is named by the option or the variable that has the address", async () => {
      const option = await saying(["--outputs", "gone.json", "--endpoint-url", "http://127.0.0.1:2"]);
      const named = await saying([], { SAGEMAKER_ASYNC_OUTPUTS: "gone.json" });

      expect(option.err).to.include("Nothing answers at http://127.0.0.1:2, which --endpoint-url names.");
      expect(named.err).to.include(`Nothing answers at ${address}, which gone.json (SAGEMAKER_ASYNC_OUTPUTS) names.`);
    });
  });

  it("explain without credentials is no answer: exit code 4", async () => {
    write("outputs.json", serviceOutputs);
    const { code, out } = await runHere(["explain", "x", "--outputs", "outputs.json", "--json"], { directory: folder.path });

    expect(code).to.equal(4);
    const [{ situation, next, whatYouCanDo } = {}] = lines(out);
    expect([situation, next, whatYouCanDo]).to.deep.equal([
      "record-unreadable",
      "Not known: nobody has seen the job's record.",
      ["Sign in, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."],
    ]);
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

  it("calls AWS's own addresses as the environment says, and one that is given as it is", () => {
    const target = { outputs: serviceOutputs, written: "" };

    expect(awsSettings(target, {})).to.deep.equal({ region: serviceOutputs.region });
    expect(awsSettings({ ...target, endpointUrl: "https://cloud.example.com" }, {})).to.deep.equal({
      region: serviceOutputs.region,
      endpoint: "https://cloud.example.com",
      useFipsEndpoint: false,
      useDualstackEndpoint: false,
    });
  });
});
