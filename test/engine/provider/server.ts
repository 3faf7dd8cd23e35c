/**
 * Stands in for the AWS provider under the real Pulumi engine: takes the settings that `sagemaker-async local env --pulumi` writes
 * into a stack file, and makes, reads, changes and deletes each resource by the AWS provider's calls, over the wire. Its planning is
 * simpler than the provider's, which knows every property. Prints the port that PULUMI_DEBUG_PROVIDERS takes.
 */
import type * as providerProto from "@pulumi/pulumi/proto/provider_pb";
import type * as pluginProto from "@pulumi/pulumi/proto/plugin_pb";
import type * as emptyProto from "google-protobuf/google/protobuf/empty_pb";
import type * as structProto from "google-protobuf/google/protobuf/struct_pb";
import { createRequire } from "node:module";
import { getPolicyDocument } from "../../../local/identity/policyDocument";
import { computeTypes } from "./compute";
import { messagingTypes } from "./messaging";
import { parameterTypes } from "./parameters";
import {
  differs,
  isMissing,
  merged,
  plain,
  servicesOf,
  type Properties,
  type ProviderSettings,
  type ProviderType,
  type ProviderTypes,
  type Services,
} from "./resource";
import { servingTypes } from "./serving";
import { storageTypes } from "./storage";

// The engine's protocol, of the classes that @pulumi/pulumi itself uses: they are checked by identity.
const ofPulumi = createRequire(require.resolve("@pulumi/pulumi/package.json"));
const proto = ofPulumi("@pulumi/pulumi/proto/provider_pb") as typeof providerProto;
const { PluginInfo } = ofPulumi("@pulumi/pulumi/proto/plugin_pb") as typeof pluginProto;
const { ResourceProviderService } = ofPulumi("@pulumi/pulumi/proto/provider_grpc_pb") as { ResourceProviderService: object };
const { Empty } = ofPulumi("google-protobuf/google/protobuf/empty_pb") as typeof emptyProto;
const { Struct } = ofPulumi("google-protobuf/google/protobuf/struct_pb") as typeof structProto;
const grpc = ofPulumi("@grpc/grpc-js") as {
  Server: new (options: object) => {
    addService(service: object, handlers: object): void;
    bindAsync(address: string, credentials: unknown, done: (error: Error | null, port: number) => void): void;
  };
  ServerCredentials: { createInsecure(): unknown };
};

const noLimit = -1;
/** What the engine gives for a value that only a resource yet to be made will have. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

let services: Services | undefined;
let types: ProviderTypes = {};

function typeOf(urn: string): ProviderType {
  const token = urn.split("::")[2]?.split("$").at(-1) ?? "";
  const type = types[token];
  if (type === undefined) throw new Error(`the stand-in for the AWS provider has no ${token}: write it in test/engine/provider`);
  return type;
}

/** As the provider names what the program doesn't: the logical name and seven hexadecimal digits. */
function physicalName(urn: string, { name, bucket }: Properties): string {
  const given = name ?? (urn.includes("aws:s3/bucket:Bucket") ? bucket : undefined);
  if (typeof given === "string") return given;
  const digits = Math.floor(Math.random() * 0x10000000).toString(16);
  return `${urn.split("::").at(-1)}-${digits.padStart(7, "0")}`;
}

function objectOf(struct: structProto.Struct | undefined): Properties {
  return struct ? withoutNulls(struct.toJavaScript()) : {};
}

/** The engine says null for what is not given. */
function withoutNulls(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null));
}

const struct = (properties: Properties) => Struct.fromJavaScript(plain(properties) as never);

/** Settings as the engine hands them over: what is no text is JSON. */
function configure(args: Properties): void {
  const { region, accessKey, secretKey, token, endpoints } = args as Record<string, string>;
  const [given = {}] = JSON.parse(endpoints ?? "[]") as Record<string, string>[];
  if (region === undefined || accessKey === undefined || secretKey === undefined) {
    throw new Error("aws:region, aws:accessKey and aws:secretKey are needed: `sagemaker-async local env --pulumi` writes them");
  }
  const settings: ProviderSettings = { region, accessKey, secretKey, endpoints: given, ...(token !== undefined && { token }) };
  services = servicesOf(settings);
  types = {
    ...computeTypes(services),
    ...messagingTypes(services),
    ...parameterTypes(services),
    ...servingTypes(services),
    ...storageTypes(services),
  };
}

/** As the provider compares: what is wanted with what it has read, which is not what was wanted when SageMaker rolled an update back. */
function diff(request: providerProto.DiffRequest): providerProto.DiffResponse {
  const [state, now] = [objectOf(request.getOlds()), objectOf(request.getNews())];
  const before = Object.fromEntries(Object.keys(objectOf(request.getOldInputs())).map((name) => [name, state[name]]));
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((name) => !name.startsWith("__"));
  // What an archive holds is compared by the engine's hash of it.
  const comparable = (properties: Properties) => {
    const { code, ...rest } = properties;
    return code === undefined ? rest : { ...rest, code: (code as { hash?: string }).hash };
  };
  const changed = names.filter((name) => differs(comparable(now), comparable(before), name));
  const response = new proto.DiffResponse();
  response.setChanges(changed.length > 0 ? proto.DiffResponse.DiffChanges.DIFF_SOME : proto.DiffResponse.DiffChanges.DIFF_NONE);
  response.setDiffsList(changed);
  response.setReplacesList(changed.filter((name) => typeOf(request.getUrn()).replacedBy.includes(name)));
  return response;
}

async function read(request: providerProto.ReadRequest): Promise<providerProto.ReadResponse> {
  const [id, state] = [request.getId(), objectOf(request.getProperties())];
  const found = await typeOf(request.getUrn())
    .read(id, state)
    .catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
  const response = new proto.ReadResponse();
  if (found === undefined) return response;
  response.setId(id);
  response.setProperties(struct(merged(state, found)));
  response.setInputs(struct(merged(objectOf(request.getInputs()), found)));
  return response;
}

/** As the provider does it: after an update, which AWS may have taken back, it says what AWS has. */
async function update(request: providerProto.UpdateRequest): Promise<providerProto.UpdateResponse> {
  const [state, before, now] = [objectOf(request.getOlds()), objectOf(request.getOldInputs()), objectOf(request.getNews())];
  const outputs = Object.fromEntries(Object.entries(state).filter(([name]) => !(name in before)));
  const [id, type] = [request.getId(), typeOf(request.getUrn())];
  const response = new proto.UpdateResponse();
  if (request.getPreview()) {
    response.setProperties(struct({ ...outputs, ...now }));
    return response;
  }
  const updated = { ...outputs, ...now, ...(await type.update?.(id, now, state)) };
  response.setProperties(struct(merged(updated, (await type.read(id, updated)) ?? {})));
  return response;
}

async function invoke(token: string, args: Properties): Promise<Properties> {
  const region = String(await services?.sts.config.region());
  switch (token) {
    case "aws:iam/getPolicyDocument:getPolicyDocument":
      return getPolicyDocument(args);
    case "aws:index/getCallerIdentity:getCallerIdentity": {
      const { Account, Arn, UserId } = (await services?.sts.getCallerIdentity({})) ?? {};
      return { id: Account, accountId: Account, arn: Arn, userId: UserId };
    }
    case "aws:index/getRegion:getRegion":
      return { id: region, region, name: region };
    case "aws:index/getPartition:getPartition":
      return { id: "aws", partition: "aws", dnsSuffix: "amazonaws.com" };
    default:
      throw new Error(`the stand-in for the AWS provider has no ${token}: write it in test/engine/provider`);
  }
}

type Handler<Request, Response> = (request: Request) => Promise<Response> | Response;

/** Answers, or refuses in the words of what was thrown. */
function answering<Request, Response>(handler: Handler<Request, Response>) {
  return (call: { request: Request }, done: (error: object | null, response?: Response) => void): void => {
    Promise.resolve()
      .then(() => handler(call.request))
      .then(
        (response) => done(null, response),
        (error: Error) => done({ code: 2, details: `${error.name}: ${error.message}` }),
      );
  };
}

const handlers = {
  getPluginInfo: answering(() => {
    const info = new PluginInfo();
    info.setVersion("7.48.0");
    return info;
  }),
  checkConfig: answering((request: providerProto.CheckRequest) => {
    const response = new proto.CheckResponse();
    response.setInputs(request.getNews());
    return response;
  }),
  diffConfig: answering(() => new proto.DiffResponse()),
  configure: answering((request: providerProto.ConfigureRequest) => {
    configure(objectOf(request.getArgs()));
    const response = new proto.ConfigureResponse();
    response.setAcceptresources(false);
    // What an update leaves as it is, such as a name, stays known in a preview: nothing that depends on it seems to change.
    response.setSupportspreview(true);
    return response;
  }),
  check: answering((request: providerProto.CheckRequest) => {
    const response = new proto.CheckResponse();
    response.setInputs(struct(objectOf(request.getNews())));
    return response;
  }),
  diff: answering(diff),
  create: answering(async (request: providerProto.CreateRequest) => {
    const [urn, inputs] = [request.getUrn(), objectOf(request.getProperties())];
    const response = new proto.CreateResponse();
    if (request.getPreview()) {
      response.setProperties(struct(inputs));
      return response;
    }
    if (JSON.stringify(inputs).includes(unknown)) throw new Error(`${urn}: an input is not known`);
    const { id, outputs } = await typeOf(urn).create(physicalName(urn, inputs), inputs);
    response.setId(id);
    response.setProperties(struct({ ...inputs, ...outputs }));
    return response;
  }),
  read: answering(read),
  update: answering(update),
  delete: answering(async (request: providerProto.DeleteRequest) => {
    const state = objectOf(request.getProperties());
    await typeOf(request.getUrn())
      .delete(request.getId(), state)
      .catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
    return new Empty();
  }),
  invoke: answering(async (request: providerProto.InvokeRequest) => {
    const response = new proto.InvokeResponse();
    response.setReturn(struct(await invoke(request.getTok(), objectOf(request.getArgs()))));
    return response;
  }),
  attach: answering(() => new Empty()),
  cancel: answering(() => new Empty()),
};

const server = new grpc.Server({ "grpc.max_receive_message_length": noLimit, "grpc.max_send_message_length": noLimit });
server.addService(ResourceProviderService, handlers);
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});
process.once("disconnect", () => process.exit());
