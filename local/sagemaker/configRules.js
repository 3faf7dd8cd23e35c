import { ServiceError } from "../wire";
/** Families with disks of their own beside those that a `d` after the generation tells of, such as g4dn and p4d. */
const familiesWithLocalDisks = new Set(["g5", "g6", "g6e", "gr6", "p5", "p5e", "p5en", "trn1", "trn1n", "trn2"]);
/** A model that an asynchronous endpoint can't have. @throws ServiceError */
export function checkModel(input) {
    if (input.Containers !== undefined || input.InferenceExecutionConfig !== undefined)
        throw notAsynchronous("a pipeline of containers");
    if (!input.PrimaryContainer)
        throw refusal("A model must have a PrimaryContainer.");
    if (input.PrimaryContainer.Mode === "MultiModel")
        throw notAsynchronous("a multi-model container");
}
/**
 * What SageMaker refuses of an asynchronous endpoint's configuration. A real-time one may have more on AWS; here it is
 * there to be compared with, and has the same bounds.
 *
 * @throws ServiceError
 */
export function checkEndpointConfig(input) {
    const [variant, ...more] = input.ProductionVariants;
    if (!variant || more.length > 0)
        throw notAsynchronous(`${input.ProductionVariants.length} production variants: it must have one`);
    if (input.DataCaptureConfig !== undefined)
        throw notAsynchronous("data capture");
    if (input.ShadowProductionVariants !== undefined)
        throw notAsynchronous("shadow variants");
    if (input.ExplainerConfig !== undefined)
        throw notAsynchronous("an explainer");
    checkVariant(variant, input.KmsKeyId);
}
function checkVariant(variant, kmsKeyId) {
    if (variant.ServerlessConfig !== undefined)
        throw notAsynchronous("a serverless variant");
    if (variant.ManagedInstanceScaling !== undefined)
        throw notAsynchronous("managed instance scaling");
    if (variant.AcceleratorType !== undefined)
        throw notAsynchronous("an elastic inference accelerator");
    if (variant.CoreDumpConfig !== undefined)
        throw refusal("The embedded cloud does not support CoreDumpConfig.");
    const { InstanceType } = variant;
    if (InstanceType.startsWith("ml.inf1."))
        throw notAsynchronous(`${InstanceType}: Inf1 instances`);
    if (!hasLocalDisks(InstanceType))
        return;
    if (variant.VolumeSizeInGB !== undefined) {
        throw refusal(`VolumeSizeInGB is not supported for the instance type ${InstanceType}, which has local storage. Leave it out.`);
    }
    if (kmsKeyId !== undefined) {
        throw refusal(`KmsKeyId is not supported for the instance type ${InstanceType}, whose local storage is encrypted by its hardware.`);
    }
}
function hasLocalDisks(instanceType) {
    const family = instanceType.split(".")[1] ?? "";
    return familiesWithLocalDisks.has(family) || /^[a-z]+\d+[a-z]*d/.test(family);
}
function notAsynchronous(what) {
    return refusal(`One or more endpoint features are not supported using this configuration: asynchronous inference can't have ${what}.`);
}
function refusal(message) {
    return new ServiceError("ValidationException", message);
}
