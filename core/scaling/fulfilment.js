/** How often Application Auto Scaling looks at a change that it has ordered. */
export const fulfilmentPollMilliseconds = 5000;
/** How an ordered change stands; undefined: it is still under way. @param variant undefined when the endpoint is gone */
export function fulfilmentOf(count, variant) {
    if (!variant)
        return { statusCode: "Failed", statusMessage: "The endpoint was deleted." };
    const inService = variant.endpointStatus === "InService";
    if (inService && variant.desiredInstanceCount !== count) {
        return {
            statusCode: "Overridden",
            statusMessage: `The desired instance count was set to ${variant.desiredInstanceCount} from outside.`,
        };
    }
    if (!inService || variant.currentInstanceCount !== count)
        return undefined;
    return {
        statusCode: "Successful",
        statusMessage: `Successfully set desired instance count to ${count}. Change successfully fulfilled by sagemaker.`,
    };
}
