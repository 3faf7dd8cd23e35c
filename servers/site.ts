import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { readS3Uri } from "../core/records/s3Uri";
import { SageMakerAsyncClient, type InferenceResult, type InvokeOptions, type SubmitOptions } from "../client";
import { EmbeddedCloud, cloudSettings, type ProgramSource } from "../local/embeddedCloud";
import type { CloudEvent } from "../local/ports";
import type { AsyncInferenceOutputs } from "../outputs";
import { ownProgram } from "../local/commands/cloud";
import { answerIn, requestFor, type Behaviour, type Input } from "./inputs";
import { Usage } from "./usage";
import { commandOf, type ServerStack } from "./stacks";

/** Prefix of the program's settings. */
const project = "sagemaker-async-inference";

/** How the program is deployed around a stack's server. */
export interface SiteOptions {
  /** Pulumi.<stack>.yaml whose settings hold. @default "local", with the stack's image */
  pulumiStack?: string;
  /** Variables in the user's `environment`, beside the stack's own. */
  environment?: Record<string, string>;
  /** Settings by name, in the place of the stack file's. */
  settings?: Record<string, string>;
}

/** A stack's server behind the deployed program on an embedded cloud. */
export class Site {
  private constructor(
    readonly stack: ServerStack,
    readonly cloud: EmbeddedCloud,
    readonly outputs: AsyncInferenceOutputs,
    readonly client: SageMakerAsyncClient,
  ) {}

  /** @throws Error with what the deployment says, the container's last lines among it */
  static async deploy(stack: ServerStack, python: string, options: SiteOptions = {}): Promise<Site> {
    const { pulumiStack = "local", environment = {}, settings = {} } = options;
    const own = { ...stack.environment, ...environment };
    const around: Record<string, string> = {
      image: stack.image,
      maxConcurrentInvocationsPerInstance: String(concurrency),
      minCapacity: "1",
    };
    const given: Record<string, string> = {
      ...(pulumiStack === "local" && around),
      ...(Object.keys(own).length > 0 && { environment: JSON.stringify(own) }),
      ...settings,
    };
    const source: ProgramSource = {
      ...ownProgram,
      stack: pulumiStack,
      settings: {
        ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`${project}:${name}`, value])),
        "local:modelCommand": commandOf(stack, python),
      },
    };
    const cloud = await EmbeddedCloud.start(cloudSettings(source));
    try {
      const deployed = await cloud.deploy(source);
      const outputs = deployed.outputs as unknown as AsyncInferenceOutputs;
      const client = SageMakerAsyncClient.fromStackOutputs(
        { endpointUrl: cloud.endpointUrl, outputs },
        { credentials: { accessKeyId: "test", secretAccessKey: "test" }, timeoutSeconds: patienceSeconds },
      );
      return new Site(stack, cloud, outputs, client);
    } catch (error) {
      await cloud.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.cloud.close();
  }

  /** One job that asks for a behaviour, to its end. */
  ask(behaviour: Behaviour, options: InvokeOptions = {}): Promise<InferenceResult> {
    return this.client.invoke(requestFor(this.stack.takes, behaviour), { ...this.sent(), ...options });
  }

  /** One job with a file, to its end, and what it cost the server. */
  async send(input: Input, options: InvokeOptions = {}): Promise<{ result: InferenceResult; seconds: number; usage: Usage }> {
    const usage = new Usage();
    const began = performance.now();
    try {
      const result = await this.client.invoke(input.url, { ...this.sent(), ...options });
      return { result, seconds: (performance.now() - began) / 1000, usage };
    } finally {
      await usage.stop();
    }
  }

  /** What the model answered to a job that completed; an error's words for one that did not. */
  answer(result: InferenceResult): unknown {
    return result.success ? answerIn(this.stack.takes, result.data) : failureText(result);
  }

  /** Resolves with the first event that fits. */
  event(fits: (event: CloudEvent) => boolean): Promise<CloudEvent> {
    return new Promise((resolve) => {
      const listen = (event: CloudEvent) => {
        if (!fits(event)) return;
        this.cloud.events.off("event", listen);
        resolve(event);
      };
      this.cloud.events.on("event", listen);
    });
  }

  /** Whether a line of the container's log has these words. */
  async logged(words: string): Promise<boolean> {
    const logs = new CloudWatchLogsClient(this.sdk());
    const logGroupName = `/aws/sagemaker/Endpoints/${this.outputs.endpointName}`;
    try {
      const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern: `"${words}"` }));
      return events.some(({ message }) => message?.includes(words));
    } finally {
      logs.destroy();
    }
  }

  /** What the container answered to a job that failed; empty without such an object. */
  async failureObject({ failureLocation }: InferenceResult): Promise<string> {
    const object = failureLocation === undefined ? undefined : readS3Uri(failureLocation);
    if (object === undefined) return "";
    const s3 = new S3Client({ ...this.sdk(), forcePathStyle: true });
    try {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: object.bucket, Key: object.key }));
      return (await Body?.transformToString()) ?? "";
    } finally {
      s3.destroy();
    }
  }

  /** Settings of any SDK client of the cloud. */
  sdk(): { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } } {
    const { endpointUrl, region } = this.cloud;
    return { endpoint: endpointUrl, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  }

  /** How this stack's requests are sent. */
  sent(): SubmitOptions {
    return {
      contentType: this.stack.takes === "json" ? "application/json" : "application/octet-stream",
      accept: "application/json",
    };
  }
}

/** Requests at once on the one instance. */
export const concurrency = 4;

/** For so long a result is waited for: a request of a gigabyte takes minutes on some servers. */
const patienceSeconds = 1500;

/** Code, sentence and advice of a failed job. */
export function failureText({ error }: InferenceResult): string {
  return error === undefined ? "" : `${error.code}: ${error.message} ${error.advice}`;
}
