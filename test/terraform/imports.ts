import type { StateResource } from "./workspace";

/** What `terraform import` finds a resource by, where it is not the id. */
const importIds: Readonly<Record<string, (values: Readonly<Record<string, string>>) => string>> = {
  aws_appautoscaling_policy: (values) => `${scalable(values)}/${values["name"]}`,
  aws_appautoscaling_scheduled_action: (values) => `${scalable(values)}/${values["name"]}`,
  aws_appautoscaling_target: scalable,
  aws_cloudwatch_event_target: ({ rule, target_id: target }) => `${rule}/${target}`,
  aws_lambda_permission: ({ function_name: name, statement_id: statement }) => `${name}/${statement}`,
};

function scalable({
  service_namespace: service,
  resource_id: resource,
  scalable_dimension: dimension,
}: Readonly<Record<string, string>>): string {
  return `${service}/${resource}/${dimension}`;
}

/** Blocks that import what another state has. Gates are Terraform's own, and no resource of AWS. */
export function importBlocks(resources: readonly StateResource[]): string {
  return resources
    .filter(({ type }) => type.startsWith("aws_"))
    .map(({ address, type, values }) => {
      const known = values as Readonly<Record<string, string>>;
      return `import {\n  to = ${address}\n  id = ${JSON.stringify(importIds[type]?.(known) ?? known["id"])}\n}\n`;
    })
    .join("\n");
}
