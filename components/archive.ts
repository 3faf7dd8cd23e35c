import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as pulumi from "@pulumi/pulumi";

/** Name of the file and of the export that Lambda calls. */
export const handlerName = "__index.handler";

/**
 * The archive of a function: the serialized closure as `__index.js`, and the packages that are asked for. Secret when the closure
 * captured a secret, which is then also said.
 *
 * `aws.lambda.CallbackFunction` would make the same one, but have npm read the whole of node_modules for each function.
 *
 * @param factory makes the handler inside Lambda
 * @param packages npm packages that go with it
 */
export function functionArchive(
  factory: () => unknown,
  packages: readonly string[],
  resource: pulumi.Resource,
): pulumi.Output<pulumi.asset.Archive> {
  const [file = "", exportName] = handlerName.split(".");
  const options = { serialize: () => true, exportName, isFactoryFunction: true, allowSecrets: true };
  const serialized = Promise.all([pulumi.runtime.serializeFunction(factory, options), packagePaths(packages)]);
  return pulumi.output(
    serialized.then(([closure, paths]) => {
      const archive = new pulumi.asset.AssetArchive({ [`${file}.js`]: new pulumi.asset.StringAsset(closure.text), ...paths });
      if (!closure.containsSecrets) return archive;
      void pulumi.log.warn(
        "The function captures a secret: everybody who may read its archive may read the secret. Pass it by an environment variable instead.",
        resource,
      );
      return pulumi.secret(archive);
    }),
  );
}

type CodePaths = Record<string, pulumi.asset.Asset | pulumi.asset.Archive>;

/** What npm found, by the names that were asked for: it reads all of node_modules each time. */
const found = new Map<string, Promise<CodePaths>>();

function packagePaths(packages: readonly string[]): Promise<CodePaths> {
  if (packages.length === 0) return Promise.resolve({});
  const key = JSON.stringify([process.cwd(), [...new Set(packages)].sort()]);
  const paths = found.get(key) ?? findPackages(packages);
  found.set(key, paths);
  return paths;
}

async function findPackages(packages: readonly string[]): Promise<CodePaths> {
  const extraExcludePackages = [...excludedPackages(packages), "aws-sdk"];
  const paths = await pulumi.runtime.computeCodePaths({ extraIncludePackages: [...packages], extraExcludePackages });
  return Object.fromEntries(paths);
}

interface Manifest {
  dependencies?: Record<string, string>;
}

/**
 * Names of the packages that stay out of a function's archive: every dependency of the package.json that Pulumi finds
 * (the nearest one upward from the working directory), except `packages` and what they need themselves.
 *
 * Lambda's runtime has the SDK, and our own functions need nothing else.
 */
export function excludedPackages(packages: readonly string[], directory: string = process.cwd()): string[] {
  const root = packageRoot(directory);
  const needed = new Set<string>();
  const add = (name: string): void => {
    if (needed.has(name)) return;
    needed.add(name);
    Object.keys(manifest(join(root, "node_modules", name))?.dependencies ?? {}).forEach(add);
  };
  packages.forEach(add);
  return Object.keys(manifest(root)?.dependencies ?? {}).filter((name) => !needed.has(name));
}

function packageRoot(directory: string): string {
  const parent = dirname(directory);
  return existsSync(join(directory, "package.json")) || parent === directory ? directory : packageRoot(parent);
}

function manifest(directory: string): Manifest | undefined {
  const file = join(directory, "package.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Manifest) : undefined;
}
