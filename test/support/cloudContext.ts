import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WallClock, type Clock } from "../../local/clock";
import { Credentials } from "../../local/credentials";
import { Front } from "../../local/front";
import type { Identity } from "../../local/identity";
import { Authorizer } from "../../local/identity/authorizer";
import { keepInMemory, type Keeper } from "../../local/kept";
import type { CloudContext, CloudEvent, CloudService } from "../../local/ports";
import type { Created, Program } from "../../local/resources";
import { closed, opened } from "./leftOpen";

/** An embedded cloud of only the services that a test adds, on a port of its own. With IAM among them, policies are enforced. */
export interface TestCloud {
  context: CloudContext;
  credentials: Credentials;
  front: Front;
  /** Those that were added. */
  services: readonly Partial<CloudService>[];
  /** Everything emitted so far. */
  events: CloudEvent[];
  /** What any SDK client takes: `new S3Client(cloud.client)`. */
  client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  /** Routes to the service, and closes it with the cloud. */
  add<Service extends Partial<CloudService>>(service: Service): Service;
  /** Creates a resource of an added service, as a deployment would. */
  create(type: string, name: string, inputs: Record<string, unknown>): Promise<Created>;
  /** Asks a data source of an added service. */
  call(token: string, inputs: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** The first event, past or future, that is as wanted. */
  event(wanted: (event: CloudEvent) => boolean): Promise<CloudEvent>;
  close(): Promise<void>;
}

/** A program that resources of a test belong to. */
export const testProgram: Program = { directory: process.cwd(), project: "test", stack: "local", localSettings: {} };

/** Starts one. @param options `clock` is closed with the cloud. @default the wall's clock, us-east-1, account 000000000000 */
export async function startTestCloud(options: { clock?: Clock; region?: string; keeper?: Keeper } = {}): Promise<TestCloud> {
  const { clock = new WallClock(), region = "us-east-1" } = options;
  const accountId = "000000000000";
  const credentials = new Credentials();
  const authorizer = new Authorizer({ clock, region, accountId }, credentials);
  let identity: Identity | undefined;
  const front = new Front((service, request) => identity && authorizer.check(service, request), new WallClock(), region);
  const port = await front.listen(0);
  const workDirectory = await mkdtemp(join(tmpdir(), "embedded-cloud-"));
  const services: Partial<CloudService>[] = [];
  const events: CloudEvent[] = [];
  const waiting = new Set<(event: CloudEvent) => void>();
  const context: CloudContext = {
    clock,
    region,
    accountId,
    endpointUrl: `http://127.0.0.1:${port}`,
    workDirectory,
    keeper: options.keeper ?? keepInMemory(),
    credentialsFor: (roleArn, sessionName) => credentials.issue(roleArn, sessionName),
    access: {
      requireCall: (...call) => void (identity && authorizer.requireCall(...call)),
      requireService: (...need) => authorizer.requireService(...need),
      requireKeyOfService: (...use) => authorizer.requireKeyOfService(...use),
      requireKeyOfDeployer: (...use) => authorizer.requireKeyOfDeployer(...use),
      // Without IAM among the services there is no role that could be judged.
      requireRole: (...need) => void (identity && authorizer.requireRole(...need)),
      requireIdentityPolicy: (...need) => void (identity && authorizer.requireIdentityPolicy(...need)),
      requireAssumable: (...need) => void (identity && authorizer.requireAssumable(...need)),
    },
    emit: (event) => {
      events.push(event);
      for (const tell of waiting) tell(event);
    },
  };
  const cloud: TestCloud = {
    context,
    credentials,
    front,
    services,
    events,
    client: {
      endpoint: context.endpointUrl,
      region: context.region,
      credentials: { accessKeyId: "AKIATEST", secretAccessKey: "test" },
    },
    add: (service) => {
      front.add(service);
      services.push(service);
      if ("policiesOf" in service) identity = service as unknown as Identity;
      authorizer.consult([service], (roleArn) => identity?.policiesOf(roleArn));
      return service;
    },
    create: async (type, name, inputs) => {
      const resource = services.map(({ resources }) => resources?.[type]).find((found) => found !== undefined);
      if (!resource) throw new Error(`no service of this test has ${type}`);
      const urn = `urn:pulumi:${testProgram.stack}::${testProgram.project}::${type}::${name}`;
      return resource.create({ urn, type, name, inputs, program: testProgram });
    },
    call: async (token, inputs) => {
      const source = services.map(({ dataSources }) => dataSources?.[token]).find((found) => found !== undefined);
      if (!source) throw new Error(`no service of this test has ${token}`);
      return source(inputs);
    },
    event: (wanted) =>
      new Promise((resolve) => {
        const past = events.find(wanted);
        if (past) return resolve(past);
        const tell = (event: CloudEvent) => {
          if (!wanted(event)) return;
          waiting.delete(tell);
          resolve(event);
        };
        waiting.add(tell);
      }),
    close: async () => {
      closed(cloud);
      for (const service of services) await service.close?.();
      await front.close();
      context.clock.close();
      await rm(workDirectory, { recursive: true, force: true });
    },
  };
  opened(cloud);
  return cloud;
}
