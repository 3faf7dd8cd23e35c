/** What `terraform import` finds a resource by, where it is not the id. */
const importIds = {
    aws_appautoscaling_policy: (values) => `${scalable(values)}/${values["name"]}`,
    aws_appautoscaling_scheduled_action: (values) => `${scalable(values)}/${values["name"]}`,
    aws_appautoscaling_target: scalable,
    aws_cloudwatch_event_target: ({ rule, target_id: target }) => `${rule}/${target}`,
    aws_lambda_permission: ({ function_name: name, statement_id: statement }) => `${name}/${statement}`,
};
function scalable({ service_namespace: service, resource_id: resource, scalable_dimension: dimension, }) {
    return `${service}/${resource}/${dimension}`;
}
/** Blocks that import what another state has. Gates are Terraform's own, and no resource of AWS. */
export function importBlocks(resources) {
    return resources
        .filter(({ type }) => type.startsWith("aws_"))
        .map(({ address, type, values }) => {
        const known = values;
        return `import {\n  to = ${address}\n  id = ${JSON.stringify(importIds[type]?.(known) ?? known["id"])}\n}\n`;
    })
        .join("\n");
}
