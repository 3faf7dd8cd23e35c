import * as fs from "node:fs/promises";
import * as os from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { isArchive, writeArchive } from "../../../local/lambda/archive";
import { zipOf } from "../../support/zip";
import { textArchive } from "./support";

describe("a function's archive", () => {
  let project: string;
  let target: string;
  beforeEach(async () => {
    project = await fs.mkdtemp(path.join(os.tmpdir(), "archive-test-"));
    target = path.join(project, "target");
    await fs.mkdir(path.join(project, "package", "lib"), { recursive: true });
    await fs.writeFile(path.join(project, "package", "lib", "index.js"), "exports.one = 1;");
    await fs.writeFile(path.join(project, "data.json"), "{}");
  });
  afterEach(() => fs.rm(project, { recursive: true }));

  const written = async () => {
    const entries = await fs.readdir(target, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
    const texts = await Promise.all(files.map(async (file) => [path.relative(target, file), await fs.readFile(file, "utf8")]));
    return Object.fromEntries(texts) as Record<string, string>;
  };
  const refusal = (archive: object) => writeArchive({ ...archive }, target, project).catch((error: Error) => error.message);

  it("becomes the files that the function finds, bundled packages included, in the engine's wire form", async () => {
    const wire = textArchive({ "__index.js": "exports.handler = 1;" }) as { assets: Record<string, object> };
    wire.assets["node_modules/package"] = { "4dabf18193072939515e22adb298388d": "0def7320c3a5731c473e5ecbe6d01bc7", path: "package" };
    wire.assets["conf/data.json"] = { "4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", path: "data.json" };
    wire.assets["nested"] = textArchive({ "deep/file.txt": "deep" });
    const { sizeBytes } = await writeArchive(wire as never, target, project);
    expect(await written()).to.deep.equal({
      "__index.js": "exports.handler = 1;",
      "node_modules/package/lib/index.js": "exports.one = 1;",
      "conf/data.json": "{}",
      "nested/deep/file.txt": "deep",
    });
    expect(sizeBytes).to.equal(20 + 16 + 2 + 4);
  });

  it("is the same from Pulumi's own objects", async () => {
    const archive = new pulumi.asset.AssetArchive({
      "__index.js": new pulumi.asset.StringAsset("1"),
      lib: new pulumi.asset.FileArchive(path.join(project, "package")),
      "data.json": new pulumi.asset.FileAsset(path.join(project, "data.json")),
    });
    await writeArchive(archive as never, target, "/");
    expect(await written()).to.deep.equal({ "__index.js": "1", "lib/lib/index.js": "exports.one = 1;", "data.json": "{}" });
  });

  it("is unpacked from a zip", async () => {
    const entries = [
      { name: "index.js", content: "1" },
      { name: "lib/one.js", content: "2" },
    ];
    await fs.writeFile(path.join(project, "code.zip"), zipOf(entries));
    await writeArchive(new pulumi.asset.FileArchive("code.zip") as never, target, project);
    expect(await written()).to.deep.equal({ "index.js": "1", "lib/one.js": "2" });
  });

  it("has a hash that changes with any of its content, and with nothing else", async () => {
    const hash = async (texts: Record<string, string>) => {
      const { codeSha256 } = await writeArchive(textArchive(texts), target, project);
      await fs.rm(target, { recursive: true });
      return codeSha256;
    };
    const first = await hash({ "a.js": "1", "b.js": "2" });
    expect([await hash({ "b.js": "2", "a.js": "1" }), (await hash({ "a.js": "12", "b.js": "" })) === first]).to.deep.equal([first, false]);
  });

  it("is refused where it is packed, remote or leads out of its folder", async () => {
    expect([
      await refusal(new pulumi.asset.FileArchive("data.json")),
      await refusal(new pulumi.asset.RemoteArchive("https://example.com/code.zip")),
      await refusal(textArchive({ "../escape.js": "1" })),
    ]).to.deep.equal([
      "code: data.json is a packed archive that the embedded cloud does not unpack; give a zip, or the folder with its files",
      "code: the embedded cloud fetches nothing; got https://example.com/code.zip, it takes texts, files and folders",
      'code: "../escape.js" leads out of the archive',
    ]);
  });

  it("is told from an asset and from any other value", () => {
    const values = [textArchive({}), new pulumi.asset.FileArchive("."), new pulumi.asset.StringAsset("x"), { path: "x" }, "x", null];
    expect(values.map(isArchive)).to.deep.equal([true, true, false, false, false, false]);
  });
});
