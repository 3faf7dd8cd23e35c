import * as pulumi from "@pulumi/pulumi";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

type Serialize = typeof pulumi.runtime.serializeFunction;

const build = path.join(__dirname, "../..");
const functions = path.join(build, "functions");
/** What is in `build` besides the project's own code. */
const others = ["test", "closures", "compile-cache"];

/** Everything that the text of a function of `functions/` may follow from. */
function fingerprint(): string {
  const folders = readdirSync(build, { withFileTypes: true }).filter((entry) => entry.isDirectory() && !others.includes(entry.name));
  const sources = folders.flatMap(({ name: folder }) =>
    readdirSync(path.join(build, folder), { recursive: true, encoding: "utf8" }).map((name) => path.join(build, folder, name)),
  );
  const files = [...sources.filter((file) => file.endsWith(".js")).sort(), path.join(build, "../package-lock.json")];
  const hash = createHash("sha256").update(process.version);
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(file));
  return hash.digest("hex").slice(0, 32);
}

/** Where a function of `functions/` stands; undefined for any other. */
function placeOf(func: object): string | undefined {
  for (const [file, module] of Object.entries(require.cache)) {
    if (!file.startsWith(functions + path.sep)) continue;
    for (const [name, exported] of Object.entries((module?.exports ?? {}) as object)) {
      if (exported === func) return `${path.relative(functions, file)}#${name}`;
    }
  }
  return undefined;
}

/**
 * Keeps what Pulumi makes of the functions of `functions/` in `build/closures`, for the processes of one build: a test of a
 * deployment is about what the deployed functions do. That serializing them anew gives the same text, functions/archive.test holds.
 */
export function rememberOnDisk(serialize: Serialize): Serialize {
  const folder = path.join(build, "closures", fingerprint());
  return async (func: Parameters<Serialize>[0], options: Parameters<Serialize>[1] = {}) => {
    const place = placeOf(func);
    if (place === undefined) return serialize(func, options);
    const { exportName = "handler", isFactoryFunction = false } = options;
    const file = path.join(
      folder,
      `${createHash("sha256")
        .update(JSON.stringify([place, exportName, isFactoryFunction]))
        .digest("hex")}.js`,
    );
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
