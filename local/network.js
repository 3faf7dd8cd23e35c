/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
export function functionNetworkNeeds(context, network) {
    return [
        ...createNeeds(context, network),
        // Lambda simulates these for a resource of any kind.
        ...["DeleteNetworkInterface", "AssignPrivateIpAddresses", "UnassignPrivateIpAddresses"].map((action) => need(context, action, "*/*")),
        ...describeNeeds("NetworkInterfaces", "Subnets"),
    ];
}
/** https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms */
export function modelNetworkNeeds(context, network) {
    const onInterfaces = ["CreateNetworkInterfacePermission", "DeleteNetworkInterface", "DeleteNetworkInterfacePermission"];
    return [
        ...createNeeds(context, network),
        ...onInterfaces.map((action) => need(context, action, "network-interface/*")),
        ...describeNeeds("DhcpOptions", "NetworkInterfaces", "SecurityGroups", "Subnets", "Vpcs"),
    ];
}
/** An interface is made in a subnet, with security groups: each of them has a say. */
function createNeeds(context, { subnetIds, securityGroupIds }) {
    const on = ["network-interface/*", ...subnetIds.map((id) => `subnet/${id}`), ...securityGroupIds.map((id) => `security-group/${id}`)];
    return on.map((resource) => need(context, "CreateNetworkInterface", resource));
}
function need({ region, accountId }, action, resource) {
    return { action: `ec2:${action}`, resource: `arn:aws:ec2:${region}:${accountId}:${resource}` };
}
function describeNeeds(...what) {
    return what.map((each) => ({ action: `ec2:Describe${each}`, resource: "*" }));
}
