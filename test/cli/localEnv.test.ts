import { expect } from "chai";
import { readFileSync, writeFileSync } from "node:fs";
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
