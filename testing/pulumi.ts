import type * as Pulumi from "@pulumi/pulumi";

/** Pulumi's runtime, loaded when a program is run: an application's tests need none of it. */
export function pulumiRuntime(): typeof Pulumi.runtime {
  // oxlint-disable-next-line typescript/no-require-imports -- an import would load it at once
  return (require("@pulumi/pulumi") as typeof Pulumi).runtime;
}
