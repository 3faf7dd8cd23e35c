import { readFileSync } from "node:fs";
import { expect } from "chai";
import type { PlainArgs } from "../../components/problems";
import { problemsOf } from "../../components/validate";
import { settings, type Setting } from "../../components/settings";
import { argumentComment, argumentsPath, projectPath, settingsTable, withComments, withConfig } from "../../docs/settings";

describe("what is written of the settings", () => {
  it("stands in Pulumi.yaml as the source has it, or the CLI shows other defaults: run `npm run docs`", async () => {
    const project = readFileSync(projectPath, "utf8");

    expect(await withConfig(project)).to.equal(project);
  });

  it("stands at the arguments as the source has it, or an editor shows other bounds: run `npm run docs`", () => {
    const source = readFileSync(argumentsPath, "utf8");

    expect(withComments(source)).to.equal(source);
  });

  it("is one row each in the reference's table, which also says what leaving one out means", () => {
    const rows = settingsTable();

    expect(rows.slice(0, 2)).to.deep.equal(["| setting | default | accepts | unit | what it is |", "| --- | --- | --- | --- | --- |"]);
    expect(rows.length).to.equal(Object.keys(settings).length + 2);
    const rowOf = (name: string) => rows.find((row) => row.includes(`| \`${name}\` |`));
    expect([rowOf("maxCapacity"), rowOf("volumeSizeGb")]).to.deep.equal([
      "| `maxCapacity` | `5` | a whole number from 1 | instances | Instances that may run at once |",
      "| `volumeSizeGb` |  | a whole number from 1 to 512 | GB | Storage volume; only for instance types without local disks. Left out: SageMaker chooses |",
    ]);
  });

  it("names what an argument is, what it accepts in which unit, its default and its source", () => {
    expect(argumentComment("volumeSizeGb").split("\n")).to.deep.equal([
      "/**",
      "   * Storage volume; only for instance types without local disks. Accepts a whole number of GB from 1 to 512.",
      "   *",
      "   * @default SageMaker chooses",
      "   * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html",
      "   */",
    ]);
    expect(argumentComment("warmMinCapacity").split("\n")).to.deep.equal([
      "/**",
      "   * Instances that always run during `warmHours`. More than `minCapacity`. Accepts a whole number of instances from 1.",
      "   *",
      "   * @default 1",
      "   */",
    ]);
    expect(argumentComment("logRetentionDays")).to.match(/Accepts one of 1, 3, 5, [^]* 3653 \(days\)\./);
    expect(argumentComment("protect")).not.to.contain("Accepts");
    expect(argumentComment("image")).to.contain("\\<account>.dkr.ecr.\\<region>");
    expect(argumentComment("tags")).to.contain("@default none");
  });

  it("shows arguments that go with others, or have a form of their own, in a service that can be set up as it is", () => {
    const key = (id: string) => ({ arn: `arn:aws:kms:eu-west-1:123456789012:key/0000000${id}-0000-0000-0000-000000000000` });
    const pulumi = {
      Config: class {
        readonly requireSecret = () => "hf_0123456789";
      },
    };
    const shown = Object.entries(settings as Record<string, Setting>).flatMap(([name, { example }]) =>
      example === undefined ? [] : [[name, example] as const],
    );
    const wrong = shown.flatMap(([name, example]) => {
      // oxlint-disable-next-line typescript/no-implied-eval -- a text of this repository, as its readers copy it
      const read = new Function("pulumi", "newKey", "oldKey", `return { ${example} };`) as (...given: unknown[]) => PlainArgs;
      const args = read(pulumi, key("1"), key("2"));
      return [
        ...(name in args ? [] : [`${name} is not in its own example`]),
        ...problemsOf(args).map(({ reason }) => `${name}: ${reason}`),
      ];
    });

    expect(wrong).to.deep.equal([]);
    expect(shown.map(([name]) => name)).to.include.members(["framework", "environment", "deployment", "warmHours", "tags"]);
    expect(argumentComment("warmHours").split("\n").slice(-5)).to.deep.equal([
      "   * @example",
      "   * ```ts",
      '   * new AsyncInference("ocr", { image: "ocr:1", warmHours: ["mon-fri 08:00-18:00"], warmMinCapacity: 2, warmTimeZone: "Europe/Berlin" });',
      "   * ```",
      "   */",
    ]);
  });
});
