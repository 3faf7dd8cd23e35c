import { expect } from "chai";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { leavePromisesWithoutStack, loadNamespacesAtFirstUse, loadPackagesAtFirstUse } from "../../../local/deploy/remember";
import { root } from "../../support/service";

const run = promisify(execFile);

interface Loading {
  _load(this: void, request: string, parent?: NodeModule): unknown;
}

describe("what a deployment spares Pulumi", () => {
  const by = (filename: string) => ({ filename }) as NodeModule;
  const closure = by("/program/node_modules/@pulumi/pulumi/runtime/closure/codePaths.js");
  const variable = "PULUMI_DEBUG_PROMISE_LEAKS";
  const kept = process.env[variable];
  afterEach(() => {
    if (kept === undefined) delete process.env[variable];
    else process.env[variable] = kept;
  });

  /** As Pulumi's own does: keeps a promise with the stack of who made it. */
  const pulumis = () => {
    const candidates: { promise: Promise<unknown>; context: unknown; frames: number }[] = [];
    return {
      candidates,
      debuggablePromise: (promise: Promise<unknown>, context?: unknown) => {
        candidates.push({ promise, context, frames: (new Error().stack ?? "").split("\n").length - 1 });
        return promise;
      },
    };
  };

  it("are the stacks of its promises, not the promises: one that never settles is still named", () => {
    delete process.env[variable];
    const limit = Error.stackTraceLimit;
    const debuggable = pulumis();
    leavePromisesWithoutStack(debuggable);
    const promise = Promise.resolve();

    expect(debuggable.debuggablePromise(promise, "an input")).to.equal(promise);
    expect(debuggable.candidates).to.deep.equal([{ promise, context: "an input", frames: 0 }]);
    expect(Error.stackTraceLimit).to.equal(limit);
  });

  it("is nothing for whoever looks for the line that made a promise", () => {
    process.env[variable] = "1";
    const debuggable = pulumis();
    leavePromisesWithoutStack(debuggable);
    void debuggable.debuggablePromise(Promise.resolve());

    expect(debuggable.candidates[0]?.frames).to.be.above(0);
  });

  it("is the package of its list of packages, until somebody asks for one: then it is there, whole", () => {
    const loaded: string[] = [];
    const arborist = { Arborist: class {}, default: 1 };
    const loader: Loading = { _load: (request) => (loaded.push(request), arborist) };
    loadPackagesAtFirstUse(loader);
    const required = loader._load("@npmcli/arborist", closure) as typeof arborist & { __esModule: true };
    loader._load("semver");

    expect([required.__esModule, loaded]).to.deep.equal([true, ["semver"]]);
    expect(required.Arborist).to.equal(arborist.Arborist);
    expect(loaded).to.deep.equal(["semver", "@npmcli/arborist"]);
    // npm makes one with `new`, and is started by programs and tests.
    expect(loader._load("@npmcli/arborist", by("/npm/lib/commands/pack.js"))).to.equal(arborist);
  });

  it("is the compiler and the reader of package.json until a function is serialized; a program that requires them gets them at once", () => {
    const loaded: string[] = [];
    const normalize = (manifest: { name: string }) => manifest.name.trim();
    const modules: Record<string, unknown> = { "../../typescript-shim": { version: "5" }, "normalize-package-data": normalize };
    const loader: Loading = { _load: (request) => (loaded.push(request), modules[request]) };
    loadPackagesAtFirstUse(loader);
    const compiler = loader._load("../../typescript-shim", closure) as { version: string };
    const reader = loader._load("normalize-package-data", closure) as typeof normalize & { __esModule: boolean };

    expect([reader.__esModule, loaded]).to.deep.equal([false, []]);
    expect([compiler.version, reader({ name: " a " }), reader({ name: "b" })]).to.deep.equal(["5", "a", "b"]);
    expect(loaded).to.deep.equal(["../../typescript-shim", "normalize-package-data"]);
    expect(loader._load("normalize-package-data", by("/program/index.js"))).to.equal(normalize);
  });

  it("are the services of @pulumi/aws that a program does not name; those that it names are the modules themselves", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "namespaces-"));
    const filename = path.join(folder, "@pulumi/aws/index.js");
    mkdirSync(path.dirname(filename), { recursive: true });
    const lines = (name: string) => `const ${name} = __importStar(require("./${name}"));\nexports.${name} = ${name};\n`;
    writeFileSync(filename, `__exportStar(require("./tags"), exports);\n${lines("s3")}${lines("sns")}`);
    const loaded: string[] = [];
    const modules: Record<string, object> = { "./s3": { Bucket: class {} }, "./sns": {}, "./tags": { tag: 1 } };
    const loader: Loading = { _load: (request) => (loaded.push(request), modules[request]) };
    loadNamespacesAtFirstUse(loader);
    const index = { filename, loaded: false, exports: { s3: undefined, sns: undefined } as Record<string, unknown> };
    const parent = index as unknown as NodeModule;
    try {
      expect(loader._load("./tags", parent)).to.equal(modules["./tags"]);
      for (const name of ["s3", "sns"]) index.exports[name] = loader._load(`./${name}`, parent);
    } finally {
      rmSync(folder, { recursive: true });
    }
    index.loaded = true;

    expect([loaded, Object.keys(index.exports)]).to.deep.equal([["./tags"], ["s3", "sns"]]);
    expect([index.exports["s3"], index.exports["s3"]]).to.deep.equal([modules["./s3"], modules["./s3"]]);
    expect(index.exports["s3"]).to.equal(modules["./s3"]);
    expect(loaded).to.deep.equal(["./tags", "./s3"]);
    // Not while the index is read, whoever requires one gets it.
    expect(loader._load("./sns", parent)).to.equal(modules["./sns"]);
  });

  it("leaves the installed @pulumi/aws and pulumi.automation whole: what a program reads is what it would require", async () => {
    const program = `
      const { loadNamespacesAtFirstUse, loadPackagesAtFirstUse } = require(${JSON.stringify(path.join(root, "build/local/deploy/remember.js"))});
      loadPackagesAtFirstUse();
      loadNamespacesAtFirstUse();
      const aws = require("@pulumi/aws");
      const pulumi = require("@pulumi/pulumi");
      const has = (file) => Object.keys(require.cache).some((loaded) => loaded.endsWith(file));
      const before = [has("@pulumi/aws/s3/index.js"), has("@pulumi/pulumi/automation/index.js"), has("typescript/lib/typescript.js")];
      const same = [aws.s3 === require("@pulumi/aws/s3"), pulumi.automation === require("@pulumi/pulumi/automation")];
      const names = Object.keys(aws).filter((name) => aws[name] === undefined);
      console.log(JSON.stringify({ before, same, names, tags: typeof aws.getRegionOutput }));`;
    const { stdout } = await run(process.execPath, ["-e", program], { cwd: root });

    expect(JSON.parse(stdout)).to.deep.equal({ before: [false, false, false], same: [true, true], names: [], tags: "function" });
  });
});
