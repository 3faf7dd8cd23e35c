import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { isDenial } from "../identity/denials";
import { RoleLog } from "../roleLog";
import { ServiceError } from "../wire";
import { modelNetworkNeeds } from "../network";
/** As which session of the execution role SageMaker acts. */
export const sessionName = "SageMaker";
const principal = "sagemaker.amazonaws.com";
const toBeginLog = ["logs:CreateLogStream", "logs:DescribeLogStreams"];
const pullActions = ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"];
const repositoryPattern = /^(\d{12})\.dkr\.ecr(?:-fips)?\.([^.]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)/;
/** Refuses a model whose role SageMaker may not be. @throws ServiceError in the service's words */
export function requireAssumable({ access }, roleArn, modelArn) {
    told(() => access.requireAssumable(roleArn, { principal, sourceArn: modelArn }), () => `Could not assume role ${roleArn}. Please ensure that the role exists and allows principal '${principal}' to assume the role.`);
}
/**
 * What the service does before a container starts: it pulls the image, joins the network, encrypts the volume and downloads
 * the model.
 *
 * @throws ServiceError with the reason that the endpoint then fails with
 */
export function requireStartable(context, roleArn, { image, modelDataUrl, network, volumeKeyArn }) {
    const { access, region } = context;
    const [, registry, imageRegion, repository] = repositoryPattern.exec(image ?? "") ?? [];
    if (repository !== undefined) {
        const resource = `arn:aws:ecr:${imageRegion}:${registry}:repository/${repository}`;
        const needs = [{ action: "ecr:GetAuthorizationToken", resource: "*" }, ...pullActions.map((action) => ({ action, resource }))];
        for (const need of needs) {
            told(() => access.requireRole(roleArn, sessionName, need), () => `The role '${roleArn}' does not have ${need.action.replace("ecr:", "")} permission for the image: '${image}'.`);
        }
    }
    const ownNeeds = [
        ...(network === undefined ? [] : modelNetworkNeeds(context, network)),
        // https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
        ...(volumeKeyArn === undefined ? [] : [{ action: "kms:CreateGrant", resource: volumeKeyArn }]),
    ];
    for (const need of ownNeeds) {
        told(() => access.requireRole(roleArn, sessionName, need), () => `The role '${roleArn}' does not have ${need.action} permission on ${need.resource}.`);
    }
    if (modelDataUrl?.startsWith("s3://")) {
        told(() => access.requireRole(roleArn, sessionName, {
            action: "s3:GetObject",
            resource: `arn:aws:s3:::${modelDataUrl.slice("s3://".length)}`,
        }), () => `Could not access model data at ${modelDataUrl}. Please ensure that the role "${roleArn}" exists and that its trust relationship policy ` +
            `allows the action "sts:AssumeRole" for the service principal "${principal}". Also ensure that the role has "s3:GetObject" ` +
            `permissions and that the object is located in ${region}.`);
    }
}
/**
 * Looks below a model's prefix, as the execution role. A bucket that is not of this machine is taken as it is: what serves here is the
 * program's own command.
 *
 * @throws ServiceError with the reason that the endpoint then fails with
 */
export async function requireModelFiles(s3, prefixUri) {
    const [, Bucket = "", Prefix = ""] = /^s3:\/\/([^/]+)\/(.*)$/.exec(prefixUri) ?? [];
    const refusal = (what) => new ServiceError("ValidationException", `Could not ${what} model data at ${prefixUri}.`);
    try {
        const { KeyCount = 0 } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix, MaxKeys: 1 }));
        if (KeyCount === 0)
            throw refusal("find");
    }
    catch (error) {
        const { name } = error;
        if (name === "NoSuchBucket")
            return;
        if (name === "AccessDenied")
            throw refusal("access");
        throw error;
    }
}
/** What the service publishes for an endpoint, as far as the role lets it. One warning says when it doesn't. */
export function metricsUnder(context, roleArn, endpointName, sink) {
    let warned = false;
    return {
        put: (data) => {
            try {
                const namespaces = new Set(data.map(({ namespace }) => namespace));
                for (const namespace of namespaces) {
                    const keys = { "cloudwatch:namespace": namespace };
                    context.access.requireRole(roleArn(), sessionName, { action: "cloudwatch:PutMetricData", resource: "*", context: keys });
                }
                sink.put(data);
            }
            catch (error) {
                if (!isDenial(error))
                    throw error;
                if (!warned)
                    context.emit({ kind: "warning", message: `The endpoint ${endpointName} publishes no metrics: ${error.message}` });
                warned = true;
            }
        },
    };
}
/** The endpoint's log, as far as the role lets the service write it. */
export function logUnder(context, roleArn, endpointName, logs) {
    const group = `/aws/sagemaker/Endpoints/${endpointName}`;
    return new RoleLog(context, logs, { roleArn, sessionName, group, writer: `The endpoint ${endpointName}`, toBegin: toBeginLog });
}
function told(ask, message) {
    try {
        ask();
    }
    catch (error) {
        throw isDenial(error) ? new ServiceError("ValidationException", message()) : error;
    }
}
