import { join } from "node:path";
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { InvokeEndpointAsyncCommand, SageMakerRuntimeClient, type InvokeEndpointAsyncInput } from "@aws-sdk/client-sagemaker-runtime";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import type { Clock } from "../../../local/clock";
import type { Keeper } from "../../../local/kept";
import type { CloudEvent, EventTargets, MetricDatum } from "../../../local/ports";
import type { Created } from "../../../local/resources";
import { createS3 } from "../../../local/s3";
import {
  ConnectionError,
  type Container,
  type ContainerAnswer,
  type ContainerRequest,
  type ContainerSpec,
  type StartContainer,
} from "../../../local/sagemaker/container";
import { createSageMaker, type SageMakerOptions } from "../../../local/sagemaker";
import { ServiceError, type WireRequest } from "../../../local/wire";
import { startTestCloud, testProgram } from "../../support/cloudContext";

export const roleArn = "arn:aws:iam::000000000000:role/endpoint";
export const successTopic = "arn:aws:sns:us-east-1:000000000000:success";
export const errorTopic = "arn:aws:sns:us-east-1:000000000000:error";
/** Serves test/support/modelServer.ts. */
export const modelCommand = `"${process.execPath}" "${join(__dirname, "../../support/modelServer.js")}"`;

/** Where nothing arrives. */
export const noTargets: EventTargets = {
  invokeFunction: async () => undefined,
  publish: async () => undefined,
  sendMessage: async () => undefined,
  executePolicy: async () => undefined,
};

/** What SageMaker published on SNS: who, where and what. */
export interface Published {
  accessKeyId: string | undefined;
  topicArn: string;
  message: Record<string, unknown>;
}

/** A request that a fake container has, waiting for its answer. */
export interface HeldRequest extends ContainerRequest {
  /** The body as text. */
  text: string;
  answer(answer: Partial<ContainerAnswer>): void;
  breakOff(): void;
}

/** Containers under a test's control: they answer what and when the test says. */
export class FakeContainers {
  readonly specs: Omit<ContainerSpec, "clock">[] = [];
  readonly requests: HeldRequest[] = [];
  readonly running = new Set<{ exit(reason: string): void }>();
  /** When set, the next containers can't start. */
  failure: string | undefined;
  /** When set, the next containers are ready only after it. */
  gate: Promise<void> | undefined;
  private readonly waiting = new Set<() => void>();

  readonly start: StartContainer = async (spec, signal) => {
    this.specs.push(spec);
    const cancelled = new Promise<void>((_, reject) => signal.addEventListener("abort", () => reject(new Error("cancelled"))));
    await Promise.race([this.gate, cancelled]);
    if (this.failure !== undefined) throw new Error(this.failure);
    let exit: (reason: string) => void = () => undefined;
    const exited = new Promise<string>((resolve) => (exit = resolve));
    const mine = new Set<HeldRequest>();
    const handle = {
      exit: (reason: string) => {
        this.running.delete(handle);
        for (const held of mine) held.breakOff();
        exit(reason);
      },
    };
    this.running.add(handle);
    const end = async () => handle.exit("ended");
    const container: Container = {
      exited,
      stop: end,
      kill: end,
      invoke: (request, signal) =>
        new Promise((resolve, reject) => {
          const held: HeldRequest = {
            ...request,
            text: request.body.toString(),
            answer: (answer) => {
              mine.delete(held);
              resolve({ status: 200, body: Buffer.alloc(0), ...answer });
            },
            breakOff: () => {
              mine.delete(held);
              reject(new ConnectionError("socket hang up"));
            },
          };
          signal.addEventListener("abort", () => reject(new Error("aborted")));
          mine.add(held);
          this.requests.push(held);
          for (const tell of this.waiting) tell();
        }),
    };
    return container;
  };

  /** The request at this place in the order of arrival, once it is there. */
  request(index: number): Promise<HeldRequest> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.requests[index];
        if (!found) return;
        this.waiting.delete(look);
        resolve(found);
      };
      this.waiting.add(look);
      look();
    });
  }
}

/** An embedded cloud with SageMaker, S3 and a topic that keeps what is published. */
export async function startSageMaker(options: Partial<SageMakerOptions> & { clock?: Clock; keeper?: Keeper } = {}) {
  const { clock, keeper } = options;
  const cloud = await startTestCloud({ ...(clock && { clock }), ...(keeper && { keeper }) });
  const data: MetricDatum[] = [];
  const published: Published[] = [];
  const lines: { group: string; stream: string; line: string }[] = [];
  const waiting = new Set<() => void>();
  const control: { refusal: ServiceError | undefined; registered: boolean } = { refusal: undefined, registered: false };

  cloud.add(await createS3(cloud.context, { targets: noTargets }));
  cloud.add({
    wire: {
      sns: async ({ body, accessKeyId }: WireRequest) => {
        if (control.refusal) throw control.refusal;
        const form = new URLSearchParams(body.toString());
        published.push({ accessKeyId, topicArn: form.get("TopicArn") ?? "", message: JSON.parse(form.get("Message") ?? "null") });
        return {
          status: 200,
          headers: { "content-type": "text/xml" },
          body: "<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>",
        };
      },
    },
  });
  const sagemaker = cloud.add(
    await createSageMaker(cloud.context, {
      metrics: { put: (added) => void data.push(...added) },
      scalableTargets: { isRegistered: () => control.registered },
      logs: {
        hasGroup: () => true,
        append: (group, stream, line) => {
          lines.push({ group, stream, line });
          for (const tell of waiting) tell();
        },
      },
      ...options,
    }),
  );

  sagemaker.resume?.();

  const s3 = new S3Client(cloud.client);
  const runtime = new SageMakerRuntimeClient({ ...cloud.client, maxAttempts: 1 });
  await s3.send(new CreateBucketCommand({ Bucket: "bucket" }));

  const create = (
    type: string,
    name: string,
    inputs: Record<string, unknown>,
    localSettings: Record<string, string> = {},
  ): Promise<Created> => {
    const resource = sagemaker.resources?.[type];
    if (!resource) throw new Error(`SageMaker has no ${type}`);
    const urn = `urn:pulumi:local::test::${type}::${name}`;
    const settings = { modelCommand, instanceStartupSeconds: "0", ...localSettings };
    return resource.create({ urn, type, name, inputs, program: { ...testProgram, localSettings: settings } });
  };

  return {
    ...cloud,
    sagemaker,
    s3,
    runtime,
    control,
    create,
    data,
    published,
    lines,
    sdk: new SageMakerClient({ ...cloud.client, maxAttempts: 1 }),

    /** Puts an input and returns its location. */
    async input(body: string | Buffer, key = "in.json"): Promise<string> {
      await s3.send(new PutObjectCommand({ Bucket: "bucket", Key: key, Body: body }));
      return `s3://bucket/${key}`;
    },
    /** What is at a location; undefined when nothing is. */
    async object(location: string | undefined): Promise<{ body: string; contentType: string | undefined } | undefined> {
      try {
        const { Body, ContentType } = await s3.send(
          new GetObjectCommand({ Bucket: "bucket", Key: location?.slice("s3://bucket/".length) }),
        );
        return { body: (await Body?.transformToString()) ?? "", contentType: ContentType };
      } catch (error) {
        if ((error as Error).name === "NoSuchKey") return undefined;
        throw error;
      }
    },
    invoke: (input: Partial<InvokeEndpointAsyncInput>) => runtime.send(new InvokeEndpointAsyncCommand({ EndpointName: "ep", ...input })),
    /** The event that ends an invocation, or another one. */
    ended: (inferenceId: string, change?: (CloudEvent & { kind: "invocation" })["change"]) =>
      cloud.event(
        (event) =>
          event.kind === "invocation" &&
          event.inferenceId === inferenceId &&
          (change === undefined ? !["queued", "started"].includes(event.change) : event.change === change),
      ) as Promise<CloudEvent & { kind: "invocation" }>,
    /** Model, configuration and endpoint `ep`, in service. */
    async deploy(parts: DeployParts = {}): Promise<void> {
      await create("aws:sagemaker/model:Model", "model", { ...modelInputs(parts.environment), name: "model" }, parts.localSettings);
      await create("aws:sagemaker/endpointConfiguration:EndpointConfiguration", "config", { ...configInputs(parts), name: "config" });
      await create("aws:sagemaker/endpoint:Endpoint", "ep", { name: "ep", endpointConfigName: "config" });
    },
    /** Values of one metric so far. */
    values: (metricName: string) => data.filter((datum) => datum.metricName === metricName).map(({ value }) => value),
    /** Resolves once a container, or the data log, has said this. */
    said: (wanted: string): Promise<void> =>
      new Promise((resolve) => {
        const look = () => {
          if (!lines.some(({ line }) => line === wanted)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

export type TestSageMaker = Awaited<ReturnType<typeof startSageMaker>>;

export interface DeployParts {
  environment?: Record<string, string>;
  localSettings?: Record<string, string>;
  variant?: Record<string, unknown>;
  maxConcurrentInvocationsPerInstance?: number;
  outputConfig?: Record<string, unknown>;
  /** A real-time endpoint: no asyncInferenceConfig. */
  realTime?: boolean;
}

export function modelInputs(environment: Record<string, string> = {}): Record<string, unknown> {
  return { executionRoleArn: roleArn, primaryContainer: { image: "image:1", environment } };
}

export function configInputs({ variant, maxConcurrentInvocationsPerInstance, outputConfig, realTime }: DeployParts = {}): Record<
  string,
  unknown
> {
  return {
    productionVariants: [
      { variantName: "AllTraffic", modelName: "model", instanceType: "ml.g5.2xlarge", initialInstanceCount: 1, ...variant },
    ],
    asyncInferenceConfig: realTime
      ? undefined
      : {
          ...(maxConcurrentInvocationsPerInstance !== undefined && { clientConfig: { maxConcurrentInvocationsPerInstance } }),
          outputConfig: {
            s3OutputPath: "s3://bucket/output/",
            s3FailurePath: "s3://bucket/failure/",
            notificationConfig: { successTopic, errorTopic },
            ...outputConfig,
          },
        },
  };
}

/** Resolves once it holds, looking each turn of the event loop: for what no event tells. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
