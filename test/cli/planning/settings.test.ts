import { expect } from "chai";
import { writeFileSync } from "node:fs";
import path from "node:path";
import { CommandError } from "../../../cli/failure";
import { readConcurrency } from "../../../cli/planning/options";
import { planSettings, readChanges, readPlanned, withConcurrency, type TypeFacts } from "../../../cli/planning/settings";
import { readStackTexts } from "../../../cli/stackSettings";
import { temporaryFolder } from "../support";

const types: TypeFacts = { usdPerHour: (type) => (type === "ml.g5.2xlarge" ? 1.5 : undefined) };
const refusal = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof CommandError) return error.message;
    throw error;
  }
  return "nothing";
};

describe("the settings of a plan", () => {
  it("are the program's defaults where nothing is said", () => {
    expect(planSettings(readPlanned({}, "dev"), types)).to.deep.equal({
      instanceType: "ml.g5.2xlarge",
      speedFactor: 1,
      minCapacity: 0,
      maxCapacity: 5,
      targetBacklogPerInstance: 5,
      maxConcurrentInvocationsPerInstance: 1,
      scaleInCooldownSeconds: 600,
      scaleOutCooldownSeconds: 120,
      idleSeconds: 600,
      drain: false,
      partialScaleIn: false,
      warmHours: [],
      warmMinCapacity: 1,
      warmTimeZone: "UTC",
      requestTtlSeconds: 21_600,
      invocationTimeoutSeconds: 3600,
      usdPerHour: 1.5,
    });
  });

  it("are read as the program reads them, and follow the image and the instance type as in the program", () => {
    const texts = { drain: "true", warmHours: '["mon-fri 08:00-18:00"]', framework: "vllm", instanceType: "ml.g5.12xlarge" };
    const settings = planSettings(readPlanned(texts, "dev"), types);
    expect(settings.warmHours).to.deep.equal(["mon-fri 08:00-18:00"]);
    expect(settings.drain).to.equal(true);
    expect(settings.maxConcurrentInvocationsPerInstance, "a server that batches, on four GPUs").to.equal(64);
    expect(settings).not.to.have.property("usdPerHour");
  });

  it("take more requests at once for slower ones, as far as nobody measured them", () => {
    const today = planSettings(readPlanned({ maxConcurrentInvocationsPerInstance: "2" }, "dev"), types);
    const speed = (count: number, factor?: number) => withConcurrency(today, count, factor).speedFactor;
    expect([speed(8), speed(8, 0.6), speed(1)]).to.deep.equal([0.25, 0.6, 2]);
    expect(withConcurrency(today, 8)).to.deep.equal({ ...today, maxConcurrentInvocationsPerInstance: 8, speedFactor: 0.25 });
    expect(readConcurrency("8=0.6", readConcurrency("4", undefined))).to.deep.equal([{ count: 4 }, { count: 8, factor: 0.6 }]);
    for (const wrong of ["0", "1001", "4=0", "4=", "four", "4=-1"]) {
      expect(() => readConcurrency(wrong, undefined), wrong).to.throw("Expected requests at once (a whole number from 1 to 1000)");
    }
  });

  it("are refused with everything that is wrong, in the program's own words", () => {
    const texts = { minCapacity: "9", maxCapacity: "4", idleSeconds: "10", drain: "yes", warmHours: '["noon"]', partialScaleIn: "true" };
    expect(refusal(() => readPlanned(texts, "Pulumi.dev.yaml"))).to.equal(
      [
        "Pulumi.dev.yaml can't be planned:",
        "  idleSeconds: got 10, expected a whole number from 60 to 86400",
        '  drain: got "yes", expected true or false',
        '  warmHours[0]: got "noon", expected a list of hours of the week such as ["mon-fri 08:00-18:00", "sat 22:00-04:00"]',
        "  minCapacity: got 9, expected at most maxCapacity, which is 4",
      ].join("\n"),
    );
  });

  it("change by --set, which names what is no setting and what a plan does not depend on", () => {
    expect(readChanges(["idleSeconds=60", 'warmHours=["sat 08:00-09:00"]'])).to.deep.equal({
      idleSeconds: "60",
      warmHours: '["sat 08:00-09:00"]',
    });
    const told = refusal(() => readChanges(["idleSecond=60", "image=ocr:2", "drain"]));
    expect(told).to.match(
      /^--set: idleSecond is not a setting: did you mean idleSeconds\?; image changes neither waiting nor cost: expected one of instanceType, /,
    );
    expect(told).to.match(/; got "drain", expected name=value such as idleSeconds=300$/);
  });

  describe("of a stack file", () => {
    const folder = temporaryFolder();
    after(() => folder.remove());

    it("are the stack's, else the project's; lists may be YAML's own, and what is encrypted is left out", () => {
      writeFileSync(
        path.join(folder.path, "Pulumi.yaml"),
        "name: shop\nruntime: nodejs\nconfig:\n  maxCapacity: { default: 3 }\n  idleSeconds: { value: 300 }\n",
      );
      const config = [
        "  aws:region: eu-west-1",
        "  shop:idleSeconds: 120",
        "  shop:warmHours: [mon-fri 08:00-18:00]",
        "  shop:drain: true",
        "  shop:huggingFaceToken: { secure: abc }",
      ];
      writeFileSync(path.join(folder.path, "Pulumi.prod.yaml"), `config:\n${config.join("\n")}\n`);
      expect(readStackTexts(folder.path, "prod")).to.deep.equal({
        file: path.join(folder.path, "Pulumi.prod.yaml"),
        texts: { maxCapacity: "3", idleSeconds: "120", warmHours: '["mon-fri 08:00-18:00"]', drain: "true" },
        region: "eu-west-1",
      });
      expect(refusal(() => readStackTexts(folder.path, "qa"))).to.equal(`There is no Pulumi.qa.yaml in ${folder.path}.`);
    });
  });
});
