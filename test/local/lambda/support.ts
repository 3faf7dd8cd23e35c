import { once } from "node:events";
import * as fs from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import * as os from "node:os";
import * as path from "node:path";
import { LambdaClient } from "@aws-sdk/client-lambda";
import * as pulumi from "@pulumi/pulumi";
import { type Clock, WallClock } from "../../../local/clock";
import { createLambda, type Lambda } from "../../../local/lambda";
import { createLogs, type Logs } from "../../../local/logs";
import { Credentials } from "../../../local/credentials";
import { Authorizer } from "../../../local/identity/authorizer";
import { keepInMemory } from "../../../local/kept";
import type { CloudContext, CloudEvent, MetricDatum } from "../../../local/ports";
import type { Program } from "../../../local/resources";
import { type Service, ServiceError } from "../../../local/wire";
import { openAccess } from "../../../doubles/access";

export const program: Program = { directory: __dirname, project: "shop", stack: "test", localSettings: {} };
export const roleArn = "arn:aws:iam::123456789012:role/worker";

/** The archive that `aws.lambda.CallbackFunction` makes of a closure, in the engine's wire form. */
export async function archiveOf(callbackFactory: () => unknown): Promise<Record<string, unknown>> {
  const { text } = await pulumi.runtime.serializeFunction(callbackFactory, { isFactoryFunction: true });
  return textArchive({ "__index.js": text });
}

/** An archive of texts, in the engine's wire form. */
export function textArchive(texts: Record<string, string>): Record<string, unknown> {
  const asset = (text: string) => ({ "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", text });
  return {
    "4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7",
    assets: Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, asset(text)])),
  };
}

/** Lambda and CloudWatch Logs behind a loopback port, with nothing else of the cloud. */
export class LambdaBench {
  readonly events: CloudEvent[] = [];
  readonly metrics: MetricDatum[] = [];
  /** Requests that no service here took: `sqs`, `sns`, … by the credential scope. */
  readonly received: { service: string; body: string; headers: Record<string, unknown> }[] = [];
  private readonly listeners = new Set<() => void>();

  private constructor(
    readonly clock: Clock,
    readonly context: CloudContext,
    readonly lambda: Lambda,
    readonly logs: Logs,
    readonly client: LambdaClient,
    private readonly server: Server,
  ) {}

  static async start(clock: Clock = new WallClock(), answers: Record<string, Service> = {}, folder = os.tmpdir()): Promise<LambdaBench> {
    const server = createServer();
    await once(server.listen(0, "127.0.0.1"), "listening");
    const endpointUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const credentials = { accessKeyId: "AKIDTEST", secretAccessKey: "secret" };
    const context: CloudContext = {
      clock,
      region: "eu-west-1",
      accountId: "123456789012",
      endpointUrl,
      workDirectory: await fs.mkdtemp(path.join(folder, "lambda-test-")),
      keeper: keepInMemory(),
      credentialsFor: (arn) => ({ accessKeyId: `ASIA${arn.split("/").at(-1)}`, secretAccessKey: "secret", sessionToken: "session" }),
      // Permissions are a function's own matter; roles belong to IAM, which isn't here.
      access: { ...openAccess, requireService: (...need) => authorizer.requireService(...need) },
      emit: (event) => {
        bench.events.push(event);
        for (const listener of bench.listeners) listener();
      },
    };
    const logs = await createLogs(context);
    const lambda = await createLambda(context, {
      metrics: { put: (data) => bench.metrics.push(...data) },
      targets: { invokeFunction: (arn, event) => lambda.invokeFunction(arn, event) },
      logs,
      storedObject: () => {
        throw new ServiceError("NoSuchKey", "no bucket is here", 404);
      },
      visibilitySecondsOf: () => undefined,
    });
    const authorizer = new Authorizer(context, new Credentials());
    authorizer.consult([lambda], () => undefined);
    const client = new LambdaClient({ region: context.region, endpoint: endpointUrl, credentials, maxAttempts: 1 });
    const bench = new LambdaBench(clock, context, lambda, logs, client, server);
    const services: Record<string, Service> = { ...lambda.wire, ...logs.wire, ...answers };
    const answer = async (request: IncomingMessage, response: ServerResponse) => {
      const scope = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? "");
      const url = new URL(request.url ?? "/", endpointUrl);
      const body = Buffer.concat(await request.toArray());
      const service = scope?.[1] ?? "none";
      bench.received.push({ service, body: body.toString(), headers: request.headers });
      try {
        const answer = services[service];
        if (!answer) throw new ServiceError("NoSuchService", service, 404);
        const {
          status,
          headers = {},
          body: text,
        } = await answer({
          method: request.method ?? "GET",
          path: url.pathname,
          query: url.searchParams,
          headers: request.headers,
          body,
        });
        for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
        response.writeHead(status).end(text);
      } catch (error) {
        const { code, status, message } = error as ServiceError;
        response.writeHead(status ?? 500, { "x-amzn-errortype": code }).end(JSON.stringify({ __type: code, message }));
      }
    };
    server.on("request", (request, response) => void answer(request, response));
    return bench;
  }

  /** Creates a function of a closure (or a whole archive) with the least that it takes. */
  async deploy(name: string, code: (() => unknown) | Record<string, unknown>, inputs: Record<string, unknown> = {}): Promise<string> {
    const state = await this.register("aws:lambda/function:Function", name, {
      name,
      code: typeof code === "function" ? await archiveOf(code) : code,
      handler: "__index.handler",
      runtime: "nodejs24.x",
      role: roleArn,
      timeout: 10,
      ...inputs,
    });
    return state["arn"] as string;
  }

  /** Registers a resource of Lambda or of CloudWatch Logs. */
  async register(type: string, name: string, inputs: Record<string, unknown>): Promise<Record<string, unknown>> {
    const resource = this.lambda.resources?.[type] ?? this.logs.resources?.[type];
    if (!resource) throw new Error(`no resource type ${type}`);
    return (await resource.create({ urn: `urn:pulumi:test::shop::${type}::${name}`, type, name, inputs, program })).state;
  }

  /** Resolves as soon as `condition` holds; looked at with every event of the cloud. */
  until(condition: (events: CloudEvent[]) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!condition(this.events)) return;
        this.listeners.delete(look);
        resolve();
      };
      this.listeners.add(look);
      look();
    });
  }

  async close(): Promise<void> {
    this.client.destroy();
    await this.lambda.close();
    await this.logs.close();
    this.clock.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await fs.rm(this.context.workDirectory, { recursive: true });
  }
}
