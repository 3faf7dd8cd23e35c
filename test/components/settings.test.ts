import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import * as ts from "typescript";
import { defaults, settings, withDefaults, type Setting } from "../../components/settings";
import { acceptedBy, adviceOn, settingsTable } from "../../components/describe";
import { problemsWith } from "../../components/validate";
import type { SettingName } from "../../components/settings";
import { root, yamlFile } from "../../doubles/program";

const names = Object.keys(settings) as SettingName[];

describe("the settings", () => {
  it("are in Pulumi.yaml with the same defaults and words: the CLI shows those", () => {
    const expected = names
      .map((name) => [name, settings[name] as Setting] as const)
      .filter(([, setting]) => setting.default !== undefined && typeof setting.default !== "object")
      .map(([name, setting]) => [name, { description: setting.description, default: setting.default }]);
    expect(yamlFile("Pulumi.yaml")["config"]).to.deep.equal(Object.fromEntries(expected));
  });

  it("say in the arguments' documentation the default that they have", () => {
    const file = join(root, "components", "args.ts");
    const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
    const declared = source.statements.find(ts.isInterfaceDeclaration)?.members.filter(ts.isPropertySignature) ?? [];
    const documented = declared.map((member) => {
      const tag = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === "default");
      const said = ts.getTextOfJSDocComment(tag?.comment) ?? "nothing";
      return [member.name.getText(source), said.split(/[:,]/)[0]];
    });

    const own = names.map((name) => {
      const { default: value }: Setting = settings[name];
      if (value === undefined) return [name, documented.find(([other]) => other === name)?.[1]];
      return [name, typeof value === "object" ? "none" : JSON.stringify(value)];
    });
    expect(documented).to.deep.equal(own);
  });

  it("accept their own defaults", () => {
    const wrong = Object.entries(defaults).flatMap(([name, value]) => problemsWith(name as SettingName, value));
    expect(wrong).to.deep.equal([]);
  });

  it("say for each integer what it accepts, with its bounds", () => {
    expect(
      ["maxCapacity", "volumeSizeGb", "logRetentionDays", "protect", "onDoubt"].map((name) => acceptedBy(name as SettingName)),
    ).to.deep.equal([
      "a whole number from 1",
      "a whole number from 1 to 512",
      "one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653",
      "true or false",
      "one of rerun, wait",
    ]);
  });

  it("fill in only what isn't given", () => {
    expect(withDefaults({})).to.deep.equal(defaults);
    expect(withDefaults({ minCapacity: undefined, maxCapacity: 2, image: "ocr:1" })).to.deep.equal({
      ...defaults,
      maxCapacity: 2,
      image: "ocr:1",
    });
  });

  it("make one row each in the reference's table", () => {
    const rows = settingsTable();
    expect(rows.slice(0, 2)).to.deep.equal(["| setting | default | accepts | unit | what it is |", "| --- | --- | --- | --- | --- |"]);
    expect(rows.length).to.equal(names.length + 2);
    expect(rows.find((row) => row.includes("`maxCapacity`"))).to.equal(
      "| `maxCapacity` | `5` | a whole number from 1 | instances | Instances that may run at once |",
    );
  });

  it("advise on a name that is none", () => {
    expect(["maxcapacity", "max_capacity", "volumeSize", "gpu"].map(adviceOn)).to.deep.equal([
      "is not a setting: did you mean maxCapacity?",
      "is not a setting: did you mean maxCapacity?",
      "is not a setting: did you mean volumeSizeGb?",
      "is not a setting: remove it; docs/reference.md lists them",
    ]);
  });
});
