import type { Deployment, Registered } from "../../doubles/deploy";

type Fields = Record<string, unknown>;

/** Inputs of a resource for people: policies and a function's settings as documents, an archive as the names of its files. */
export async function readableInputs({ inputs }: Registered): Promise<Fields> {
  const fields = await Promise.all(Object.entries(inputs).map(async ([name, value]) => [name, await readable(name, value)] as const));
  return Object.fromEntries(fields);
}

async function readable(name: string, value: unknown): Promise<unknown> {
  if (["policy", "assumeRolePolicy", "filterPolicy", "redrivePolicy", "redriveAllowPolicy", "dashboardBody"].includes(name))
    return JSON.parse(value as string);
  if (name === "environment") return readableEnvironment(value as { variables: Record<string, string> });
  return name === "code" ? Object.keys(await filesOf(value)).sort() : value;
}

function readableEnvironment({ variables: { SETTINGS: settings, ...variables } }: { variables: Record<string, string> }): Fields {
  return { variables: settings === undefined ? variables : { ...variables, SETTINGS: JSON.parse(settings) as unknown } };
}

/** Files of a function's archive: text by name, or undefined for a folder. */
export async function filesOf(code: unknown): Promise<Record<string, string | undefined>> {
  const { assets } = (await code) as { assets: Promise<Record<string, { text?: Promise<string> }>> };
  const entries = await Promise.all(Object.entries(await assets).map(async ([name, asset]) => [name, await asset.text] as const));
  return Object.fromEntries(entries);
}

/** Type and name of each resource. */
export function graphOf({ resources }: Deployment): string[] {
  return resources.map(({ type, name }) => `${type} ${name}`);
}

/** Type and name of each resource of a function that a topic invokes. */
export function topicFunction(name: string): string[] {
  return [
    `aws:cloudwatch/logGroup:LogGroup ${name}`,
    `aws:iam/role:Role ${name}`,
    `aws:iam/rolePolicy:RolePolicy ${name}`,
    `aws:lambda/function:Function ${name}`,
    `aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig ${name}`,
    `aws:lambda/permission:Permission ${name}`,
    `aws:sns/topicSubscription:TopicSubscription ${name}`,
  ];
}

/** Inputs of the one resource of that type and name; throws with what there is. */
export async function inputsOf(deployment: Deployment, type: string, name: string): Promise<Fields> {
  const found = deployment.resources.filter((resource) => resource.type === type && resource.name === name);
  const [only] = found;
  if (!only || found.length > 1) throw new Error(`${found.length} of ${type} ${name} in:\n${graphOf(deployment).join("\n")}`);
  return readableInputs(only);
}

/** Statements of a policy by their sid. */
export async function statementsOf(deployment: Deployment, type: string, name: string): Promise<Record<string, Fields>> {
  const { policy } = (await inputsOf(deployment, type, name)) as { policy: { Statement: (Fields & { Sid: string })[] } };
  return Object.fromEntries(policy.Statement.map((statement) => [statement.Sid, statement]));
}

/** The options of a resource that decide how the engine treats it; those that are not set are left out. */
export function treatmentOf(deployment: Deployment, type: string, name: string): Fields {
  const options = deployment.options.get(`${type} ${name}`);
  if (!options) throw new Error(`no ${type} ${name}`);
  const { protect, retainOnDelete, deleteBeforeReplace, replaceOnChanges, replacementTrigger, dependsOn } = options;
  const { additionalSecretOutputs } = options as { additionalSecretOutputs?: string[] };
  const others = [dependsOn ?? []].flat() as unknown as { __pulumiType: string; __name: string }[];
  const treatment = {
    protect,
    retainOnDelete,
    deleteBeforeReplace,
    replaceOnChanges,
    replacementTrigger: replacementTrigger as unknown,
    additionalSecretOutputs,
    dependsOn: others.length > 0 ? others.map((other) => `${other.__pulumiType} ${other.__name}`) : undefined,
  };
  return Object.fromEntries(Object.entries(treatment).filter(([, value]) => value !== undefined));
}

/** Whose child a resource is: part of its URN, so that another parent is another resource. */
export function parentOf(deployment: Deployment, key: string): string | undefined {
  const parent = deployment.options.get(key)?.parent as { __pulumiType: string; __name: string } | undefined;
  return parent && `${parent.__pulumiType} ${parent.__name}`;
}

/** A whole deployment as a document that can be written down. */
export async function documentOf(deployment: Deployment): Promise<Fields> {
  const resources = await Promise.all(
    deployment.resources.map(async (resource) => {
      const key = `${resource.type} ${resource.name}`;
      const options = treatmentOf(deployment, resource.type, resource.name);
      const inputs = await readableInputs(resource);
      const parent = parentOf(deployment, key);
      return [key, Object.keys(options).length > 0 ? { parent, inputs, options } : { parent, inputs }] as const;
    }),
  );
  const components = deployment.components.map(
    (key) => [key, { parent: parentOf(deployment, key), outputs: deployment.registeredOutputs.get(key) }] as const,
  );
  return JSON.parse(
    JSON.stringify({ components: Object.fromEntries(components), resources: Object.fromEntries(resources), outputs: deployment.outputs }),
  ) as Fields;
}
