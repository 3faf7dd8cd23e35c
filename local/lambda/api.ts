import { validated } from "../validation";
import * as pages from "../pages";
import { notSupported, ServiceError, type WireRequest, type WireResponse } from "../wire";
import type { FunctionConfiguration, FunctionDefinition } from "./definition";
import { beingCreated, beingUpdated, describedEventInvoke, describedEventSource, describedFunction } from "./described";
import type { EventSources, EventSourceSettings } from "./eventSources";
import type { CodeSource, Functions } from "./functions";
import { invoke, type Invoker } from "./invoke";
import { permissionPolicy } from "./permissions";
import { requests, type Requests } from "./requests";
import { routeOf } from "./routes";
import { writeZip } from "./unzip";

/** What the API acts on. */
export interface ApiPorts extends Invoker {
  functions: Functions;
  eventSources: EventSources;
  /** An object's content. @throws ServiceError as S3 refuses */
  storedObject: (bucket: string, key: string) => Buffer;
}

/** What an operation answers: a status, and a body where there is one. */
type Answer = readonly [status: number, body?: object];
type Operations = { [Operation in keyof Requests]: (input: Requests[Operation]) => Answer | Promise<Answer> };

/** Lambda's REST API. */
export function lambdaApi(ports: ApiPorts): (request: WireRequest) => Promise<WireResponse> {
  const operations = {
    ...functionOperations(ports),
    ...permissionOperations(ports),
    ...settingOperations(ports),
    ...eventSourceOperations(ports),
  };
  return async (request) => {
    const { operation, labels } = routeOf(request.method, request.path) ?? {};
    if (operation === undefined || labels === undefined) throw notSupported(`Lambda's ${request.method} ${request.path}`);
    if (operation === "InvokeFunction") {
      const definition = ports.functions.find(labels["FunctionName"] as string, request.query.get("Qualifier") ?? undefined);
      return invoke(request, definition, ports);
    }
    const input = { ...Object.fromEntries(request.query), ...listsOf(request.query), ...jsonOf(request.body), ...labels };
    const known = validated(requests[operation as keyof Requests], input, `Lambda's ${operation}`);
    const [status, body] = await (operations[operation as keyof Requests] as (input: unknown) => Answer | Promise<Answer>)(known);
    if (body === undefined) return { status };
    return { status, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  };
}

function functionOperations({ functions, storedObject }: ApiPorts) {
  const zipOf = ({ ZipFile, S3Bucket, S3Key }: Requests["CreateFunction"]["Code"]): CodeSource => {
    if (ZipFile !== undefined) return (directory) => writeZip(Buffer.from(ZipFile, "base64"), directory);
    if (S3Bucket === undefined || S3Key === undefined) {
      throw new ServiceError("InvalidParameterValueException", "Please provide a source for function code.");
    }
    const zip = storedObject(S3Bucket, S3Key);
    return (directory) => writeZip(zip, directory);
  };
  const requireRevision = ({ revisionId }: FunctionDefinition, wanted: string | undefined) => {
    if (wanted === undefined || wanted === revisionId) return;
    const words =
      "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id";
    throw new ServiceError("PreconditionFailedException", words, 412);
  };

  return {
    CreateFunction: async (input) => {
      const definition = await functions.create(
        {
          description: "",
          timeoutSeconds: 3,
          memoryMegabytes: 128,
          variables: {},
          kmsKeyArn: undefined,
          network: undefined,
          logGroup: `/aws/lambda/${input.FunctionName}`,
          ...configurationOf(input),
          name: input.FunctionName,
          handler: input.Handler,
          runtime: input.Runtime,
          roleArn: input.Role,
          architecture: input.Architectures?.[0] ?? "x86_64",
          reservedConcurrency: undefined,
          tags: input.Tags,
          programDirectory: undefined,
        },
        zipOf(input.Code),
      );
      return [201, describedFunction(definition, beingCreated)];
    },
    UpdateFunctionCode: async (input) => {
      const definition = functions.find(input.FunctionName);
      requireRevision(definition, input.RevisionId);
      const { name, architecture } = definition;
      if (input.Architectures !== undefined && input.Architectures[0] !== architecture)
        throw notSupported("another architecture of a function");
      const code = await functions.stage(name, zipOf(input));
      if (!input.DryRun) return [200, describedFunction(await functions.update(name, {}, code), beingUpdated)];
      await functions.discard(code);
      return [200, describedFunction({ ...definition, codeSha256: code.codeSha256, codeSizeBytes: code.sizeBytes })];
    },
    UpdateFunctionConfiguration: async (input) => {
      requireRevision(functions.find(input.FunctionName), input.RevisionId);
      return [200, describedFunction(await functions.update(input.FunctionName, configurationOf(input)), beingUpdated)];
    },
    DeleteFunction: (input) => [204, void functions.delete(input.FunctionName)],
    GetFunction: (input) => {
      const definition = functions.find(input.FunctionName, input.Qualifier);
      const { reservedConcurrency, tags } = definition;
      return [
        200,
        {
          Configuration: describedFunction(definition),
          Code: { RepositoryType: "S3" },
          ...(Object.keys(tags).length > 0 && { Tags: tags }),
          ...(reservedConcurrency !== undefined && { Concurrency: { ReservedConcurrentExecutions: reservedConcurrency } }),
        },
      ];
    },
    GetFunctionConfiguration: (input) => [200, describedFunction(functions.find(input.FunctionName, input.Qualifier))],
    ListFunctions: (input) => {
      const all = functions.all().sort((a, b) => (a.name < b.name ? -1 : 1));
      return [
        200,
        pageOf(
          "Functions",
          all.map((definition) => describedFunction(definition)),
          ({ FunctionName }) => FunctionName,
          input,
        ),
      ];
    },
    ListVersionsByFunction: (input) => {
      const { FunctionArn, ...described } = describedFunction(functions.find(input.FunctionName));
      return [200, pageOf("Versions", [{ ...described, FunctionArn: `${FunctionArn}:$LATEST` }], () => FunctionArn, input)];
    },
  } satisfies Partial<Operations>;
}

function permissionOperations({ functions }: ApiPorts) {
  return {
    AddPermission: ({ FunctionName, StatementId, Action, Principal, SourceArn, SourceAccount }) => {
      const permitted = {
        statementId: StatementId,
        action: Action,
        principal: Principal,
        sourceArn: SourceArn,
        sourceAccount: SourceAccount,
      };
      const permission = functions.permit(FunctionName, permitted);
      return [201, { Statement: JSON.stringify(permissionPolicy([permission])?.Statement[0]) }];
    },
    GetPolicy: (input) => {
      const { name, revisionId } = functions.find(input.FunctionName, input.Qualifier);
      const policy = permissionPolicy(functions.permissions(name));
      if (policy === undefined) throw new ServiceError("ResourceNotFoundException", "The resource you requested does not exist.", 404);
      return [
        200,
        { Policy: JSON.stringify({ Version: policy.Version, Id: "default", Statement: policy.Statement }), RevisionId: revisionId },
      ];
    },
    RemovePermission: (input) => {
      const { name } = functions.find(input.FunctionName, input.Qualifier);
      return [204, void functions.forbid(name, input.StatementId)];
    },
  } satisfies Partial<Operations>;
}

function eventSourceOperations({ functions, eventSources }: ApiPorts) {
  return {
    CreateEventSourceMapping: (input) => {
      const defaults = {
        enabled: true,
        batchSize: 10,
        batchingWindowSeconds: 0,
        reportsItemFailures: false,
        maximumConcurrency: undefined,
      };
      const settings = { ...defaults, functionName: input.FunctionName, ...eventSourceOf(input) };
      const source = eventSources.create(input.EventSourceArn, settings, input.Tags);
      return [202, describedEventSource(eventSources, source, "Creating")];
    },
    UpdateEventSourceMapping: (input) => {
      const { UUID, FunctionName } = input;
      const changes = { ...eventSourceOf(input), ...(FunctionName !== undefined && { functionName: FunctionName }) };
      return [202, describedEventSource(eventSources, eventSources.update(UUID, changes), "Updating")];
    },
    GetEventSourceMapping: ({ UUID }) => [200, describedEventSource(eventSources, eventSources.find(UUID))],
    DeleteEventSourceMapping: ({ UUID }) => [202, describedEventSource(eventSources, eventSources.delete(UUID), "Deleting")],
    ListEventSourceMappings: (input) => {
      const { EventSourceArn, FunctionName } = input;
      const name = FunctionName === undefined ? undefined : functions.find(FunctionName).name;
      const wanted = eventSources
        .all()
        .filter(
          ({ eventSourceArn, functionName }) =>
            (EventSourceArn ?? eventSourceArn) === eventSourceArn && (name ?? functionName) === functionName,
        );
      return [
        200,
        pageOf(
          "EventSourceMappings",
          wanted.map((source) => describedEventSource(eventSources, source)),
          ({ UUID }) => UUID,
          input,
        ),
      ];
    },
  } satisfies Partial<Operations>;
}

/** What of an event source mapping a request gives; an empty scaling configuration takes away what was set. */
function eventSourceOf(input: Omit<Requests["UpdateEventSourceMapping"], "UUID" | "FunctionName">): Partial<EventSourceSettings> {
  const { BatchSize, Enabled, MaximumBatchingWindowInSeconds, FunctionResponseTypes, ScalingConfig } = input;
  return {
    ...(BatchSize !== undefined && { batchSize: BatchSize }),
    ...(Enabled !== undefined && { enabled: Enabled }),
    ...(MaximumBatchingWindowInSeconds !== undefined && { batchingWindowSeconds: MaximumBatchingWindowInSeconds }),
    ...(FunctionResponseTypes && { reportsItemFailures: FunctionResponseTypes.length > 0 }),
    ...(ScalingConfig && { maximumConcurrency: ScalingConfig.MaximumConcurrency }),
  };
}

function settingOperations({ functions, eventSources }: ApiPorts) {
  const eventInvokeOf = (name: string, qualifier?: string) => {
    const definition = functions.find(name, qualifier);
    const config = functions.eventInvoke(definition.name);
    if (config) return { definition, config };
    const words = `The function ${definition.arn}:$LATEST doesn't have an EventInvokeConfig`;
    throw new ServiceError("ResourceNotFoundException", words, 404);
  };
  /** Tags of a function or an event source mapping. */
  const tagged = (arn: string): { tags: Readonly<Record<string, string>>; set: (tags: Record<string, string>) => void } => {
    const [, kind, id = ""] = /^arn:aws[a-z-]*:lambda:[^:]+:\d{12}:(function|event-source-mapping):([^:]+)$/.exec(arn) ?? [];
    if (kind === "function") return { tags: functions.find(arn).tags, set: (tags) => functions.setTags(arn, tags) };
    if (kind !== undefined) return { tags: eventSources.find(id).tags, set: (tags) => eventSources.setTags(id, tags) };
    throw new ServiceError("InvalidParameterValueException", `Resource is not supported: ${arn}`);
  };
  const putEvents = (input: Requests["PutFunctionEventInvokeConfig"], before: object) => {
    const { MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig } = input;
    functions.configureEvents(input.FunctionName, {
      ...before,
      ...(MaximumRetryAttempts !== undefined && { maximumRetryAttempts: MaximumRetryAttempts }),
      ...(MaximumEventAgeInSeconds !== undefined && { maximumEventAgeSeconds: MaximumEventAgeInSeconds }),
      ...(DestinationConfig && {
        onSuccess: DestinationConfig.OnSuccess?.Destination,
        onFailure: DestinationConfig.OnFailure?.Destination,
      }),
    });
    const { definition, config } = eventInvokeOf(input.FunctionName);
    return [200, describedEventInvoke(definition, config)] as const;
  };

  return {
    PutFunctionEventInvokeConfig: (input) => putEvents(input, {}),
    UpdateFunctionEventInvokeConfig: (input) => putEvents(input, eventInvokeOf(input.FunctionName).config),
    GetFunctionEventInvokeConfig: (input) => {
      const { definition, config } = eventInvokeOf(input.FunctionName, input.Qualifier);
      return [200, describedEventInvoke(definition, config)];
    },
    DeleteFunctionEventInvokeConfig: (input) => {
      const { definition } = eventInvokeOf(input.FunctionName, input.Qualifier);
      return [204, void functions.configureEvents(definition.name, undefined)];
    },
    ListFunctionEventInvokeConfigs: (input) => {
      const definition = functions.find(input.FunctionName);
      const config = functions.eventInvoke(definition.name);
      return [
        200,
        pageOf("FunctionEventInvokeConfigs", config ? [describedEventInvoke(definition, config)] : [], () => definition.arn, input),
      ];
    },

    GetFunctionConcurrency: (input) => {
      const { reservedConcurrency } = functions.find(input.FunctionName);
      return [200, reservedConcurrency === undefined ? {} : { ReservedConcurrentExecutions: reservedConcurrency }];
    },
    PutFunctionConcurrency: (input) => {
      functions.reserve(input.FunctionName, input.ReservedConcurrentExecutions);
      return [200, { ReservedConcurrentExecutions: input.ReservedConcurrentExecutions }];
    },
    DeleteFunctionConcurrency: (input) => [204, void functions.reserve(input.FunctionName, undefined)],

    ListTags: (input) => [200, { Tags: tagged(input.Resource).tags }],
    TagResource: (input) => {
      const { tags, set } = tagged(input.Resource);
      return [204, void set({ ...tags, ...input.Tags })];
    },
    UntagResource: (input) => {
      const { tags, set } = tagged(input.Resource);
      const kept = Object.entries(tags).filter(([key]) => !input.tagKeys.includes(key));
      return [204, void set(Object.fromEntries(kept))];
    },

    // What nobody can set here is as it is on AWS where nobody has set it.
    GetFunctionCodeSigningConfig: (input) => [200, { FunctionName: functions.find(input.FunctionName).name }],
    GetFunctionRecursionConfig: (input) => [200, functions.find(input.FunctionName) && { RecursiveLoop: "Terminate" }],
    GetRuntimeManagementConfig: (input) => {
      const { arn } = functions.find(input.FunctionName, input.Qualifier);
      return [200, { UpdateRuntimeOn: "Auto", FunctionArn: `${arn}:$LATEST` }];
    },
    ListAliases: (input) => [200, functions.find(input.FunctionName) && pageOf("Aliases", [], () => "", input)],
  } satisfies Partial<Operations>;
}

/** What of a configuration a request gives; an empty key, network or set of variables takes away what was set. */
function configurationOf(input: Requests["UpdateFunctionConfiguration"] | Requests["CreateFunction"]): Partial<FunctionConfiguration> {
  const { Description, Handler, Runtime, Role, Timeout, MemorySize, Environment, LoggingConfig, KMSKeyArn, VpcConfig } = input;
  const subnetIds = VpcConfig?.SubnetIds ?? [];
  return {
    ...(Description !== undefined && { description: Description }),
    ...(Handler !== undefined && { handler: Handler }),
    ...(Runtime !== undefined && { runtime: Runtime }),
    ...(Role !== undefined && { roleArn: Role }),
    ...(Timeout !== undefined && { timeoutSeconds: Timeout }),
    ...(MemorySize !== undefined && { memoryMegabytes: MemorySize }),
    ...(Environment && { variables: Environment.Variables ?? {} }),
    ...(LoggingConfig?.LogGroup !== undefined && { logGroup: LoggingConfig.LogGroup }),
    ...(KMSKeyArn !== undefined && { kmsKeyArn: KMSKeyArn || undefined }),
    ...(VpcConfig && { network: subnetIds.length === 0 ? undefined : { subnetIds, securityGroupIds: VpcConfig.SecurityGroupIds ?? [] } }),
  };
}

/** A page of a list, and Lambda's marker of the next one. */
function pageOf<Item extends object>(
  member: string,
  all: readonly Item[],
  idOf: (item: Item) => string,
  { Marker: token, MaxItems }: { Marker?: string | undefined; MaxItems: number },
) {
  const invalid = (given: string) => new ServiceError("InvalidParameterValueException", `Invalid marker: ${given}`);
  const { page, next } = pages.pageOf(all, { list: `Lambda ${member}`, idOf, limit: Math.min(MaxItems, 50), token, invalid });
  return { [member]: page, ...(next !== undefined && { NextMarker: next }) };
}

function listsOf(query: URLSearchParams): object {
  return query.has("tagKeys") ? { tagKeys: query.getAll("tagKeys") } : {};
}

function jsonOf(body: Buffer): object {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString()) as object;
  } catch (error) {
    throw new ServiceError("InvalidRequestContentException", `Could not parse request body into json: ${(error as Error).message}`);
  }
}
