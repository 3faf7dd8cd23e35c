import type { ApplicationAutoScalingClient } from "@aws-sdk/client-application-auto-scaling";
import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { SageMakerClient } from "@aws-sdk/client-sagemaker";

/**
 * The SDK packages that only `explain` needs. They are optional peers: an application that submits and waits does without them.
 * Each import stands in a `try`, so that bundlers of an application that does without let it be.
 */
const loaders: { [Library in Name]: () => Promise<ExplainLibraries[Library] | undefined> } = {
  sagemaker: async () => {
    try {
      return await import("@aws-sdk/client-sagemaker");
    } catch (error) {
      return absent(error);
    }
  },
  cloudWatch: async () => {
    try {
      return await import("@aws-sdk/client-cloudwatch");
    } catch (error) {
      return absent(error);
    }
  },
  logs: async () => {
    try {
      return await import("@aws-sdk/client-cloudwatch-logs");
    } catch (error) {
      return absent(error);
    }
  },
  autoscaling: async () => {
    try {
      return await import("@aws-sdk/client-application-auto-scaling");
    } catch (error) {
      return absent(error);
    }
  },
};

type Name = keyof ExplainLibraries;

/** The packages that `explain` needs. */
export interface ExplainLibraries {
  sagemaker: typeof import("@aws-sdk/client-sagemaker");
  cloudWatch: typeof import("@aws-sdk/client-cloudwatch");
  logs: typeof import("@aws-sdk/client-cloudwatch-logs");
  autoscaling: typeof import("@aws-sdk/client-application-auto-scaling");
}

/** Their clients. */
export interface ExplainClients {
  sagemaker: SageMakerClient;
  cloudWatch: CloudWatchClient;
  logs: CloudWatchLogsClient;
  autoscaling: ApplicationAutoScalingClient;
}

/** Names of the packages, as npm knows them. */
export const explainPackages: Readonly<Record<Name, string>> = {
  sagemaker: "@aws-sdk/client-sagemaker",
  cloudWatch: "@aws-sdk/client-cloudwatch",
  logs: "@aws-sdk/client-cloudwatch-logs",
  autoscaling: "@aws-sdk/client-application-auto-scaling",
};

/** Loads those that are installed. */
export async function loadExplainLibraries(): Promise<Partial<ExplainLibraries>> {
  const names = Object.keys(loaders) as Name[];
  const loaded = await Promise.all(names.map(async (name) => [name, await loaders[name]()] as const));
  return Object.fromEntries(loaded.filter(([, library]) => library !== undefined));
}

/**
 * That a package is not there. Node, and a bundle in which it was left out, say so with the same two codes; what Vite puts in the place of an
 * optional peer says it in words.
 *
 * @throws what was thrown, when it says something else
 */
export function absent(error: unknown): undefined {
  const { code, message } = error as NodeJS.ErrnoException;
  const isAbsent =
    code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND" || /^Could not resolve "[^"]+" imported by /.test(message);
  if (!isAbsent) throw error;
  return undefined;
}
