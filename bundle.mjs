/**
 * Makes what the published packages consist of: `node bundle.mjs`, or a part of it: `cli`, the console's
 * `page` for what runs from build/, or the package `local`.
 *
 * Each is a bundle, so that closures refer to functions directly, and so that what only the command line is made of, and libraries
 * that bring far more than is used, need no installation. What stays outside is in package.json's dependencies and peers.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";

const root = import.meta.dirname;
/** Loaded when there is something to make, which most builds of a page find there is not. */
const build = async (options) => (await import("esbuild")).build(options);
const readManifest = (folder) => JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
const manifest = readManifest(root);
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
const outside = [...common.external, "@aws-sdk/*"];

/** So that a stack trace does not print the whole bundle. */
const lineLimit = 140;
/** Names stay: people read the stack traces of what they call. */
const minified = { minifyWhitespace: true, minifySyntax: true, lineLimit };

const bundles = {
  // What a plan's threads run is a file beside the command line.
  cli: () =>
    build({
      ...common,
      entryPoints: { cli: "cli/main.ts", planWorker: "planner/planWorker.ts" },
      format: "cjs",
      minify: true,
      lineLimit,
      outdir: "dist",
    }),
  // What is loaded by Lambda functions stays outside: the runtime has it, and archives are small. Where a project has no TypeScript of its
  // own, Pulumi reads the text of functions with its 3.8.3, which knows no `??=`.
  library: () =>
    build({
      ...common,
      external: outside,
      entryPoints: ["lib.ts"],
      format: "cjs",
      supported: { "logical-assignment": false },
      outfile: "dist/index.js",
    }),
  testing: () =>
    build({ ...common, external: outside, entryPoints: ["testing/index.ts"], format: "cjs", ...minified, outfile: "dist/testing.js" }),
  client: () => build({ ...common, entryPoints: ["client/index.ts"], format: "cjs", ...minified, outfile: "dist/client.js" }),
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

const pageFiles = ["index.html", "icon.svg"].map((file) => path.join("console/page", file));

/** The page as it runs from build/, made when it is not there or older than something that it was made of. */
async function refreshPage() {
  const folder = path.join(root, "build/console/page");
  const list = path.join(folder, "inputs.json");
  const at = (file) => statSync(path.resolve(root, file), { throwIfNoEntry: false })?.mtimeMs;
  const made = at(list);
  const isOlder = (file) => (at(file) ?? Infinity) > made;
  if (made !== undefined && !JSON.parse(readFileSync(list, "utf8")).some(isOlder)) return;
  const { metafile } = await buildPage(folder);
  const configured = ["bundle.mjs", "package-lock.json", "tsconfig.json", "console/page/tsconfig.json"];
  writeFileSync(list, JSON.stringify([...configured, ...pageFiles, ...Object.keys(metafile.inputs)]));
}

/** The console's page: what a browser gets, in the folder that its server looks in. */
async function buildPage(folder) {
  mkdirSync(folder, { recursive: true });
  const result = await build({
    absWorkingDir: root,
    bundle: true,
    entryPoints: { page: "console/page/main.tsx" },
    tsconfig: "console/page/tsconfig.json",
    // package.json says that modules do nothing when they are loaded; some of the page's do.
    ignoreAnnotations: true,
    platform: "browser",
    format: "esm",
    target: "es2022",
    minify: true,
    metafile: true,
    logLevel: "warning",
    outdir: folder,
  });
  for (const file of pageFiles) copyFileSync(path.join(root, file), path.join(folder, path.basename(file)));
  return result;
}

/** The embedded cloud: each process that it starts is a bundle beside the one that starts it. */
async function buildLocal() {
  const folder = path.join(root, "packages/local");
  const { dependencies, peerDependencies } = readManifest(folder);
  const needed = Object.keys({ ...dependencies, ...peerDependencies });
  rmSync(path.join(folder, "dist"), { recursive: true, force: true });
  const result = await build({
    ...common,
    external: needed.flatMap((name) => [name, `${name}/*`]),
    entryPoints: {
      index: "local/index.ts",
      cloud: "local/commands/packaged.ts",
      child: "local/deploy/child.ts",
      worker: "local/lambda/worker.ts",
    },
    format: "cjs",
    // package.json says of the product that its modules do nothing when they are loaded; the cloud's keep what Node compiles.
    ignoreAnnotations: true,
    outdir: path.join(folder, "dist"),
  });
  writeNotices([result, await buildPage(path.join(folder, "dist/page"))], folder);
  await declare(path.join(folder, "dist/types"), ["local/index.d.ts"]);
}

/** What the command line writes into its HTML reports: text, not code of its own. */
const inReports = ["node_modules/uplot/dist/uPlot.iife.min.js", "node_modules/uplot/dist/uPlot.min.css"];

/** Licences of what is inside the bundles ask to be handed on. */
function writeNotices(results, folder) {
  const inputs = results.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const folders = inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []);
  const notices = [...new Set(folders)].sort().map((folder) => {
    const { name, version, license } = readManifest(path.join(root, folder));
    const file = readdirSync(path.join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} is bundled and has no licence file`);
    return `${name} ${version} (${license})\n\n${readFileSync(path.join(root, folder, file), "utf8").trim()}\n`;
  });
  writeFileSync(path.join(folder, "dist/THIRD-PARTY-NOTICES.txt"), notices.join(`\n${"-".repeat(80)}\n\n`));
}

/** Everything that declarations may follow from. */
function hashOfSources() {
  const hash = createHash("sha256").update(process.version);
  const visit = (folder) => {
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const name = path.join(folder, entry.name);
      if (entry.isDirectory() && !/^(test|build|dist|node_modules|\..*)$/.test(entry.name)) visit(name);
      else if (entry.isFile() && /\.ts$|^tsconfig.*json$|^package-lock\.json$/.test(name)) {
        hash.update(`\0${name}\0`).update(readFileSync(path.join(root, name)));
      }
    }
  };
  visit("");
  return hash.digest("hex").slice(0, 16);
}

/** Declarations of all packages, made together and once per state of their sources. */
function declareAll() {
  const made = path.join(root, "build/declarations", hashOfSources());
  if (existsSync(made)) return made;
  const unfinished = `${made}.${process.pid}`;
  const tsc = ["node_modules/typescript/bin/tsc", "--project", "tsconfig.package.json", "--outDir", unfinished];
  execFileSync(process.execPath, tsc, { cwd: root, stdio: "inherit" });
  // Somebody else may have made them meanwhile.
  if (existsSync(made)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, made);
  return made;
}

/** Writes a package's declarations: those that the entries lead to, which is what users see. */
async function declare(folder, entries) {
  const { default: ts } = await import("typescript");
  const all = declareAll();
  const reached = new Set();
  const visit = (file) => {
    if (reached.has(file)) return;
    reached.add(file);
    const text = readFileSync(file, "utf8");
    // Declarations are made without reading packages (tsconfig.package.json): what would be inferred from one becomes any, and its users
    // lose its type.
    const untyped = text.split("\n").find((line) => /\bany\b/.test(line.replace(/^\s*(\/?\*|\/\/).*|"[^"]*"|'[^']*'|\/\*.*?\*\//g, "")));
    if (untyped !== undefined) {
      throw new Error(
        `${path.relative(all, file)} declares any: ${untyped.trim()}\nState the type, or list its package in tsconfig.package.json`,
      );
    }
    for (const { fileName } of ts.preProcessFile(text).importedFiles) {
      if (!fileName.startsWith(".")) continue;
      const found = [".d.ts", "/index.d.ts"].map((end) => path.resolve(path.dirname(file), `${fileName}${end}`)).find(existsSync);
      if (found === undefined) throw new Error(`${file} imports ${fileName}, which has no declarations`);
      visit(found);
    }
  };
  for (const entry of entries) visit(path.join(all, entry));
  rmSync(folder, { recursive: true, force: true });
  for (const file of reached) {
    const to = path.join(folder, path.relative(all, file));
    mkdirSync(path.dirname(to), { recursive: true });
    copyFileSync(file, to);
  }
}

const [only] = process.argv.slice(2);
if (only === "local") await buildLocal();
else if (only === "page") await refreshPage();
else {
  const names = only === undefined ? Object.keys(bundles) : [only];
  const results = await Promise.all(names.map((name) => bundles[name]()));
  if (names.includes("cli")) {
    results.push(await buildPage(path.join(root, "dist/page")));
    chmodSync(path.join(root, "dist/cli.js"), 0o755);
    for (const file of inReports) copyFileSync(path.join(root, file), path.join(root, "dist", path.basename(file)));
  }
  if (only === undefined) {
    writeNotices([...results, { metafile: { inputs: Object.fromEntries(inReports.map((file) => [file, {}])) } }], root);
    await declare(path.join(root, "dist/types"), ["lib.d.ts", "client/index.d.ts", "testing/index.d.ts"]);
  }
}
