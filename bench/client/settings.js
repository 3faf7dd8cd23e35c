/** What makes an SDK client one of the embedded cloud. Apart, so that measured processes hold nothing of the cloud itself. */
export function sdkSettings(endpoint, region) {
    return { endpoint, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
}
