import { CreateBucketCommand, ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { clientEnvironment } from "../../local/clientEnvironment";
import { cloudSettings, EmbeddedCloud, type ProgramSource } from "../../local/embeddedCloud";
import { root } from "../support/service";

const fixture = (name: string, settings: Record<string, string> = {}): ProgramSource => ({
  directory: path.join(root, "test/fixtures", name),
  stack: "test",
  settings,
});

describe("An embedded cloud", () => {
  const temporary = process.env["TMPDIR"];
  let directory: string;
  const clouds: EmbeddedCloud[] = [];

  beforeEach(() => {
    directory = mkdtempSync(path.join(tmpdir(), "clouds-"));
    process.env["TMPDIR"] = directory;
  });
  afterEach(async () => {
    await Promise.all(clouds.splice(0).map((cloud) => cloud.close()));
    if (temporary === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = temporary;
    rmSync(directory, { recursive: true });
  });

  async function start(...options: Parameters<typeof EmbeddedCloud.start>): Promise<EmbeddedCloud> {
    const cloud = await EmbeddedCloud.start(...options);
    clouds.push(cloud);
    return cloud;
  }

  async function buckets(cloud: EmbeddedCloud, create?: string): Promise<(string | undefined)[]> {
    const s3 = new S3Client({
      endpoint: cloud.endpointUrl,
      region: cloud.region,
      credentials: { accessKeyId: "test", secretAccessKey: "test" },
    });
    if (create !== undefined) await s3.send(new CreateBucketCommand({ Bucket: create }));
    const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
    s3.destroy();
    return Buckets.map(({ Name }) => Name);
  }

  it("runs beside another one without sharing anything", async () => {
    const [first, second] = await Promise.all([start(), start({ region: "eu-west-1" })]);
    await buckets(first, "only-here");

    expect(await buckets(first)).to.deep.equal(["only-here"]);
    expect(await buckets(second)).to.deep.equal([]);
    expect([first.region, second.region]).to.deep.equal(["us-east-1", "eu-west-1"]);
    expect(clientEnvironment(second)).to.deep.equal({
      AWS_ENDPOINT_URL: second.endpointUrl,
      AWS_REGION: "eu-west-1",
      AWS_DEFAULT_REGION: "eu-west-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    });
  });

  it("leaves nothing behind, closed once or twice, even while a program is being deployed", async () => {
    const cloud = await start();
    const deployment = cloud.deploy(fixture("graph")).catch(String);
    await Promise.all([cloud.close(), cloud.close()]);

    expect(await deployment).to.equal("Error: the embedded cloud was closed");
    expect(readdirSync(directory)).to.deep.equal([]);
    expect(await fetch(cloud.endpointUrl).catch((error: Error) => error.message)).to.equal("fetch failed");
    expect(await cloud.deploy(fixture("esm")).catch(String)).to.equal("Error: the embedded cloud was closed");
  });

  it("leaves nothing behind when its port is taken", async () => {
    const first = await start();
    const port = Number(new URL(first.endpointUrl).port);
    const files = readdirSync(directory);
    const failure = (await EmbeddedCloud.start({ port }).catch((error: unknown) => error)) as NodeJS.ErrnoException;

    expect(failure.code).to.equal("EADDRINUSE");
    expect(readdirSync(directory)).to.deep.equal(files);
  });

  it("keeps each stack's outputs, and deploys it once", async () => {
    const cloud = await start();
    const deployed = await cloud.deploy(fixture("esm"));

    expect([...cloud.stacks]).to.deep.equal([["esm/test", deployed]]);
    expect(await cloud.deploy(fixture("esm")).catch(String)).to.equal(
      "Error: esm/test is deployed on this embedded cloud already; to deploy a change, start a new one",
    );
  });

  it("takes its region and its delay of metrics from the first program's settings, and holds the others to them", async () => {
    const settings = cloudSettings(fixture("esm", { "aws:region": "eu-west-1", "local:metricDelaySeconds": "5" }));
    expect(settings).to.deep.equal({ region: "eu-west-1", metricDelaySeconds: 5 });
    const cloud = await start(settings);

    expect(await cloud.deploy(fixture("esm", { "local:metricDelaySeconds": "60" })).catch(String)).to.equal(
      "Error: Pulumi.test.yaml: local:metricDelaySeconds is 60, but this embedded cloud runs with 5 already",
    );
    expect(() => cloudSettings(fixture("esm", { "aws:region": "mars-1" }))).to.throw(
      'Pulumi.test.yaml: aws:region is "mars-1"; expected the name of a region, such as eu-west-1',
    );
    expect(() => cloudSettings(fixture("esm", { "local:metricDelaySeconds": "soon" }))).to.throw(
      'Pulumi.test.yaml: local:metricDelaySeconds is "soon"; expected a number of seconds from 0',
    );
  });

  it("refuses settings of its own that it does not know, or that are no number, before the first resource", async () => {
    const cloud = await start();

    expect(await cloud.deploy(fixture("esm", { "local:modelComand": "node model.js" })).catch(String)).to.equal(
      "Error: Pulumi.test.yaml: unknown setting local:modelComand; " +
        "the embedded cloud knows local:modelCommand, local:instanceStartupSeconds, local:metricDelaySeconds",
    );
    expect(await cloud.deploy(fixture("esm", { "local:instanceStartupSeconds": "soon" })).catch(String)).to.equal(
      'Error: Pulumi.test.yaml: local:instanceStartupSeconds is "soon"; expected a number of seconds from 0',
    );
    expect(await cloud.deploy(fixture("esm", { "local:metricDelaySeconds": "Infinity" })).catch(String)).to.equal(
      'Error: Pulumi.test.yaml: local:metricDelaySeconds is "Infinity"; expected a number of seconds from 0',
    );
  });

  it("answers what it does not have with 501 in the service's own shape", async () => {
    const cloud = await start();
    const authorization = "AWS4-HMAC-SHA256 Credential=test/20260125/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=0";
    const answer = await fetch(cloud.endpointUrl, {
      method: "POST",
      headers: { authorization, "content-type": "application/x-www-form-urlencoded" },
      body: "Action=DescribeInstances",
    });

    expect(answer.status).to.equal(501);
    expect(await answer.text()).to.match(
      /<Code>NotImplemented<\/Code><Message>The embedded cloud does not support the service &#34;ec2&#34;\.<\/Message>/,
    );
  });
});
