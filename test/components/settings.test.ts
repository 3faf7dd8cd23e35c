import { expect } from "chai";
import { defaults, settings, withDefaults, type Setting } from "../../components/settings";
import { acceptedBy, adviceOn } from "../../components/describe";
import { problemsWith } from "../../components/valueChecks";
import type { SettingName } from "../../components/settings";

describe("the settings", () => {
  it("accept their own defaults", () => {
    const wrong = Object.entries(defaults).flatMap(([name, value]) => problemsWith(name as SettingName, value));
    expect(wrong).to.deep.equal([]);
  });

  it("have the defaults of the first release: another one would change services that are updated without a change of theirs", () => {
    expect(defaults).to.deep.equal({
      functionsInVpc: false,
      instanceType: "ml.g5.2xlarge",
      containerStartupTimeoutSeconds: 1800,
      modelDownloadTimeoutSeconds: 1800,
      minCapacity: 0,
      maxCapacity: 5,
      targetBacklogPerInstance: 5,
      scaleInCooldownSeconds: 600,
      scaleOutCooldownSeconds: 120,
      idleSeconds: 600,
      partialScaleIn: false,
      drain: false,
      warmHours: [],
      warmMinCapacity: 1,
      warmTimeZone: "UTC",
      invocationTimeoutSeconds: 3600,
      requestTtlSeconds: 21_600,
      maxAttempts: 3,
      onDoubt: "rerun",
      maxOpenJobs: 100_000,
      priorityEnabled: false,
      jobRetentionDays: 30,
      inboxEnabled: false,
      batchEnabled: false,
      inputBuckets: [],
      inputPrefix: "input/",
      outputPrefix: "output/",
      failurePrefix: "failure/",
      inboxPrefix: "inbox/",
      formerPrefixes: {},
      inputExpirationDays: 30,
      outputExpirationDays: 30,
      failureExpirationDays: 30,
      inboxExpirationDays: 30,
      notificationsEnabled: true,
      includeInferenceResponse: false,
      successEmails: [],
      failureEmails: [],
      workflowsEnabled: false,
      traceSamplePercent: 100,
      alarmsEnabled: false,
      alarmEmails: [],
      dashboardEnabled: false,
      logRetentionDays: 30,
      forceDestroy: false,
      protect: false,
      tags: {},
    });
  });

  it("take whole numbers as far as SageMaker, Application Auto Scaling, CloudWatch and S3 do", () => {
    const bounds = Object.entries(settings as Record<string, Setting>).flatMap(([name, { type, values, minimum, maximum }]) =>
      type === "integer" && !values ? [`${name} ${minimum} ${maximum ?? "any"}`] : [],
    );
    expect(bounds).to.deep.equal([
      "volumeSizeGb 1 512",
      "containerStartupTimeoutSeconds 60 3600",
      "modelDownloadTimeoutSeconds 60 3600",
      "maxConcurrentInvocationsPerInstance 1 1000",
      "minCapacity 0 any",
      "maxCapacity 1 any",
      "targetBacklogPerInstance 1 any",
      "scaleInCooldownSeconds 0 any",
      "scaleOutCooldownSeconds 0 any",
      "idleSeconds 60 86400",
      "warmMinCapacity 1 any",
      "invocationTimeoutSeconds 1 3600",
      "requestTtlSeconds 60 21600",
      "maxAttempts 1 999",
      "maxOpenJobs 0 10000000",
      "lowPriorityBacklog 1 100000",
      "jobRetentionDays 1 3650",
      "inputExpirationDays 14 36500",
      "outputExpirationDays 0 36500",
      "failureExpirationDays 0 36500",
      "inboxExpirationDays 14 36500",
      "traceSamplePercent 0 100",
      "idleSpendAlarmUsdPerDay 1 1000000",
    ]);
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

  it("advise on a name that is none", () => {
    expect(["maxcapacity", "max_capacity", "volumeSize", "gpu"].map(adviceOn)).to.deep.equal([
      "is not a setting: did you mean maxCapacity?",
      "is not a setting: did you mean maxCapacity?",
      "is not a setting: did you mean volumeSizeGb?",
      "is not a setting: remove it; docs/reference.md lists them",
    ]);
    expect(["idelSeconds", "mxaCapacity", "capacityMax"].map(adviceOn)).to.deep.equal([
      "is not a setting: did you mean idleSeconds?",
      "is not a setting: did you mean maxCapacity?",
      "is not a setting: did you mean maxCapacity?",
    ]);
    // Four letters, and more than half of the name, must be as they should be.
    const none = "is not a setting: remove it; docs/reference.md lists them";
    expect(["max", "maxc", "warm12345", "warm123", "Warm-H"].map(adviceOn)).to.deep.equal([
      none,
      "is not a setting: did you mean maxConcurrentInvocationsPerInstance?",
      none,
      "is not a setting: did you mean warmHours?",
      "is not a setting: did you mean warmHours?",
    ]);
  });
});
