/** Inputs of a resource for people: policies and a function's settings as documents, an archive as the names of its files. */
export async function readableInputs({ inputs }) {
    const fields = await Promise.all(Object.entries(inputs).map(async ([name, value]) => [name, await readable(name, value)]));
    return Object.fromEntries(fields);
}
async function readable(name, value) {
    if (["policy", "assumeRolePolicy", "filterPolicy", "redrivePolicy", "redriveAllowPolicy", "dashboardBody"].includes(name))
        return JSON.parse(value);
    if (name === "environment")
        return readableEnvironment(value);
    return name === "code" ? Object.keys(await filesOf(value)).sort() : value;
}
function readableEnvironment({ variables: { SETTINGS: settings, ...variables } }) {
    return { variables: settings === undefined ? variables : { ...variables, SETTINGS: JSON.parse(settings) } };
}
/** Files of a function's archive: text by name, or undefined for a folder. */
export async function filesOf(code) {
    const { assets } = (await code);
    const entries = await Promise.all(Object.entries(await assets).map(async ([name, asset]) => [name, await asset.text]));
    return Object.fromEntries(entries);
}
/** Type and name of each resource. */
export function graphOf({ resources }) {
    return resources.map(({ type, name }) => `${type} ${name}`);
}
/** Inputs of the one resource of that type and name; throws with what there is. */
export async function inputsOf(deployment, type, name) {
    const found = deployment.resources.filter((resource) => resource.type === type && resource.name === name);
    const [only] = found;
    if (!only || found.length > 1)
        throw new Error(`${found.length} of ${type} ${name} in:\n${graphOf(deployment).join("\n")}`);
    return readableInputs(only);
}
/** Statements of a policy by their sid. */
export async function statementsOf(deployment, type, name) {
    const { policy } = (await inputsOf(deployment, type, name));
    return Object.fromEntries(policy.Statement.map((statement) => [statement.Sid, statement]));
}
/** The options of a resource that decide how the engine treats it; those that are not set are left out. */
export function treatmentOf(deployment, type, name) {
    const options = deployment.options.get(`${type} ${name}`);
    if (!options)
        throw new Error(`no ${type} ${name}`);
    const { protect, retainOnDelete, deleteBeforeReplace, replaceOnChanges, replacementTrigger, dependsOn } = options;
    const { additionalSecretOutputs } = options;
    const others = [dependsOn ?? []].flat();
    const treatment = {
        protect,
        retainOnDelete,
        deleteBeforeReplace,
        replaceOnChanges,
        replacementTrigger: replacementTrigger,
        additionalSecretOutputs,
        dependsOn: others.length > 0 ? others.map((other) => `${other.__pulumiType} ${other.__name}`) : undefined,
    };
    return Object.fromEntries(Object.entries(treatment).filter(([, value]) => value !== undefined));
}
/** Whose child a resource is: part of its URN, so that another parent is another resource. */
function parentOf(deployment, key) {
    const parent = deployment.options.get(key)?.parent;
    return parent && `${parent.__pulumiType} ${parent.__name}`;
}
/** A whole deployment as a document that can be written down. */
export async function documentOf(deployment) {
    const resources = await Promise.all(deployment.resources.map(async (resource) => {
        const key = `${resource.type} ${resource.name}`;
        const options = treatmentOf(deployment, resource.type, resource.name);
        const inputs = await readableInputs(resource);
        const parent = parentOf(deployment, key);
        return [key, Object.keys(options).length > 0 ? { parent, inputs, options } : { parent, inputs }];
    }));
    const components = deployment.components.map((key) => [key, { parent: parentOf(deployment, key), outputs: deployment.registeredOutputs.get(key) }]);
    return JSON.parse(JSON.stringify({ components: Object.fromEntries(components), resources: Object.fromEntries(resources), outputs: deployment.outputs }));
}
