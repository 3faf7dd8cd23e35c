import * as pulumi from "@pulumi/pulumi";
import * as debuggable from "@pulumi/pulumi/runtime/debuggable";
import { leavePromisesWithoutStack, rememberCodePaths } from "../../local/deploy/remember";
import { rememberOnDisk } from "./rememberedOnDisk";

/** Pulumi's own, which serializes anew in every call. */
export const serializeAnew = pulumi.runtime.serializeFunction;

const serializeOncePerBuild = rememberOnDisk(serializeAnew);

type Serialized = ReturnType<typeof serializeAnew>;

const remembered = new WeakMap<object, Map<string, Serialized>>();

/**
 * Serializes each function once per process, the product's own once per build: what they capture does not change. A test of the opposite
 * takes {@link serializeAnew}.
 */
function serializeOnce(func: Parameters<typeof serializeAnew>[0], options: Parameters<typeof serializeAnew>[1] = {}): Serialized {
  // A caller with a `serialize` of its own wants to see what is walked.
  if (options.serialize !== undefined) return serializeAnew(func, options);
  const { exportName = "handler", isFactoryFunction = false, allowSecrets = false } = options;
  const known = remembered.get(func) ?? new Map<string, Serialized>();
  remembered.set(func, known);
  const key = JSON.stringify([exportName, isFactoryFunction, allowSecrets]);
  const text = known.get(key) ?? serializeOncePerBuild(func, options);
  known.set(key, text);
  return text;
}

pulumi.runtime.serializeFunction = serializeOnce;
rememberCodePaths(pulumi.runtime);
leavePromisesWithoutStack(debuggable);
