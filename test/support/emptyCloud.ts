import { IAM } from "@aws-sdk/client-iam";
import { KMS } from "@aws-sdk/client-kms";
import { STS } from "@aws-sdk/client-sts";
import { ApplicationAutoScaling } from "@aws-sdk/client-application-auto-scaling";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import path from "node:path";
import { root, testModel } from "./service";

const run = promisify(execFile);
const region = "us-east-1";

/** By the AWS provider's names; without a token those of the cloud's administrator. */
export interface Keys {
  accessKey: string;
  secretKey: string;
  token?: string;
}

/** A cloud with nothing deployed, in a process of its own as `npm run cloud -- --empty` starts it, and what a test does to it. */
export class EmptyCloud {
  /** Of a model that ends as it starts: SageMaker rolls a release of it back. */
  static readonly failingImage = `000000000000.dkr.ecr.${region}.amazonaws.com/ocr:failing`;

  readonly region = region;

  private constructor(
    private readonly child: ReturnType<typeof spawn>,
    readonly endpointUrl: string,
  ) {}

  /** @param state folder that keeps what is in it; @param port that of an earlier one. @default any */
  static async start(state: string, port = 0): Promise<EmptyCloud> {
    const options = ["--empty", "--json", "--region", region, "--port", String(port), "--state", state];
    const commands = [testModel["local:modelCommand"], `${EmptyCloud.failingImage}=node -e process.exit(1)`];
    const models = commands.flatMap((command) => ["--model-command", command]);
    const child = spawn(process.execPath, [path.join(root, "build/local/commands/cloud.js"), ...options, ...models], {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let printed = "";
    child.stderr.on("data", (data: Buffer) => (printed += data.toString()));
    const ended = once(child, "exit").then(() => Promise.reject(new Error(`the cloud ended before it served: ${printed}`)));
    const [line] = (await Promise.race([once(createInterface(child.stdout), "line"), ended])) as [string];
    ended.catch(() => undefined);
    return new EmptyCloud(child, (JSON.parse(line) as { endpointUrl: string }).endpointUrl);
  }

  /** What every client is given. */
  get settings() {
    return { endpoint: this.endpointUrl, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  }

  /** `sagemaker-async local env --pulumi`: what a stack file has below `config:`. */
  async stackLines(): Promise<string> {
    const { port } = new URL(this.endpointUrl);
    const command = [path.join(root, "build/cli/main.js"), "local", "env", "--pulumi", "--region", region, "--port", port];
    return (await run(process.execPath, command, { cwd: root })).stdout;
  }

  /** Keys of a new role. @param policy what it may do */
  async keysOf(RoleName: string, policy: object): Promise<Keys> {
    const [iam, sts] = [new IAM(this.settings), new STS(this.settings)];
    const trust = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "sts:AssumeRole" }] };
    const { Role } = await iam.createRole({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) });
    await iam.putRolePolicy({ RoleName, PolicyName: RoleName, PolicyDocument: JSON.stringify(policy) });
    const { Credentials } = await sts.assumeRole({ RoleArn: Role?.Arn, RoleSessionName: "deployer" });
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = Credentials ?? {};
    return { accessKey: AccessKeyId, secretKey: SecretAccessKey, token: SessionToken };
  }

  /** The ARN of a new key that the account's policies give, and that the services may use. */
  async key(): Promise<string> {
    const services = ["cloudwatch", `logs.${region}`, "sns"].map((service) => `${service}.amazonaws.com`);
    const Statement = [{ AWS: "arn:aws:iam::000000000000:root" }, { Service: services }].map((Principal) => ({
      Effect: "Allow",
      Principal,
      Action: "kms:*",
      Resource: "*",
    }));
    const { KeyMetadata } = await new KMS(this.settings).createKey({ Policy: JSON.stringify({ Version: "2012-10-17", Statement }) });
    return KeyMetadata?.Arn ?? "";
  }

  /** The scalable targets that there are. */
  async targets() {
    const { ScalableTargets = [] } = await new ApplicationAutoScaling(this.settings).describeScalableTargets({
      ServiceNamespace: "sagemaker",
    });
    return ScalableTargets;
  }

  /** Ends it, at once with SIGKILL. */
  async end(signal: "SIGTERM" | "SIGKILL" = "SIGTERM"): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.kill(signal);
    await ended;
  }
}
