/** Pulumi's runtime, loaded when a program is run: an application's tests need none of it. */
export function pulumiRuntime() {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it at once
    return require("@pulumi/pulumi").runtime;
}
