const log = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
const interfaces = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
];
/** Policies that AWS manages, as far as programs of this kind attach them. https://docs.aws.amazon.com/aws-managed-policy/latest/reference/ */
export const managedByAws = {
    "arn:aws:iam::aws:policy/AdministratorAccess": allowing(["*"]),
    "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": allowing(log),
    "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole": allowing([...log, ...interfaces]),
};
function allowing(actions) {
    return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] };
}
