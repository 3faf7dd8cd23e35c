import { expect } from "chai";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { modelFiles } from "../../../local/commands/modelFiles";

describe("the files of a model, whose change starts it again", () => {
  const directory = realpathSync(mkdtempSync(path.join(tmpdir(), "model-files-")));
  const all = [
    "index.ts",
    "Pulumi.yaml",
    "model.mjs",
    "answers.csv",
    "serving/app.py",
    "serving/app.yaml",
    "serving/weights.bin",
    "lib/text.py",
  ];
  before(() => {
    for (const file of all) {
      mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
      writeFileSync(path.join(directory, file), "");
    }
  });
  after(() => rmSync(directory, { recursive: true }));
  const found = (command: string, which: "has" | "hasAlone" = "has") => {
    const files = modelFiles(command, directory);
    return all.filter((file) => files[which](path.join(directory, file)));
  };
  const python = ["serving/app.py", "lib/text.py"];

  it("are what its command names, and all Python, but not the program beside it", () => {
    expect(found("node model.mjs --answers 'answers.csv'")).to.deep.equal(["model.mjs", "answers.csv", ...python]);
    expect(found("uvicorn --port $PORT app:app")).to.deep.equal(python);
    expect(found("")).to.deep.equal(python);
  });

  it("are the programs in the folders that it leads to, and no weights or results", () => {
    expect(found("python3 serving/app.py")).to.deep.equal(["serving/app.py", "serving/app.yaml", "lib/text.py"]);
    expect(found("serve --models serving")).to.deep.equal(["serving/app.py", "serving/app.yaml", "lib/text.py"]);
    expect(found("python3 ../elsewhere.py")).to.deep.equal(python);
  });

  it("deploy nothing when they are the model's alone", () => {
    expect(found("python3 serving/app.py", "hasAlone")).to.deep.equal(python);
    expect(found("node model.mjs", "hasAlone")).to.deep.equal(["model.mjs", ...python]);
  });
});
