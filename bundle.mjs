/**
 * Makes what the published packages consist of: `node bundle.mjs [cli | package]`, everything without a name.
 *
 * Each is a bundle, so that closures refer to functions directly, and so that what only the command line is made of, and libraries
 * that bring far more than is used, need no installation. What stays outside is in package.json's dependencies and peers.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { build } from "esbuild";
import ts from "typescript";

const root = import.meta.dirname;
const manifest = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
const installed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
const common = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  target: "es2022",
  logLevel: "warning",
  metafile: true,
  external: installed.flatMap((name) => [name, `${name}/*`]),
};

/** Names and lines stay: stack traces are read by people. */
const minified = { minifyWhitespace: true, minifySyntax: true, lineLimit: 140 };

const bundles = {
  cli: () => build({ ...common, entryPoints: ["cli/main.ts"], format: "cjs", ...minified, outfile: "dist/cli.js" }),
  library: () => build({ ...common, entryPoints: { index: "lib.ts", client: "client/index.ts" }, format: "cjs", outdir: "dist" }),
  // Bundles of ES modules have no `require`: client/bundled.ts takes its place.
  esm: () =>
    build({
      ...common,
      entryPoints: ["client/index.ts"],
      format: "esm",
      mainFields: ["module", "main"],
      ...minified,
      define: { require: "requireBundled" },
      inject: ["client/bundled.ts"],
      outfile: "dist/client.mjs",
    }),
};

/** Licences of what is inside the bundles ask to be handed on. */
function writeNotices(results) {
  const inputs = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const folders = inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []);
  const notices = [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(path.join(root, folder, "package.json"), "utf8"));
    const file = readdirSync(path.join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} is bundled and has no licence file`);
    return `${name} ${version} (${license})\n\n${readFileSync(path.join(root, folder, file), "utf8").trim()}\n`;
  });
  writeFileSync(path.join(root, "dist/THIRD-PARTY-NOTICES.txt"), notices.join(`\n${"-".repeat(80)}\n\n`));
}

/** Leaves those declarations only that the entries lead to: what users see. */
function keepDeclarations(entries) {
  const folder = path.join(root, "dist/types");
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    for (const { fileName } of ts.preProcessFile(readFileSync(file, "utf8")).importedFiles) {
      if (!fileName.startsWith(".")) continue;
      const found = [".d.ts", "/index.d.ts"].map((end) => path.resolve(path.dirname(file), `${fileName}${end}`)).find(existsSync);
      if (found === undefined) throw new Error(`${file} imports ${fileName}, which has no declarations`);
      visit(found);
    }
  };
  for (const entry of entries) visit(path.join(folder, entry));
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name);
    if (entry.isFile() && !reached.has(file)) rmSync(file);
  }
}

const [only] = process.argv.slice(2);
const names = only === undefined ? Object.keys(bundles) : [only];
const results = await Promise.all(names.map((name) => bundles[name]()));
if (existsSync("dist/cli.js")) chmodSync("dist/cli.js", 0o755);
if (only === undefined) {
  writeNotices(results);
  execFileSync(process.execPath, ["node_modules/typescript/bin/tsc", "--project", "tsconfig.package.json"], {
    cwd: root,
    stdio: "inherit",
  });
  keepDeclarations(["lib.d.ts", "client/index.d.ts"]);
}
