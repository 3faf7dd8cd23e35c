import { expect } from "chai";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { root } from "../support/service";
import { runHere } from "./inProcess";
import { temporaryFolder } from "./support";

const services = "appautoscaling cloudwatch dynamodb ec2 events iam kms lambda logs s3 s3control sagemaker sfn sns sqs ssm sts".split(" ");

describe("sagemaker-async local env", () => {
  it("gives a shell what makes any AWS SDK a client of the cloud, at the port that it serves on", async () => {
    expect(await runHere(["local", "env", "--port", "5000", "--region", "eu-west-1"])).to.deep.equal({
      code: 0,
      out: [
        "export AWS_ENDPOINT_URL=http://127.0.0.1:5000",
        "export AWS_REGION=eu-west-1",
        "export AWS_DEFAULT_REGION=eu-west-1",
        "export AWS_ACCESS_KEY_ID=test",
        "export AWS_SECRET_ACCESS_KEY=test",
        "",
      ].join("\n"),
      err: "",
    });
  });

  it("has the region of the folder's stack local, which a cloud that is started there takes", async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder.path, "Pulumi.yaml"), "name: ocr\nruntime: nodejs\n");
    writeFileSync(path.join(folder.path, "Pulumi.local.yaml"), "config:\n  aws:region: eu-west-1\n");
    const { out } = await runHere(["local", "env"], { directory: folder.path });
    folder.remove();

    expect(out.split("\n").slice(1, 3)).to.deep.equal(["export AWS_REGION=eu-west-1", "export AWS_DEFAULT_REGION=eu-west-1"]);
  });

  it("gives a stack file that it is appended to the provider's settings, and leaves its region and all else as it is", async () => {
    const before = readFileSync(path.join(root, "Pulumi.dev.yaml"), "utf8");

    const { out } = await runHere(["local", "env", "--pulumi"]);

    const { config } = parse(before) as { config: object };
    expect(parse(before + out)).to.deep.equal({
      config: {
        ...config,
        "aws:accessKey": "test",
        "aws:secretKey": "test",
        "aws:httpProxy": "http://127.0.0.1:4566",
        "aws:httpsProxy": "",
        "aws:s3UsePathStyle": "true",
        "aws:skipCredentialsValidation": "true",
        "aws:skipMetadataApiCheck": "true",
        "aws:skipRegionValidation": "true",
        "aws:endpoints": [Object.fromEntries(services.map((name) => [name, "http://127.0.0.1:4566"]))],
      },
    });
    expect((await runHere(["local", "env", "--pulumi", "--region", "eu-west-1"])).out).to.equal(`  aws:region: eu-west-1\n${out}`);
  });

  describe("--write", () => {
    const folder = temporaryFolder();
    const file = path.join(folder.path, "Pulumi.dev.yaml");
    const write = (...options: string[]) =>
      runHere(["local", "env", "--pulumi", "--write", "Pulumi.dev.yaml", ...options], { directory: folder.path });
    const settings = (port: number) => `  aws:accessKey: test
  aws:secretKey: test
  aws:httpProxy: http://127.0.0.1:${port}
  aws:httpsProxy: ""
  aws:s3UsePathStyle: "true"
  aws:skipCredentialsValidation: "true"
  aws:skipMetadataApiCheck: "true"
  aws:skipRegionValidation: "true"
  aws:endpoints:
${services.map((name, index) => `    ${index === 0 ? "-" : " "} ${name}: http://127.0.0.1:${port}\n`).join("")}`;
    after(() => folder.remove());

    it("keeps what `pulumi stack init` and its people wrote, and takes the place of what it wrote itself", async () => {
      const above =
        "# The team's own stack.\nconfig:\n  # near the users\n  aws:region: eu-west-1\n  ocr:token:\n    secure: AAABANq0c2VjcmV0\n";
      const below = "encryptionsalt: v1:8kDqZ5mWbZQ=:v1:Cm1FZ7u6:long/enough+to/be+broken/into+two/lines+of+eighty/columns==\n";
      writeFileSync(file, above + below);

      const first = await write();
      const once = readFileSync(file, "utf8");
      await write("--port", "5000");

      expect(first).to.deep.equal({
        code: 0,
        out: "Pulumi.dev.yaml leads the AWS provider to http://127.0.0.1:4566, region eu-west-1.\n",
        err: "",
      });
      expect(once).to.equal(above + settings(4566) + below);
      expect(readFileSync(file, "utf8")).to.equal(above + settings(5000) + below);
    });

    it("leaves what others wrote as they wrote it: digits, remarks beside a value, and the ends of lines", async () => {
      const above = [
        "# head",
        "config:",
        "  aws:region: eu-west-1 # where the data is",
        "  ocr:account: 012345678901",
        "  ocr:digits: 123456789012345678901",
        "  ocr:mode: 0777",
        "  ocr:rate: 1e3",
        "  ocr:flag: 0x1F",
        "  ocr:none:",
        "  ocr:nothing: ~",
        "  ocr:quoted: 'it''s'",
        "  ocr:text: |-",
        "    a",
        "      b",
        "",
      ].join("\n");
      const written: boolean[] = [];
      for (const ends of ["\n", "\r\n"]) {
        writeFileSync(file, above.replaceAll("\n", ends));
        await write();
        written.push(readFileSync(file, "utf8") === (above + settings(4566)).replaceAll("\n", ends));
      }
      await write("--region", "us-west-2");

      expect(written).to.deep.equal([true, true]);
      expect(readFileSync(file, "utf8")).to.include("  aws:region: us-west-2 # where the data is\r\n");
    });

    it("makes a stack file that is missing or empty, with the cloud's region, and changes the region that is asked for", async () => {
      const texts: string[] = [];
      rmSync(file);
      await write();
      for (const before of ["encryptionsalt: v1:8kDq\n", "encryptionsalt: v1:8kDq\nconfig:\n", "encryptionsalt: v1:8kDq\nconfig: {}\n"]) {
        texts.push(readFileSync(file, "utf8"));
        writeFileSync(file, before);
        await write("--region", "eu-west-1");
      }
      texts.push(readFileSync(file, "utf8"));
      writeFileSync(file, "config:\n  aws:region:\n");
      await write();
      texts.push(readFileSync(file, "utf8"));
      const made = (region: string) => `config:\n  aws:region: ${region}\n${settings(4566)}`;
      const salted = `encryptionsalt: v1:8kDq\n${made("eu-west-1")}`;
      expect(texts).to.deep.equal([made("us-east-1"), salted, salted, salted, made("us-east-1")]);
    });

    it("refuses what is no stack file, and leaves it as it is", async () => {
      const refused = async (name: string, text: string) => {
        writeFileSync(path.join(folder.path, name), text);
        const { code, err } = await runHere(["local", "env", "--write", name], { directory: folder.path });
        return [code, err.split("\n")[0], readFileSync(path.join(folder.path, name), "utf8") === text];
      };
      expect([
        await refused("Pulumi.yaml", "name: ocr\nruntime: nodejs\n"),
        await refused("Pulumi.list.yaml", "- config\n"),
        await refused("Pulumi.text.yaml", "config: none\n"),
        await refused("Pulumi.broken.yaml", "config:\n  a: 1\nsalt: x\n  b: 2\n"),
      ]).to.deep.equal([
        [
          2,
          "error: --write Pulumi.yaml: expected a stack file, such as Pulumi.dev.yaml: what all stacks share would lead production to the embedded cloud",
          true,
        ],
        [2, "error: --write Pulumi.list.yaml: expected a mapping with the key config", true],
        [2, 'error: --write Pulumi.text.yaml: config is "none", expected a mapping of settings', true],
        [
          2,
          "error: --write Pulumi.broken.yaml: it is no valid YAML, so nothing was written: Nested mappings are not allowed in compact mappings at line 3, column 7:",
          true,
        ],
      ]);
      expect(readdirSync(folder.path).filter((name) => name.endsWith(".tmp"))).to.deep.equal([]);
    });
  });

  it("gives Terraform a provider block as `terraform fmt` writes it", async () => {
    const { out } = await runHere(["local", "env", "--terraform"]);

    expect(out).to.equal(`provider "aws" {
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  http_proxy                  = "http://127.0.0.1:4566"
  https_proxy                 = ""
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true

  endpoints {
${services.map((name) => `    ${name.padEnd(14)} = "http://127.0.0.1:4566"`).join("\n")}
  }
}
`);
  });

  it("refuses two forms at once, which no file would take", async () => {
    const { code, err } = await runHere(["local", "env", "--pulumi", "--terraform"]);

    expect({ code, err: err.split("\n")[0] }).to.deep.equal({
      code: 2,
      err: "error: option '--pulumi' cannot be used with option '--terraform'",
    });
  });
});
