/**
 * Keeps what Pulumi makes of this product's own functions in `build/closures`, for all processes of one build: a test of a deployment is
 * about what the deployed functions do. That serializing them anew gives the same text, functions/archive.test holds; that the packed
 * package's can be serialized, package.test.
 */
import type * as Pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

type Serialize = typeof Pulumi.runtime.serializeFunction;

const build = path.join(__dirname, "../..");
const functions = path.join(build, "functions");
/** What is in `build` besides the project's own code. */
const others = ["test", "closures", "compile-cache", "mutation"];
/** Environment variable of what {@link readBuild} read. */
const hashVariable = "TESTED_BUILD";
/** The library that {@link pack} packed, wherever it was unpacked. */
const packed = path.join("sagemaker-async-inference", "dist", "index.js");

function hashOf(...texts: readonly (string | Buffer)[]): string {
  const hash = createHash("sha256").update(process.version);
  for (const text of texts) hash.update("\0").update(text);
  return hash.digest("hex").slice(0, 32);
}

/** Everything that the text of a function of `functions/` may follow from, read once for a test and the processes that it starts. */
export function readBuild(): void {
  process.env[hashVariable] = hashOfBuild();
}

function hashOfBuild(): string {
  const folders = readdirSync(build, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !others.includes(entry.name));
  const sources = folders.flatMap(({ name: folder }) =>
    readdirSync(path.join(build, folder), { recursive: true, encoding: "utf8" }).map((name) => path.join(build, folder, name)),
  );
  const files = [...sources.filter((file) => file.endsWith(".js")).sort(), path.join(build, "../package-lock.json")];
  return hashOf(...files.flatMap((file) => [file, readFileSync(file)]));
}

const bundles = new Map<string, { text: string; hash: string }>();

function bundleAt(file: string): { text: string; hash: string } {
  const text = bundles.get(file)?.text ?? readFileSync(file, "utf8");
  const bundle = bundles.get(file) ?? { text, hash: hashOf(text) };
  bundles.set(file, bundle);
  return bundle;
}

/** What a function is known by: where it stands, and what its text may follow from. Undefined for one that is not the product's own. */
function identityOf(func: object): string | undefined {
  for (const [file, module] of Object.entries(require.cache)) {
    if (file.startsWith(functions + path.sep)) {
      const [name] = Object.entries((module?.exports ?? {}) as object).find(([, exported]) => exported === func) ?? [];
      if (name !== undefined) return `${path.relative(functions, file)}#${name} ${process.env[hashVariable] ?? hashOfBuild()}`;
    } else if (file.endsWith(path.sep + packed)) {
      // What begins a line is a function of the module, which captures nothing but the module's own.
      const { text, hash } = bundleAt(file);
      if (text.includes(`\n${Function.prototype.toString.call(func)}\n`))
        return `${hashOf(Function.prototype.toString.call(func))} ${hash}`;
    }
  }
  return undefined;
}

/** @param serialize Pulumi's own, or one that remembers more */
export function rememberOnDisk(serialize: Serialize): Serialize {
  const folder = path.join(build, "closures");
  return async (func: Parameters<Serialize>[0], options: Parameters<Serialize>[1] = {}) => {
    const identity = options.serialize === undefined ? identityOf(func) : undefined;
    if (identity === undefined) return serialize(func, options);
    const { exportName = "handler", isFactoryFunction = false } = options;
    const file = path.join(folder, `${hashOf(JSON.stringify([identity, exportName, isFactoryFunction]))}.js`);
    try {
      return { text: readFileSync(file, "utf8"), exportName, containsSecrets: false };
    } catch {
      const made = await serialize(func, options);
      mkdirSync(folder, { recursive: true });
      // Several processes may do this at once.
      writeFileSync(`${file}.${process.pid}`, made.text);
      renameSync(`${file}.${process.pid}`, file);
      return made;
    }
  };
}
