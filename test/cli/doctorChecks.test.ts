import { expect } from "chai";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { runHere } from "./inProcess";
import { lines, temporaryFolder } from "./support";

/** What an account answers: a double of STS, Service Quotas, ECR and S3 on one port. */
interface Account {
  quotas: { QuotaName: string; QuotaCode: string; Value: number }[];
  /** What was never raised. */
  defaults: { QuotaName: string; QuotaCode: string; Value: number }[];
  /** `repository` to its tags. */
  images: Record<string, string[]>;
  /** Key to HTTP status; 200 when it is there. */
  objects: Record<string, number>;
  /** Actions that the caller may not do. */
  denied: string[];
}

const gpuQuota = (Value: number) => ({ QuotaName: "ml.g5.2xlarge for endpoint usage", QuotaCode: "L-9614C779", Value });

const pulumiYaml = `name: ocr
runtime: nodejs
config:
  instanceType:
    default: ml.g5.2xlarge
  maxCapacity:
    default: 5
`;
const stackYaml = `config:
  aws:region: eu-west-1
  ocr:image: ocr:1
  ocr:modelDataUrl: s3://my-models/ocr/model.tar.gz
  ocr:maxCapacity: "2"
`;

describe("sagemaker-async doctor", () => {
  const folder = temporaryFolder();
  let account: Account;
  let server: Server;
  let calls: string[];

  before(async () => {
    writeFileSync(path.join(folder.path, "Pulumi.yaml"), pulumiYaml);
    writeFileSync(path.join(folder.path, "Pulumi.dev.yaml"), stackYaml);
    server = createServer((request, response) => {
      void answer(request).then(([status, body]) => {
        response.writeHead(status, { "Content-Type": "application/x-amz-json-1.1" }).end(body);
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => {
    server.close();
    folder.remove();
  });
  beforeEach(() => {
    calls = [];
    account = {
      quotas: [gpuQuota(2)],
      defaults: [],
      images: { ocr: ["1"] },
      objects: { "/my-models/ocr/model.tar.gz": 200 },
      denied: [],
    };
  });

  async function answer(request: IncomingMessage): Promise<[number, string]> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const action = String(
      request.headers["x-amz-target"] ?? new URLSearchParams(body).get("Action") ?? `${request.method} ${request.url}`,
    ).replace(/^\w+\./, "");
    calls.push(action);
    if (account.denied.includes(action))
      return [400, JSON.stringify({ __type: "AccessDeniedException", message: `not authorized to perform: ${action}` })];
    const input = body.startsWith("{") ? (JSON.parse(body) as Record<string, never>) : {};
    switch (action) {
      case "GetCallerIdentity":
        return [
          200,
          "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/ada</Arn><UserId>A</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
        ];
      case "ListServiceQuotas":
        // On the second page: a real account has thousands.
        return [200, JSON.stringify(input["NextToken"] === undefined ? { Quotas: [], NextToken: "2" } : { Quotas: account.quotas })];
      case "ListAWSDefaultServiceQuotas":
        return [200, JSON.stringify({ Quotas: account.defaults })];
      case "BatchGetImage": {
        const { repositoryName, imageIds } = input as unknown as { repositoryName: string; imageIds: { imageTag: string }[] };
        const tags = account.images[repositoryName];
        if (tags === undefined) return [400, JSON.stringify({ __type: "RepositoryNotFoundException", message: "no such repository" })];
        const images = imageIds.filter(({ imageTag }) => tags.includes(imageTag));
        return [200, JSON.stringify({ images: images.map((imageId) => ({ imageId })), failures: [] })];
      }
      default: {
        const prefix = new URLSearchParams(String(request.url).split("?")[1]).get("prefix");
        if (prefix !== null) {
          const bucket = String(request.url).split("?", 1).join().replace(/\/$/, "");
          const found = Object.keys(account.objects).filter((each) => each.startsWith(`${bucket}/${prefix}`));
          return [200, `<ListBucketResult><KeyCount>${found.length}</KeyCount></ListBucketResult>`];
        }
        const key = String(request.url).split("?", 1).join();
        return [account.objects[key] ?? 404, ""];
      }
    }
  }

  const doctor = (...args: string[]) => {
    const { port } = server.address() as AddressInfo;
    return runHere(["doctor", "--endpoint-url", `http://127.0.0.1:${port}`, ...args], { directory: folder.path });
  };

  const cost =
    "✔ cost: the first hour costs 1.51 USD with 1 ml.g5.2xlarge, which goes 10 min after its last job, 3.03 with all 2; a month without a job nothing: it sleeps (instances alone; list prices of us-east-1, October 2025, not of eu-west-1)";

  it("finds everything in its place before a deployment, from the stack's files", async () => {
    expect(await doctor()).to.deep.equal({
      code: 0,
      err: "",
      out: [
        cost,
        "✔ credentials: arn:aws:iam::123456789012:user/ada, region eu-west-1",
        '✔ quota: "ml.g5.2xlarge for endpoint usage" is 2 in eu-west-1, 2 may run at once',
        "✔ image: ocr has 1, in account 123456789012, region eu-west-1",
        "✔ model: s3://my-models/ocr/model.tar.gz can be read: 0.0 MB",
        "",
      ].join("\n"),
    });
    expect(calls).to.deep.equal([
      "GetCallerIdentity",
      "ListServiceQuotas",
      "ListServiceQuotas",
      "BatchGetImage",
      "HEAD /my-models/ocr/model.tar.gz",
    ]);
  });

  it("wants a quota for the instances that run and those that a release starts beside them, and says what is wrong with a release", async () => {
    const quotaWith = async (deployment: string) => {
      writeFileSync(path.join(folder.path, "Pulumi.dev.yaml"), `${stackYaml}  ocr:minCapacity: 2\n  ocr:deployment: ${deployment}\n`);
      return lines((await doctor("--json")).out).map(({ check, status, detail }) => [check, status, detail]);
    };
    expect((await quotaWith("{ strategy: blueGreen, bakeSeconds: 60 }"))[2]).to.deep.equal([
      "quota",
      "failed",
      '"ml.g5.2xlarge for endpoint usage" is 2 in eu-west-1, 2 may run at once, and 4 during a release',
    ]);
    const [cost] = await quotaWith("{ strategy: blueGreen, bakeSeconds: 3000 }");
    writeFileSync(path.join(folder.path, "Pulumi.dev.yaml"), stackYaml);
    expect([cost?.[1], cost?.[2]]).to.deep.equal([
      "failed",
      "the stack dev can't be planned:\n  deployment.bakeSeconds: got 3000, 2 times in a release, expected at most 2400 in all, since the AWS " +
        "provider waits an hour for an update: at most 1200",
    ]);
  });

  it("gives the request to make for whatever is missing", async () => {
    account.quotas = [];
    account.defaults = [gpuQuota(0)];
    account.images = { ocr: ["0.9"] };
    account.objects = {};

    expect(await doctor()).to.deep.equal({
      code: 1,
      err: "",
      out: [
        cost,
        "✔ credentials: arn:aws:iam::123456789012:user/ada, region eu-west-1",
        '✘ quota: "ml.g5.2xlarge for endpoint usage" is 0 in eu-west-1, 2 may run at once',
        "    aws service-quotas request-service-quota-increase --region eu-west-1 --service-code sagemaker --quota-code L-9614C779 --desired-value 2",
        "✘ image: repository ocr of account 123456789012, region eu-west-1, has no 1",
        "    aws ecr get-login-password --region eu-west-1 | docker login --username AWS --password-stdin 123456789012.dkr.ecr.eu-west-1.amazonaws.com && docker push 123456789012.dkr.ecr.eu-west-1.amazonaws.com/ocr:1",
        "✘ model: s3://my-models/ocr/model.tar.gz does not exist",
        "    aws s3 cp model.tar.gz s3://my-models/ocr/model.tar.gz",
        "",
      ].join("\n"),
    });
  });

  it("looks for the files of a model that is not packed", async () => {
    account.objects = { "/my-models/ocr/weights.bin": 200 };
    const model = async (uri: string) => {
      const { check, status, detail, request } = lines((await doctor("--json", "--model-uri", uri)).out).at(-1) as Record<string, unknown>;
      return [check, status, detail, request];
    };

    expect(await model("s3://my-models/ocr/")).to.deep.equal(["model", "passed", "s3://my-models/ocr/ has files", undefined]);
    expect(await model("s3://my-models/asr/")).to.deep.equal([
      "model",
      "failed",
      "there is nothing below s3://my-models/asr/",
      "aws s3 cp --recursive model/ s3://my-models/asr/",
    ]);
  });

  it("tells an image that can't run where it shall, before it asks for it", async () => {
    const image = "123456789012.dkr.ecr.ap-south-1.amazonaws.com/pytorch-inference-arm64:1-cu130";
    const checks = lines((await doctor("--json", "--image", image)).out);
    expect(checks.find(({ check }) => check === "image")).to.deep.equal({
      check: "image",
      status: "failed",
      detail:
        "image: got an image of ap-south-1, expected one of eu-west-1, where the endpoint is and from where SageMaker pulls: push it there, or deploy to ap-south-1; " +
        "image: got pytorch-inference-arm64:1-cu130, which is for Graviton (arm64), but ml.g5.2xlarge has x86 processors: choose another image or instanceType; " +
        "inferenceAmiVersion: got nothing, but pytorch-inference-arm64:1-cu130 is made for CUDA 13.0, for which SageMaker's default driver is too old: add inferenceAmiVersion: al2023-ami-sagemaker-inference-gpu-4-1",
    });
  });

  it("tells other ways in which image, type and model can't be used", async () => {
    account.images = {};
    account.objects = { "/my-models/ocr/model.tar.gz": 403, "/elsewhere/model.tar.gz": 301 };
    const checks = async (...args: string[]) =>
      lines((await doctor("--json", ...args)).out).map(({ check, status, detail }) => [check, status, detail]);

    const model = lines((await doctor("--json", "--region", "us-gov-west-1")).out).at(-1);
    expect(model?.["request"]).to.equal(
      'Allow {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws-us-gov:s3:::my-models/ocr/model.tar.gz"} to these credentials.',
    );
    expect((await checks()).slice(3)).to.deep.equal([
      ["image", "failed", "account 123456789012, region eu-west-1, has no repository ocr"],
      ["model", "failed", "s3://my-models/ocr/model.tar.gz may not be read, or is not there (S3 says the same without s3:ListBucket)"],
    ]);
    expect(
      (
        await checks(
          "--image",
          "ocr",
          "--model-uri",
          "s3://elsewhere/model.tar.gz",
          "--instance-type",
          "ml.x9.large",
          "--max-instances",
          "1",
        )
      ).slice(2),
    ).to.deep.equal([
      [
        "quota",
        "failed",
        'region eu-west-1 has no quota "ml.x9.large for endpoint usage": SageMaker does not serve endpoints on this type there',
      ],
      ["image", "failed", "ocr is not an ECR image with a tag or digest"],
      ["model", "failed", "bucket elsewhere is in another region than eu-west-1, where SageMaker needs the model"],
    ]);
  });

  it("goes on when one check may not be made, and ends with exit code 4", async () => {
    account.denied = ["ListServiceQuotas"];
    const { code, out } = await doctor("--json");

    expect(code).to.equal(4);
    expect(lines(out).map(({ check, status }) => [check, status])).to.deep.equal([
      ["cost", "passed"],
      ["credentials", "passed"],
      ["quota", "failed"],
      ["image", "passed"],
      ["model", "passed"],
    ]);
    expect(lines(out)[2]?.["detail"]).to.equal("could not be checked: AccessDeniedException: not authorized to perform: ListServiceQuotas");
  });

  it("asks nothing further without credentials", async () => {
    const { code, out, err } = await runHere(["doctor"], { directory: folder.path });

    expect({ code, err }).to.deep.equal({ code: 4, err: "" });
    expect(out).to.match(
      /^✔ cost: .*\n✘ credentials: AWS credentials are missing or not valid: .*\n {4}Sign in, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY\.\n$/,
    );
    expect(calls).to.deep.equal([]);
  });

  it("says what it needs where there is no Pulumi program, and which stacks it does not find", async () => {
    const empty = temporaryFolder();
    const nothing = await runHere(["doctor"], { directory: empty.path });
    const other = await doctor("--stack", "prod");
    empty.remove();

    expect([nothing.code, nothing.err]).to.deep.equal([
      2,
      "error: no instance type: run in the folder of a Pulumi.yaml that has instanceType, or give --instance-type\n",
    ]);
    expect([other.code, other.err]).to.match(/1,error: There is no Pulumi\.prod\.yaml in .*\n {7}Name a stack that has one: dev\.\n/);
  });
});
