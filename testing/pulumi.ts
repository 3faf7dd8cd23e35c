import type * as Pulumi from "@pulumi/pulumi";

/** Pulumi's runtime, loaded when a program is run: an application's tests need none of it. */
export function pulumiRuntime(): typeof Pulumi.runtime {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it at once
  return (require("@pulumi/pulumi") as typeof Pulumi).runtime;
}
