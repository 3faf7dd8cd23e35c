import { createRequire } from "node:module";
import path from "node:path";
import type * as callbackProto from "@pulumi/pulumi/proto/callback_pb";
import type * as resourceProto from "@pulumi/pulumi/proto/resource_pb";
import type * as providerProto from "@pulumi/pulumi/proto/provider_pb";
import type * as structProto from "google-protobuf/google/protobuf/struct_pb";
import type { Answer, CallRequest, ComponentRegistered, CreateRequest, OutputsResolved } from "./messages";
import { plainProperties, withSecrets } from "./properties";
import { Transforms } from "./transforms";
import { rootStackType, urnIn } from "./urn";

/** What the monitor asks of the embedded cloud. */
export interface MonitorPorts {
  create(request: Omit<CreateRequest, "kind" | "request">): Promise<Answer>;
  call(request: Omit<CallRequest, "kind" | "request">): Promise<Answer>;
  component(registered: Omit<ComponentRegistered, "kind">): void;
  outputs(outputs: Omit<OutputsResolved, "kind">): void;
  /** Ends the deployment: the program asks for what can't be honoured. */
  refuse(reason: string): void;
}

type Properties = Record<string, unknown>;
type Callback<Response> = (error: Error | null, response: Response | undefined) => void;

/**
 * The resource monitor that a program meets in the place of Pulumi's engine: the one that
 * `pulumi.runtime.setMocks` installs, except that it sees the whole request and its resources are real.
 *
 * Dependencies are awaited by Pulumi's own runtime, which also makes URNs of aliases.
 */
export function createMonitor(program: { directory: string; project: string; stack: string }, ports: MonitorPorts) {
  const { proto, InvokeResponse, Struct } = loadProtocol(program.directory);
  const resources = new Map<string, { urn: string; id: string; state: Properties }>();
  const transforms = new Transforms(program.directory);
  const stackUrn = urnIn(program, "", rootStackType, `${program.project}-${program.stack}`);

  function claim(parent: string, type: string, name: string): string | undefined {
    const urn = urnIn(program, parent, type, name);
    if (resources.has(urn)) {
      ports.refuse(`${type} "${name}": duplicate resource ${urn}; give each resource of one type and parent its own name`);
      return undefined;
    }
    resources.set(urn, { urn, id: "", state: {} });
    return urn;
  }

  async function materialize(request: Omit<CreateRequest, "kind" | "request" | "inputs">, wire: Properties, secretOutputs: string[]) {
    const { values, secretNames } = plainProperties(wire, program.directory);
    const answer = await ports.create({ ...request, inputs: values });
    const id = answer.id ?? "";
    const state = withSecrets(answer.state, [...secretNames, ...secretOutputs]);
    resources.set(request.urn, { urn: request.urn, id, state });
    return { id, state };
  }

  async function registerResource(request: resourceProto.RegisterResourceRequest, callback: Callback<unknown>): Promise<void> {
    const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
    const urn = claim(parent, type, name);
    if (urn === undefined) return;
    try {
      await transforms.apply(request, urn);
    } catch (error) {
      return ports.refuse(`${type} "${name}": ${(error as Error).message}`);
    }
    const unsupported = unsupportedOption(request);
    if (unsupported !== undefined) return ports.refuse(`${type} "${name}": ${unsupported} not supported by the embedded cloud`);

    const response = new proto.RegisterResourceResponse();
    response.setUrn(urn);
    if (request.getCustom()) {
      const { id, state } = await materialize(
        {
          urn,
          type,
          name,
          parent: parent || undefined,
          provider: request.getProvider(),
          existingId: request.getImportid() || undefined,
          ...replacementOptions(request, program.directory),
        },
        properties(request.getObject()),
        request.getAdditionalsecretoutputsList(),
      );
      response.setId(id);
      response.setObject(Struct.fromJavaScript(state as Values));
    } else {
      if (type !== rootStackType) ports.component({ urn, type, name, parent: parent || undefined });
      response.setObject(Struct.fromJavaScript({}));
    }
    callback(null, response);
  }

  async function readResource(request: resourceProto.ReadResourceRequest, callback: Callback<unknown>): Promise<void> {
    const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
    const urn = claim(parent, type, name);
    if (urn === undefined) return;
    const { state } = await materialize(
      { urn, type, name, parent: parent || undefined, provider: request.getProvider(), existingId: request.getId(), ...neverReplaced },
      properties(request.getProperties()),
      request.getAdditionalsecretoutputsList(),
    );
    const response = new proto.ReadResourceResponse();
    response.setUrn(urn);
    response.setProperties(Struct.fromJavaScript(state as Values));
    callback(null, response);
  }

  async function invoke(request: resourceProto.ResourceInvokeRequest, callback: Callback<unknown>): Promise<void> {
    const token = request.getTok();
    const { values: inputs, secretNames } = plainProperties(properties(request.getArgs()), program.directory);
    const response = new InvokeResponse();
    if (token === "pulumi:pulumi:getResource") {
      const resource = resources.get(String(inputs["urn"]));
      if (resource === undefined) return callback(new Error(`unknown resource ${String(inputs["urn"])}`), undefined);
      response.setReturn(Struct.fromJavaScript(resource));
    } else {
      const { state } = await ports.call({ token, inputs, provider: request.getProvider() });
      // What is asked with a secret is answered with secrets, as the engine does.
      response.setReturn(Struct.fromJavaScript(withSecrets(state, secretNames.length > 0 ? Object.keys(state) : []) as Values));
    }
    callback(null, response);
  }

  function registerResourceOutputs(request: resourceProto.RegisterResourceOutputsRequest, callback: Callback<unknown>): void {
    const { values, secretNames } = plainProperties(properties(request.getOutputs()), program.directory);
    const resource = resources.get(request.getUrn());
    if (resource !== undefined) resource.state = values;
    if (request.getUrn() === stackUrn) ports.outputs({ outputs: values, secretNames });
    callback(null, {});
  }

  /** For every method that would answer silently where the engine does something. */
  const refused = (what: string) => () => ports.refuse(`${what} not supported by the embedded cloud`);

  return {
    registerResource,
    readResource,
    invoke,
    registerResourceOutputs,
    call: refused("calls of resource methods are"),
    existsResource: refused("asking whether a resource exists is"),
    registerStackTransform: (transform: callbackProto.Callback, callback: Callback<unknown>) => {
      transforms.addToStack(transform);
      callback(null, {});
    },
    registerStackInvokeTransform: () =>
      ports.refuse(
        "pulumi.runtime.registerInvokeTransform is not supported by the embedded cloud: call it only where pulumi.getStack() is another stack " +
          `than ${JSON.stringify(program.stack)}`,
      ),
    registerPackage: refused("parameterized packages are"),
    // Hooks are refused where a resource names one that a creation would run.
    registerResourceHook: (_request: unknown, callback: Callback<unknown>) => callback(null, {}),
    registerErrorHook: (_request: unknown, callback: Callback<unknown>) => callback(null, {}),
    signalAndWaitForShutdown: (_request: unknown, callback: Callback<unknown>) => callback(null, {}),
    /** How versions of @pulumi/pulumi below 3.256 ask, one feature at a time. */
    supportsFeature: (request: resourceProto.SupportsFeatureRequest, callback: Callback<unknown>) => {
      const answer = new proto.SupportsFeatureResponse();
      answer.setHassupport(!["outputValues", "aliasSpecs"].includes(request.getId()));
      callback(null, answer);
    },
    getDeploymentInfo: (_request: unknown, callback: Callback<unknown>) => {
      const answer = new proto.DeploymentInfo();
      const features = proto.ResourceMonitorFeature;
      // Output values would only say which dependencies a value has, which nobody here asks; without specifications of aliases Pulumi sends URNs.
      const without: readonly unknown[] = [features.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES, features.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS];
      answer.setSupportedfeaturesList(
        Object.values(features).filter(
          (feature): feature is resourceProto.ResourceMonitorFeature => typeof feature === "number" && !without.includes(feature),
        ),
      );
      callback(null, answer);
    },
  };
}

type Values = Parameters<typeof structProto.Struct.fromJavaScript>[0];

function properties(struct: structProto.Struct | undefined): Properties {
  return struct?.toJavaScript() ?? {};
}

interface Protocol {
  proto: Omit<typeof resourceProto, "ResourceInvokeResponse"> & Partial<Pick<typeof resourceProto, "ResourceInvokeResponse">>;
  InvokeResponse: new () => resourceProto.ResourceInvokeResponse | providerProto.InvokeResponse;
  Struct: typeof structProto.Struct;
}

/** Generated classes have to be the program's own: they are checked by identity. */
function loadProtocol(directory: string): Protocol {
  const fromProgram = createRequire(path.join(directory, "index.js"));
  const fromPulumi = createRequire(fromProgram.resolve("@pulumi/pulumi/package.json"));
  const proto = fromProgram("@pulumi/pulumi/proto/resource_pb") as Protocol["proto"];
  const { InvokeResponse } = fromProgram("@pulumi/pulumi/proto/provider_pb") as typeof providerProto;
  return {
    proto,
    // The lowest versions that are promised answer with the provider's.
    InvokeResponse: proto.ResourceInvokeResponse ?? InvokeResponse,
    Struct: (fromPulumi("google-protobuf/google/protobuf/struct_pb") as typeof structProto).Struct,
  };
}

/** Of what a program only reads. */
const neverReplaced = {
  propertyDependencies: {},
  aliases: [],
  ignoreChanges: [],
  deleteBeforeReplace: false,
  replaceOnChanges: [],
  replacementTrigger: undefined,
  protect: false,
  retainOnDelete: true,
} satisfies Partial<CreateRequest>;

type ReplacementOptions = Pick<CreateRequest, keyof typeof neverReplaced>;

function replacementOptions(request: resourceProto.RegisterResourceRequest, directory: string): ReplacementOptions {
  const dependencies: Record<string, string[]> = {};
  request.getPropertydependenciesMap().forEach((of, input) => (dependencies[input] = of.getUrnsList()));
  // Younger than the lowest version of Pulumi that is promised.
  const trigger = (request as Partial<typeof request>).getReplacementTrigger?.()?.toJavaScript();
  return {
    propertyDependencies: dependencies,
    aliases: request.getAliasurnsList(),
    ignoreChanges: request.getIgnorechangesList(),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    replaceOnChanges: request.getReplaceonchangesList(),
    replacementTrigger: trigger === undefined ? undefined : plainProperties({ trigger }, directory).values["trigger"],
    protect: request.getProtect() ?? false,
    retainOnDelete: request.getRetainondelete() ?? false,
  };
}

function unsupportedOption(request: resourceProto.RegisterResourceRequest): string | undefined {
  const hooks = request.getHooks();
  if (request.getRemote()) return "components of other languages are";
  if (hooks && [...hooks.getBeforeCreateList(), ...hooks.getAfterCreateList()].length > 0) return "hooks before and after creation are";
  return undefined;
}
