/**
 * Loaded by every process that a test starts (NODE_OPTIONS, set by hooks.ts): in those that run a program, Pulumi then loads what is used,
 * as in a deployment, and does once what it does for each function, as in the test's own process. Not in one whose environment has SERIALIZE_ANEW.
 */
import type * as Pulumi from "@pulumi/pulumi";
import Module from "node:module";
import { loadNamespacesAtFirstUse, loadPackagesAtFirstUse, rememberCodePaths } from "../../local/deploy/remember";
import { rememberOnDisk } from "./rememberedOnDisk";

interface Loader {
  _load(this: void, request: string, ...others: unknown[]): unknown;
}

/** The program brings its own Pulumi: known when the program loads it. */
function rememberOnceLoaded(): void {
  const loader = Module as unknown as Loader;
  const load = loader._load;
  let done = false;
  loader._load = (request, ...others) => {
    const loaded = load(request, ...others);
    if (done || request !== "@pulumi/pulumi") return loaded;
    // Others may have put theirs around this one: it stays.
    done = true;
    const { runtime } = loaded as typeof Pulumi;
    runtime.serializeFunction = rememberOnDisk(runtime.serializeFunction);
    rememberCodePaths(runtime);
    return loaded;
  };
}

if (process.env["SERIALIZE_ANEW"] === undefined) {
  rememberOnceLoaded();
  loadPackagesAtFirstUse();
  loadNamespacesAtFirstUse();
}
