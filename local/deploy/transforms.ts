import { createRequire } from "node:module";
import path from "node:path";
import type * as grpcModule from "@grpc/grpc-js";
import type * as aliasProto from "@pulumi/pulumi/proto/alias_pb";
import type * as callbackProto from "@pulumi/pulumi/proto/callback_pb";
import type * as callbackService from "@pulumi/pulumi/proto/callback_grpc_pb";
import type * as resourceProto from "@pulumi/pulumi/proto/resource_pb";
import { urnIn } from "./urn";

/**
 * The transforms of a program: functions that change the properties and options of resources before they are made. The program serves them
 * over gRPC, and its engine calls them: a resource's own, then those of its parents from the nearest on, then the stack's.
 *
 * Type, name and parent are not theirs to change. https://www.pulumi.com/docs/iac/concepts/resources/options/transforms/
 */
export class Transforms {
  private readonly ofStack: callbackProto.Callback[] = [];
  private readonly ofResources = new Map<string, { parent: string; transforms: callbackProto.Callback[] }>();
  private readonly clients = new Map<string, callbackService.CallbacksClient>();
  private loaded: ReturnType<typeof load> | undefined;

  /** @param directory the program's: generated classes have to be its own */
  constructor(private readonly directory: string) {}

  addToStack(transform: callbackProto.Callback): void {
    this.ofStack.push(transform);
  }

  /**
   * Changes the request as the transforms that apply to it say.
   *
   * @throws Error in the words of a transform that failed
   */
  async apply(request: resourceProto.RegisterResourceRequest, urn: string): Promise<void> {
    const own = request.getTransformsList();
    const parent = request.getParent();
    this.ofResources.set(urn, { parent, transforms: own });
    const transforms = [...own];
    for (let at = this.ofResources.get(parent); at !== undefined; at = this.ofResources.get(at.parent)) transforms.push(...at.transforms);
    for (const transform of [...transforms, ...this.ofStack]) await this.applyOne(transform, request, urn);
  }

  private async applyOne(transform: callbackProto.Callback, request: Request, urn: string): Promise<void> {
    const { resource } = (this.loaded ??= load(this.directory));
    const asked = new resource.TransformRequest();
    asked.setType(request.getType());
    asked.setName(request.getName());
    asked.setCustom(request.getCustom());
    asked.setParent(request.getParent());
    asked.setProperties(request.getObject());
    asked.setOptions(optionsOf(request, new resource.TransformResourceOptions()));
    const answer = resource.TransformResponse.deserializeBinary(await this.call(transform, asked.serializeBinary()));
    request.setObject(answer.getProperties());
    const options = answer.getOptions();
    if (options !== undefined) setOptions(request, options, urn);
  }

  private call(transform: callbackProto.Callback, request: Uint8Array): Promise<Uint8Array> {
    const { callback, service, grpc, channelOptions } = (this.loaded ??= load(this.directory));
    const target = transform.getTarget();
    const client = this.clients.get(target) ?? new service.CallbacksClient(target, grpc.credentials.createInsecure(), channelOptions);
    this.clients.set(target, client);
    const asked = new callback.CallbackInvokeRequest();
    asked.setToken(transform.getToken());
    asked.setRequest(request);
    return new Promise((resolve, reject) => {
      client.invoke(asked, (error, answer) => (error ? reject(new Error(error.details)) : resolve(answer.getResponse_asU8())));
    });
  }
}

function load(directory: string) {
  const fromProgram = createRequire(path.join(directory, "index.js"));
  const fromPulumi = createRequire(fromProgram.resolve("@pulumi/pulumi/package.json"));
  const { grpcChannelOptions } = fromProgram("@pulumi/pulumi/runtime/settings") as { grpcChannelOptions?: grpcModule.ClientOptions };
  return {
    resource: fromProgram("@pulumi/pulumi/proto/resource_pb") as typeof resourceProto,
    callback: fromProgram("@pulumi/pulumi/proto/callback_pb") as typeof callbackProto,
    service: fromProgram("@pulumi/pulumi/proto/callback_grpc_pb") as typeof callbackService,
    grpc: fromPulumi("@grpc/grpc-js") as typeof grpcModule,
    // Whole archives go through.
    channelOptions: grpcChannelOptions ?? {},
  };
}

type Request = resourceProto.RegisterResourceRequest;
type Options = resourceProto.TransformResourceOptions;

function optionsOf(request: Request, options: Options): Options {
  options.setDependsOnList(request.getDependenciesList());
  options.setIgnoreChangesList(request.getIgnorechangesList());
  options.setReplaceOnChangesList(request.getReplaceonchangesList());
  options.setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList());
  options.setVersion(request.getVersion());
  options.setProvider(request.getProvider());
  options.setPluginDownloadUrl(request.getPlugindownloadurl());
  options.setDeletedWith(request.getDeletedwith());
  options.setCustomTimeouts(request.getCustomtimeouts());
  options.setHooks(request.getHooks());
  const [protect, retainOnDelete] = [request.getProtect(), request.getRetainondelete()];
  if (protect !== undefined) options.setProtect(protect);
  if (retainOnDelete !== undefined) options.setRetainOnDelete(retainOnDelete);
  if (request.getDeletebeforereplacedefined()) options.setDeleteBeforeReplace(request.getDeletebeforereplace());
  request.getProvidersMap().forEach((reference, name) => options.getProvidersMap().set(name, reference));
  // Younger than the lowest version of Pulumi that is promised.
  (options as Partial<Options>).setImport?.(request.getImportid());
  (options as Partial<Options>).setReplacementTrigger?.((request as Partial<Request>).getReplacementTrigger?.());
  return options;
}

/** The options that mean something here: the others are about plugins. */
function setOptions(request: Request, options: Options, urn: string): void {
  // Those of the program itself stand there already, and are not shown to transforms.
  for (const alias of options.getAliasesList()) request.addAliasurns(urnOf(alias, request, urn));
  request.setDependenciesList(options.getDependsOnList());
  request.setIgnorechangesList(options.getIgnoreChangesList());
  request.setReplaceonchangesList(options.getReplaceOnChangesList());
  request.setAdditionalsecretoutputsList(options.getAdditionalSecretOutputsList());
  request.setProvider(options.getProvider());
  request.setHooks(options.getHooks());
  request.setProtect(options.getProtect() ?? false);
  request.setRetainondelete(options.getRetainOnDelete() ?? false);
  request.setDeletebeforereplace(options.getDeleteBeforeReplace() ?? false);
  const { getImport, getReplacementTrigger } = options as Partial<Options>;
  if (getImport) request.setImportid(getImport.call(options));
  if (getReplacementTrigger) (request as Partial<Request>).setReplacementTrigger?.(getReplacementTrigger.call(options));
}

/** The URN that an alias stands for. @param urn the resource's own: what the alias does not say is as there */
function urnOf(alias: aliasProto.Alias, request: Request, urn: string): string {
  const spec = alias.getSpec();
  if (spec === undefined) return alias.getUrn();
  const [stack = "", project = ""] = urn.slice("urn:pulumi:".length).split("::");
  const program = { stack: spec.getStack() || stack, project: spec.getProject() || project };
  const parent = spec.getNoparent() ? "" : spec.getParenturn() || request.getParent();
  return urnIn(program, parent, spec.getType() || request.getType(), spec.getName() || request.getName());
}
