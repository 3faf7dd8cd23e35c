import { createRequire } from "node:module";
import path from "node:path";
import { plainProperties, withSecrets } from "./properties";
/**
 * The resource monitor that a program meets in the place of Pulumi's engine: the one that
 * `pulumi.runtime.setMocks` installs, except that it sees the whole request and its resources are real.
 *
 * It creates and never updates or deletes, so options about either (aliases, ignoreChanges, protect, deleteBeforeReplace)
 * have no effect, as in a first `pulumi up`. Dependencies are awaited by Pulumi's own runtime.
 */
export function createMonitor(program, ports) {
    const { proto, InvokeResponse, Struct } = loadProtocol(program.directory);
    const resources = new Map();
    const stackUrn = urnOf("", rootStackType, `${program.project}-${program.stack}`);
    function urnOf(parent, type, name) {
        const parentType = parent.split("::")[2] ?? "";
        const qualified = parentType === "" || parentType === rootStackType ? type : `${parentType}$${type}`;
        return `urn:pulumi:${program.stack}::${program.project}::${qualified}::${name}`;
    }
    function claim(parent, type, name) {
        const urn = urnOf(parent, type, name);
        if (resources.has(urn)) {
            ports.refuse(`${type} "${name}": duplicate resource ${urn}; give each resource of one type and parent its own name`);
            return undefined;
        }
        resources.set(urn, { urn, id: "", state: {} });
        return urn;
    }
    async function materialize(request, wire, secretOutputs) {
        const { values, secretNames } = plainProperties(wire, program.directory);
        const answer = await ports.create({ ...request, inputs: values });
        const id = answer.id ?? "";
        const state = withSecrets(answer.state, [...secretNames, ...secretOutputs]);
        resources.set(request.urn, { urn: request.urn, id, state });
        return { id, state };
    }
    async function registerResource(request, callback) {
        const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
        const unsupported = unsupportedOption(request);
        if (unsupported !== undefined)
            return ports.refuse(`${type} "${name}": ${unsupported} not supported by the embedded cloud`);
        const urn = claim(parent, type, name);
        if (urn === undefined)
            return;
        const response = new proto.RegisterResourceResponse();
        response.setUrn(urn);
        if (request.getCustom()) {
            const { id, state } = await materialize({
                urn,
                type,
                name,
                parent: parent || undefined,
                provider: request.getProvider(),
                existingId: request.getImportid() || undefined,
            }, properties(request.getObject()), request.getAdditionalsecretoutputsList());
            response.setId(id);
            response.setObject(Struct.fromJavaScript(state));
        }
        else {
            if (type !== rootStackType)
                ports.component({ urn, type, name, parent: parent || undefined });
            response.setObject(Struct.fromJavaScript({}));
        }
        callback(null, response);
    }
    async function readResource(request, callback) {
        const [type, name, parent] = [request.getType(), request.getName(), request.getParent()];
        const urn = claim(parent, type, name);
        if (urn === undefined)
            return;
        const { state } = await materialize({ urn, type, name, parent: parent || undefined, provider: request.getProvider(), existingId: request.getId() }, properties(request.getProperties()), request.getAdditionalsecretoutputsList());
        const response = new proto.ReadResourceResponse();
        response.setUrn(urn);
        response.setProperties(Struct.fromJavaScript(state));
        callback(null, response);
    }
    async function invoke(request, callback) {
        const token = request.getTok();
        const { values: inputs, secretNames } = plainProperties(properties(request.getArgs()), program.directory);
        const response = new InvokeResponse();
        if (token === "pulumi:pulumi:getResource") {
            const resource = resources.get(String(inputs["urn"]));
            if (resource === undefined)
                return callback(new Error(`unknown resource ${String(inputs["urn"])}`), undefined);
            response.setReturn(Struct.fromJavaScript(resource));
        }
        else {
            const { state } = await ports.call({ token, inputs, provider: request.getProvider() });
            // What is asked with a secret is answered with secrets, as the engine does.
            response.setReturn(Struct.fromJavaScript(withSecrets(state, secretNames.length > 0 ? Object.keys(state) : [])));
        }
        callback(null, response);
    }
    function registerResourceOutputs(request, callback) {
        const { values, secretNames } = plainProperties(properties(request.getOutputs()), program.directory);
        const resource = resources.get(request.getUrn());
        if (resource !== undefined)
            resource.state = values;
        if (request.getUrn() === stackUrn)
            ports.outputs({ outputs: values, secretNames });
        callback(null, {});
    }
    /** For every method that would answer silently where the engine does something. */
    const refused = (what) => () => ports.refuse(`${what} not supported by the embedded cloud`);
    return {
        registerResource,
        readResource,
        invoke,
        registerResourceOutputs,
        call: refused("calls of resource methods are"),
        existsResource: refused("asking whether a resource exists is"),
        registerStackTransform: refused("stack transforms are"),
        registerStackInvokeTransform: refused("stack invoke transforms are"),
        registerPackage: refused("parameterized packages are"),
        // Hooks are refused where a resource names one that a creation would run.
        registerResourceHook: (_request, callback) => callback(null, {}),
        registerErrorHook: (_request, callback) => callback(null, {}),
        signalAndWaitForShutdown: (_request, callback) => callback(null, {}),
        /** How versions of @pulumi/pulumi below 3.256 ask, one feature at a time. */
        supportsFeature: (request, callback) => {
            const answer = new proto.SupportsFeatureResponse();
            answer.setHassupport(request.getId() !== "outputValues");
            callback(null, answer);
        },
        getDeploymentInfo: (_request, callback) => {
            const answer = new proto.DeploymentInfo();
            answer.setSupportedfeaturesList(Object.values(proto.ResourceMonitorFeature).filter((feature) => 
            // Output values would only say which dependencies a value has, which nobody here asks.
            typeof feature === "number" && feature !== proto.ResourceMonitorFeature.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES));
            callback(null, answer);
        },
    };
}
const rootStackType = "pulumi:pulumi:Stack";
function properties(struct) {
    return struct?.toJavaScript() ?? {};
}
/** Generated classes have to be the program's own: they are checked by identity. */
function loadProtocol(directory) {
    const fromProgram = createRequire(path.join(directory, "index.js"));
    const fromPulumi = createRequire(fromProgram.resolve("@pulumi/pulumi/package.json"));
    const proto = fromProgram("@pulumi/pulumi/proto/resource_pb");
    const { InvokeResponse } = fromProgram("@pulumi/pulumi/proto/provider_pb");
    return {
        proto,
        // The lowest versions that are promised answer with the provider's.
        InvokeResponse: proto.ResourceInvokeResponse ?? InvokeResponse,
        Struct: fromPulumi("google-protobuf/google/protobuf/struct_pb").Struct,
    };
}
function unsupportedOption(request) {
    const hooks = request.getHooks();
    if (request.getRemote())
        return "components of other languages are";
    if (request.getTransformsList().length > 0)
        return "the option transforms is";
    if (hooks && [...hooks.getBeforeCreateList(), ...hooks.getAfterCreateList()].length > 0)
        return "hooks before and after creation are";
    return undefined;
}
