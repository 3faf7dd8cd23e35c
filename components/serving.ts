import * as pulumi from "@pulumi/pulumi";
import type { AsyncInferenceArgs } from "./args";
import { gpuCount } from "./instanceTypes";
import { defaultConcurrency, serverFacts, serverFamilyOf, type ServerFamily } from "./serverFamilies";
import { defaultFramework, frameworkFacts, frameworks, type Framework, type FrameworkFacts } from "./servingImages";

type ModelSettings = Pick<
  AsyncInferenceArgs,
  "image" | "framework" | "modelDataUrl" | "huggingFaceModelId" | "huggingFaceTask" | "maxConcurrentInvocationsPerInstance"
> & { instanceType: string };

/** What follows from the image. */
export interface Serving {
  /** The server inside the image; known later when the image is. */
  family: pulumi.Input<ServerFamily>;
  /** Requests that SageMaker sends to one instance at a time: the user's, or what the server computes at once. */
  maxConcurrentInvocationsPerInstance: pulumi.Input<number>;
}

/** The server that serves the model, and how many requests it is sent. */
export function servingOf(settings: ModelSettings): Serving {
  const family = familyOf(settings);
  const byDefault = (known: ServerFamily) => defaultConcurrency(known, gpuCount(settings.instanceType));
  return {
    family,
    maxConcurrentInvocationsPerInstance:
      settings.maxConcurrentInvocationsPerInstance ??
      (typeof family === "string" ? byDefault(family) : pulumi.output(family).apply(byDefault)),
  };
}

/** The framework whose image serves the model; undefined with an image of the user's. */
export function frameworkOf({ image, framework }: Pick<AsyncInferenceArgs, "image" | "framework">): Framework | undefined {
  return image === undefined ? (framework ?? defaultFramework) : undefined;
}

/** The variables that say which model is served, by the names that the image's server reads. */
export function modelVariables(family: ServerFamily, settings: ModelSettings): Record<string, pulumi.Input<string>> {
  const { huggingFaceModelId, huggingFaceTask, modelDataUrl } = settings;
  const framework = frameworkOf(settings);
  const facts = framework === undefined ? likely(family) : frameworkFacts(framework);
  return {
    ...(framework !== undefined && modelDataUrl !== undefined && facts.artifactVariables),
    ...(huggingFaceModelId !== undefined && { [facts.modelIdVariable ?? "HF_MODEL_ID"]: huggingFaceModelId }),
    ...(huggingFaceTask !== undefined && { [facts.taskVariable ?? "HF_TASK"]: huggingFaceTask }),
  };
}

/** A token, by the names under which the server reads one. */
export function tokenVariables(family: ServerFamily, token: string): Record<string, string> {
  return Object.fromEntries(serverFacts(family).tokenVariables.map((name) => [name, token]));
}

function familyOf({ image, framework }: ModelSettings): pulumi.Input<ServerFamily> {
  if (image === undefined) return frameworks[framework ?? defaultFramework].family;
  return typeof image === "string" ? serverFamilyOf(image) : pulumi.output(image).apply(serverFamilyOf);
}

/** What AWS's own images of a server read: an image of the user's with that server reads the same. */
function likely(family: ServerFamily): Partial<FrameworkFacts> {
  return Object.values(frameworks).find((facts) => facts.family === family) ?? {};
}
