/**
 * The SDK packages that only `explain` needs. They are optional peers: an application that submits and waits does without them.
 * Each import stands in a `try`, so that bundlers of an application that does without let it be.
 */
const loaders = {
    sagemaker: async () => {
        try {
            return await import("@aws-sdk/client-sagemaker");
        }
        catch (error) {
            return absent(error);
        }
    },
    cloudWatch: async () => {
        try {
            return await import("@aws-sdk/client-cloudwatch");
        }
        catch (error) {
            return absent(error);
        }
    },
    logs: async () => {
        try {
            return await import("@aws-sdk/client-cloudwatch-logs");
        }
        catch (error) {
            return absent(error);
        }
    },
    autoscaling: async () => {
        try {
            return await import("@aws-sdk/client-application-auto-scaling");
        }
        catch (error) {
            return absent(error);
        }
    },
};
/** Names of the packages, as npm knows them. */
export const explainPackages = {
    sagemaker: "@aws-sdk/client-sagemaker",
    cloudWatch: "@aws-sdk/client-cloudwatch",
    logs: "@aws-sdk/client-cloudwatch-logs",
    autoscaling: "@aws-sdk/client-application-auto-scaling",
};
/** Loads those that are installed. */
export async function loadExplainLibraries() {
    const names = Object.keys(loaders);
    const loaded = await Promise.all(names.map(async (name) => [name, await loaders[name]()]));
    return Object.fromEntries(loaded.filter(([, library]) => library !== undefined));
}
/** Node, and a bundle in which the package was left out, say it with the same two codes. */
function absent(error) {
    const { code } = error;
    if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND")
        throw error;
    return undefined;
}
