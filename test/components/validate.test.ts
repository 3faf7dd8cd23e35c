import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import * as fc from "fast-check";
import type { AsyncInferenceArgs } from "../../components/args";
import { settings, type Setting, type SettingName } from "../../components/settings";
import { requireHandlerName, requireServiceName } from "../../components/nameChecks";
import { show, type PlainArgs } from "../../components/problems";
import { checked, problemsOf } from "../../components/validate";
import { problemsWith } from "../../components/valueChecks";
import { deploy } from "../../doubles/deploy";

const lines = (args: PlainArgs) => problemsOf(args).map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);
const keyArn = (id: number) => `arn:aws:kms:eu-west-1:123456789012:key/${id}`;
const topicArn = "arn:aws:sns:eu-west-1:123456789012:alerts";

describe("what a setting accepts", () => {
  const integers = (Object.entries(settings) as [SettingName, Setting][]).filter(([, { type, values }]) => type === "integer" && !values);
  for (const [name, { minimum = 0, maximum = Number.MAX_SAFE_INTEGER }] of integers) {
    it(`takes every ${name} within AWS's bounds and none outside`, () => {
      fc.assert(fc.property(fc.integer({ min: minimum, max: maximum }), (value) => problemsWith(name, value).length === 0));
      const outside = [
        minimum - 1,
        ...(maximum < Number.MAX_SAFE_INTEGER ? [maximum + 1] : []),
        minimum + 0.5,
        NaN,
        Infinity,
        `${minimum}`,
        null,
      ];
      expect(outside.filter((value) => problemsWith(name, value).length === 0)).to.deep.equal([]);
    });
  }

  const strings: [name: SettingName, good: unknown[], bad: unknown[]][] = [
    [
      "modelDataUrl",
      ["s3://models/model.tar.gz", "s3://my.models/a/b.tar.gz", "s3://models/ocr/"],
      ["s3://models/model.zip", "https://models/model.tar.gz", "s3://M/model.tar.gz", "s3://models/", "", 1],
    ],
    [
      "image",
      ["ocr:1", "team/ocr:1.0", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/ocr:1", `ocr@sha256:${"a".repeat(64)}`],
      ["ocr", "docker.io/library/ocr:1", "public.ecr.aws/x/ocr:1", "OCR:1", "12345.dkr.ecr.eu-west-1.amazonaws.com/ocr:1"],
    ],
    ["huggingFaceModelId", ["gpt2", "openai/whisper-large-v3-turbo"], ["a/b/c", "https://huggingface.co/gpt2", "-x"]],
    ["framework", ["pytorch", "huggingface", "vllm", "llama.cpp"], ["tensorflow", "PyTorch"]],
    ["huggingFaceToken", ["hf_0123456789abcdefAB"], ["", "hf 1", "short"]],
    ["instanceType", ["ml.g5.2xlarge", "ml.p6-b200.48xlarge"], ["g5.2xlarge", "ml.inf1.xlarge", "ml.g5"]],
    ["inferenceAmiVersion", ["al2-ami-sagemaker-inference-gpu-2-1"], ["ami-0a1b2c3d"]],
    ["bucketName", ["scans", "my.scans-1"], ["s3://scans", "Scans", "ab", "scans/", "my..scans", "192.168.0.1"]],
    ["inputPrefix", ["in", "in/", "a/b/", ".in/v1..2/"], ["/in", "in//", "", "in put/", "in*", "..", "../in", "a/./b/"]],
    ["successTopicArn", [topicArn], ["alerts", `${topicArn}.fifo`]],
    ["kmsKeyArn", ["arn:aws:kms:eu-west-1:123456789012:key/0a1b"], ["arn:aws:kms:eu-west-1:123456789012:alias/x", "0a1b"]],
    ["formerKmsKeyArns", [["arn:aws:kms:eu-west-1:123456789012:key/0a1b"]], [[], ["0a1b"], "arn:aws:kms:eu-west-1:123456789012:key/0a1b"]],
    ["decryptKeyArns", [["arn:aws:kms:eu-west-1:111111111111:key/0a1b"]], [[], ["arn:aws:kms:eu-west-1:123456789012:alias/x"]]],
    ["formerPrefixes", [{}, { "scans/": "input", texts: "output" }], [{ "/scans": "input" }, { "scans/": "inputs" }, ["scans/"]]],
    ["logRetentionDays", [1, 3653], [2, "1"]],
    ["inboxEnabled", [true, false], ["true", 1]],
    ["successEmails", [[], ["a@example.com"]], [["a"], "a@example.com", [1]]],
    [
      "warmHours",
      [[], ["mon-fri 08:00-18:00", "sat 22:00-04:00", "sun 08:00-08:00"], Array.from({ length: 50 }, () => "mon 08:00-09:00")],
      [
        "mon 08:00-18:00",
        ["monday 08:00-18:00"],
        ["mon 8:00-18:00"],
        ["mon 08:00-24:00"],
        [8],
        Array.from({ length: 51 }, () => "mon 08:00-09:00"),
      ],
    ],
    ["warmTimeZone", ["UTC", "Europe/Berlin", "America/Port-au-Prince", "Etc/GMT+9"], ["", "+02:00", "Europe/", "Europe Berlin", 2]],
    ["vpcSubnetIds", [["subnet-0a1b"]], [[], ["sg-0a1b"], Array.from({ length: 17 }, (_, index) => `subnet-${index}`)]],
    ["environment", [{}, { A: "" }], [{ "A-B": "1" }, { A: 1 }, { A: "x".repeat(1025) }, { ["A".repeat(1025)]: "" }, [], "A=1"]],
    [
      "tags",
      [{ "cost center": "x", a: "", größe: "a+b=c@d:/e-f_g.h" }],
      [{ "aws:x": "1" }, { "AWS:x": "1" }, { x: "y".repeat(257) }, { x: "R&D" }],
    ],
  ];
  for (const [name, good, bad] of strings) {
    it(`takes a ${name} that AWS takes, and no other`, () => {
      expect(good.flatMap((value) => problemsWith(name, value))).to.deep.equal([]);
      expect(bad.filter((value) => problemsWith(name, value).length === 0)).to.deep.equal([]);
    });
  }

  it("keeps inputs and uploads for as long as dead letters about them, or for ever", () => {
    const accepts = "expected 0, or a whole number from 14 to 36500: a dead letter is kept for 14 days, and what it is about must be there";
    for (const name of ["inputExpirationDays", "inboxExpirationDays"] as const) {
      expect([0, 14].flatMap((days) => problemsWith(name, days))).to.deep.equal([]);
      expect(problemsWith(name, 13)).to.deep.equal([{ propertyPath: name, reason: `got 13, ${accepts}` }]);
    }
    expect(problemsWith("outputExpirationDays", 1)).to.deep.equal([]);
  });

  it("never shows what may be a secret", () => {
    expect(lines({ image: "ocr:1", environment: { "MY-TOKEN": "hunter2" } })).to.deep.equal([
      "environment.MY-TOKEN: got a value that is not shown, expected at most 100 variables whose names are letters, digits and _, " +
        "with names and values of at most 1024 characters",
    ]);
  });

  it("shows anything else on one short line", () => {
    fc.assert(fc.property(fc.anything(), (value) => !show(value).includes("\n") && show(value).length <= 120));
  });
});

describe("what can't go together", () => {
  const image = { image: "ocr:1" };
  const cases: [title: string, args: PlainArgs, expected: string[]][] = [
    ["no model", {}, ["modelDataUrl: got nothing, expected a model: set modelDataUrl, image or huggingFaceModelId"]],
    [
      "two models",
      { modelDataUrl: "s3://models/model.tar.gz", huggingFaceModelId: "gpt2" },
      ["huggingFaceModelId: got one together with modelDataUrl, expected only one of them: remove the other"],
    ],
    [
      "a task without its model",
      { ...image, huggingFaceTask: "x" },
      ["huggingFaceTask: needs huggingFaceModelId: set it too, or remove huggingFaceTask"],
    ],
    [
      "a framework or tag for an own image",
      { ...image, framework: "pytorch", imageTag: "1" },
      [
        "framework: got one together with image, which replaces AWS's image: remove one of them",
        "imageTag: got one together with image, which replaces AWS's image: remove one of them",
      ],
    ],
    [
      "a Hugging Face model in the PyTorch image",
      { huggingFaceModelId: "gpt2", framework: "pytorch" },
      [
        'framework: got "pytorch" together with huggingFaceModelId, which its image does not read: write one of huggingface, vllm, vllm-omni, sglang, djl, whisperx, tei, llama.cpp, or give modelDataUrl instead',
      ],
    ],
    [
      "nothing: a model that is inside the image",
      { framework: "whisperx", inferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-3-1" },
      [],
    ],
    [
      "a task for a server that has none",
      { huggingFaceModelId: "gpt2", huggingFaceTask: "text-generation", framework: "tei", instanceType: "ml.c7i.2xlarge" },
      ['huggingFaceTask: got one together with framework "tei", which reads none: remove it'],
    ],
    [
      "a task that transformers 5 has no more: the model would fail to load while /ping is healthy",
      { huggingFaceModelId: "microsoft/trocr-base-printed", huggingFaceTask: "image-to-text" },
      [
        'huggingFaceTask: got "image-to-text", which transformers 5 of AWS\'s image has no pipeline for: write another, or imageTag: 2.6.0-transformers4.49.0-gpu-py312-cu124-ubuntu22.04 (on a GPU) to stay on transformers 4',
      ],
    ],
    [
      "nothing: such a task with a tag that has it",
      { huggingFaceModelId: "x/y", huggingFaceTask: "image-to-text", imageTag: "2.6.0-transformers4.49.0-gpu-py312-cu124-ubuntu22.04" },
      [],
    ],
    [
      "a token where none is read",
      { modelDataUrl: "s3://models/model.tar.gz", framework: "pytorch", huggingFaceToken: "hf_0123456789" },
      ["huggingFaceToken: got one, but TorchServe reads none: remove it"],
    ],
    [
      "a token twice",
      { ...image, huggingFaceToken: "hf_0123456789", environment: { HF_TOKEN: "hf_9876543210" } },
      ["environment.HF_TOKEN: got one together with huggingFaceToken, which sets it: remove one of them"],
    ],
    [
      "workers against requests",
      { huggingFaceModelId: "gpt2", maxConcurrentInvocationsPerInstance: 2, environment: { SAGEMAKER_MODEL_SERVER_WORKERS: "1" } },
      [
        "environment.SAGEMAKER_MODEL_SERVER_WORKERS: gives the server fewer workers than maxConcurrentInvocationsPerInstance, which is 2: requests that wait in the container have their time running; remove it, and as many workers start",
      ],
    ],
    [
      "fewer workers than the GPUs' default of requests",
      { huggingFaceModelId: "gpt2", instanceType: "ml.g5.12xlarge", environment: { SAGEMAKER_MODEL_SERVER_WORKERS: "3" } },
      [
        "environment.SAGEMAKER_MODEL_SERVER_WORKERS: gives the server fewer workers than maxConcurrentInvocationsPerInstance, which is 4: requests that wait in the container have their time running; remove it, and as many workers start",
      ],
    ],
    [
      "half a VPC",
      { ...image, vpcSubnetIds: ["subnet-1"] },
      [
        'vpcSecurityGroupIds: got nothing, expected a list of 1 to 5 security group ids such as ["sg-0a1b2c3d"]: a VPC needs subnets and security groups',
      ],
    ],
    ["a floor over the ceiling", { ...image, minCapacity: 6 }, ["minCapacity: got 6, expected at most maxCapacity, which is 5"]],
    [
      "a volume size beside local disks",
      { ...image, volumeSizeGb: 64 },
      ["volumeSizeGb: got 64, but ml.g5.2xlarge has local disks, for which SageMaker takes no volume size: remove it"],
    ],
    [
      "a GPU driver without a GPU",
      { ...image, instanceType: "ml.c5.xlarge", inferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-2" },
      ['inferenceAmiVersion: got "al2-ami-sagemaker-inference-gpu-2", but ml.c5.xlarge has no GPU: remove it'],
    ],
    [
      "a driver that is older than the GPU",
      { ...image, instanceType: "ml.p5en.48xlarge", inferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-2" },
      [
        'inferenceAmiVersion: got "al2-ami-sagemaker-inference-gpu-2", but ml.p5en.48xlarge takes al2-ami-sagemaker-inference-gpu-3-1, al2023-ami-sagemaker-inference-gpu-4-1',
      ],
    ],
    [
      "giving instances back gently and by force",
      { ...image, drain: true, partialScaleIn: true },
      ["drain: got true together with partialScaleIn, which takes instances from running jobs: remove one of them"],
    ],
    [
      "warm hours that overlap, or of which one begins when another ends",
      { ...image, warmHours: ["mon-fri 08:00-18:00", "fri 17:59-20:00", "tue-wed 18:00-19:00", "sat 08:00-18:00"] },
      [
        'warmHours[1]: got "fri 17:59-20:00", which meets "mon-fri 08:00-18:00": write them as one',
        'warmHours[2]: got "tue-wed 18:00-19:00", which meets "mon-fri 08:00-18:00": write them as one',
      ],
    ],
    [
      "warm hours that meet past midnight, or past the end of the week",
      { ...image, warmHours: ["mon 00:00-06:00", "sun 22:00-00:00", "wed 22:00-04:00", "thu 03:00-05:00"] },
      [
        'warmHours[1]: got "sun 22:00-00:00", which meets "mon 00:00-06:00": write them as one',
        'warmHours[3]: got "thu 03:00-05:00", which meets "wed 22:00-04:00": write them as one',
      ],
    ],
    [
      "warm hours that are all of the week",
      { ...image, warmHours: ["wed-tue 00:00-00:00"] },
      ['warmHours[0]: got "wed-tue 00:00-00:00", which is all of the week: set minCapacity instead'],
    ],
    [
      "nothing: warm hours that are a minute apart are fine",
      { ...image, warmHours: ["mon-fri 08:00-18:00", "mon-fri 18:01-07:59"], warmTimeZone: "Asia/Kolkata" },
      [],
    ],
    [
      "a time zone that there is not",
      { ...image, warmHours: ["mon 08:00-18:00"], warmTimeZone: "Europe/Atlantis" },
      ['warmTimeZone: got "Europe/Atlantis", expected a time zone such as Europe/Berlin'],
    ],
    [
      "a time zone in other capitals, which Application Auto Scaling would refuse in the middle of an update",
      { ...image, warmHours: ["mon 08:00-18:00"], warmTimeZone: "europe/berlin" },
      ['warmTimeZone: got "europe/berlin", expected "Europe/Berlin"'],
    ],
    [
      "settings of warm hours without them",
      { ...image, warmMinCapacity: 2, warmTimeZone: "Europe/Berlin" },
      [
        "warmMinCapacity: needs warmHours: set them too, or remove warmMinCapacity",
        "warmTimeZone: needs warmHours: set them too, or remove warmTimeZone",
      ],
    ],
    [
      "warm hours with no more instances than always",
      { ...image, warmHours: ["mon 08:00-18:00"], minCapacity: 1 },
      ["warmMinCapacity: got 1, expected more than minCapacity, which is 1, and at most maxCapacity, which is 5"],
    ],
    [
      "warm hours with more instances than there may be",
      { ...image, warmHours: ["mon 08:00-18:00"], warmMinCapacity: 6 },
      ["warmMinCapacity: got 6, expected more than minCapacity, which is 0, and at most maxCapacity, which is 5"],
    ],
    ["nothing: as many warm instances as there may be are fine", { ...image, warmHours: ["mon 08:00-18:00"], warmMinCapacity: 5 }, []],
    [
      "warm hours that are wrong in themselves: each once, and nothing follows from them",
      { ...image, warmHours: ["mon 08:00-18:00", "mo 08:00-18:00", 8] },
      [
        'warmHours[1]: got "mo 08:00-18:00", expected a list of hours of the week such as ["mon-fri 08:00-18:00", "sat 22:00-04:00"]',
        'warmHours[2]: got 8, expected a list of hours of the week such as ["mon-fri 08:00-18:00", "sat 22:00-04:00"]',
      ],
    ],
    [
      "prefixes that overlap",
      { ...image, outputPrefix: "input/results", inboxPrefix: "failure" },
      [
        'outputPrefix: got "input/results/", which overlaps with inputPrefix "input/": prefixes must be apart',
        'inboxPrefix: got "failure/", which overlaps with failurePrefix "failure/": prefixes must be apart',
      ],
    ],
    [
      "former prefixes that overlap with another of today, or are still in use",
      { ...image, formerPrefixes: { "output/old": "input", failure: "failure", "old/": "output" } },
      [
        'formerPrefixes.output/old: got "input", but it overlaps with outputPrefix "output/": prefixes must be apart',
        'formerPrefixes.failure: got "failure", but it is failurePrefix now: remove it',
      ],
    ],
    ["nothing: a prefix may move below what it was", { ...image, outputPrefix: "output/v2", formerPrefixes: { "output/": "output" } }, []],
    [
      "the key of today among the former ones",
      { ...image, kmsKeyArn: "arn:aws:kms:eu-west-1:123456789012:key/1", formerKmsKeyArns: ["arn:aws:kms:eu-west-1:123456789012:key/1"] },
      ['formerKmsKeyArns: got "arn:aws:kms:eu-west-1:123456789012:key/1", which is kmsKeyArn now: remove it'],
    ],
    [
      "a lifecycle for the user's own bucket",
      { ...image, bucketName: "scans", inputExpirationDays: 15 },
      ["inputExpirationDays: got one together with bucketName: the lifecycle of your own bucket stays yours: remove it"],
    ],
    [
      "topics and addresses without notifications",
      { ...image, notificationsEnabled: false, errorTopicArn: topicArn, failureEmails: ["a@example.com"] },
      [
        "errorTopicArn: got one, but notificationsEnabled is false: remove one of them",
        "failureEmails: got one, but notificationsEnabled is false: remove one of them",
      ],
    ],
    [
      "the other half of a VPC",
      { ...image, vpcSecurityGroupIds: ["sg-1"] },
      [
        'vpcSubnetIds: got nothing, expected a list of 1 to 16 subnet ids such as ["subnet-0a1b2c3d"]: a VPC needs subnets and security groups',
      ],
    ],
    [
      "functions in a VPC that there is not",
      { ...image, functionsInVpc: true },
      ["functionsInVpc: got true, but there are no vpcSubnetIds: give them, with vpcSecurityGroupIds"],
    ],
    [
      "nothing: functions in a VPC, or outside it",
      { ...image, functionsInVpc: true, vpcSubnetIds: ["subnet-1"], vpcSecurityGroupIds: ["sg-1"] },
      [],
    ],
    [
      "whom alarms should reach where there are none",
      { ...image, alarmTopicArn: topicArn, alarmEmails: ["a@example.com"] },
      [
        "alarmTopicArn: got one, but alarmsEnabled is false: set it, or remove this",
        "alarmEmails: got one, but alarmsEnabled is false: set it, or remove this",
      ],
    ],
    ["nothing: whom alarms reach", { ...image, alarmsEnabled: true, alarmTopicArn: topicArn }, []],
    [
      "topics and results in mails without notifications",
      {
        ...image,
        notificationsEnabled: false,
        successTopicArn: topicArn,
        includeInferenceResponse: true,
        successEmails: ["a@example.com"],
      },
      [
        "successTopicArn: got one, but notificationsEnabled is false: remove one of them",
        "includeInferenceResponse: got one, but notificationsEnabled is false: remove one of them",
        "successEmails: got one, but notificationsEnabled is false: remove one of them",
      ],
    ],
    [
      "each lifecycle for the user's own bucket",
      { ...image, bucketName: "scans", outputExpirationDays: 15, failureExpirationDays: 15, inboxExpirationDays: 15 },
      ["outputExpirationDays", "failureExpirationDays", "inboxExpirationDays"].map(
        (name) => `${name}: got one together with bucketName: the lifecycle of your own bucket stays yours: remove it`,
      ),
    ],
    ["nothing: a former key beside that of today", { ...image, kmsKeyArn: keyArn(1), formerKmsKeyArns: [keyArn(2)] }, []],
    ["nothing: gentle by itself, forceful by itself", { ...image, drain: true, partialScaleIn: false }, []],
    ["nothing: kept by itself, or destroyed by itself", { ...image, protect: false, forceDestroy: true }, []],
    ["nothing: a volume size without local disks", { ...image, instanceType: "ml.c5.xlarge", volumeSizeGb: 64 }, []],
    ["nothing: a driver that the GPU takes", { ...image, inferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-3-1" }, []],
    ["nothing: a time zone that has another name too", { ...image, warmHours: ["mon 08:00-18:00"], warmTimeZone: "Asia/Calcutta" }, []],
    [
      "keeping and destroying",
      { ...image, protect: true, forceDestroy: true },
      ["protect: got true together with forceDestroy, which deletes what protect keeps: remove one of them"],
    ],
    [
      "a value that is wrong anyway: it is told once",
      { ...image, minCapacity: -1, maxCapacity: "5", outputPrefix: "/" },
      [
        "minCapacity: got -1, expected a whole number from 0",
        'maxCapacity: got "5", expected a whole number from 1',
        'outputPrefix: got "/", expected a key prefix such as "input/", without a leading slash',
      ],
    ],
    [
      "tags that IAM takes for one",
      { ...image, tags: { Team: "ml", team: "vision" } },
      ['tags.team: got one together with "Team", which IAM takes for the same name: remove one of them'],
    ],
    ["a name that is no argument", { ...image, maxcapacity: 3 } as PlainArgs, ["maxcapacity: is not a setting: did you mean maxCapacity?"]],
    [
      "nothing: what says only the default contradicts nothing",
      {
        ...image,
        notificationsEnabled: false,
        includeInferenceResponse: false,
        failureEmails: [],
        bucketName: "scans",
        inputExpirationDays: 30,
      },
      [],
    ],
    ["nothing: an image with a Hugging Face id is fine", { ...image, huggingFaceModelId: "gpt2" }, []],
    ["nothing: prefixes that only begin alike are fine", { ...image, inputPrefix: "in", outputPrefix: "in-out" }, []],
  ];
  for (const [title, args, expected] of cases) {
    it(`tells ${title}`, () => {
      expect(lines(args)).to.deep.equal(expected);
    });
  }
});

describe("checking arguments", () => {
  const thrownBy = (run: () => unknown): pulumi.InputPropertiesError => {
    try {
      run();
    } catch (error) {
      if (error instanceof pulumi.InputPropertiesError) return error;
      throw error;
    }
    throw new Error("nothing was thrown");
  };

  it("names every plain value that is wrong at once, in the message and as data", () => {
    const error = thrownBy(() => checked("ocr", { image: "OCR", maxAttempts: 0, failureEmails: ["a@example.com", "ml"] }));

    expect(error.message).to.equal(
      [
        "ocr can't be set up:",
        '  image: got "OCR", expected an ECR image with a tag or digest, such as ocr:1 (this account and region) or <account>.dkr.ecr.<region>.amazonaws.com/ocr:1',
        "  maxAttempts: got 0, expected a whole number from 1 to 999",
        '  failureEmails[1]: got "ml", expected a list of email addresses such as ["ml-team@example.com"]',
      ].join("\n"),
    );
    expect(error.errors.map(({ propertyPath }) => propertyPath)).to.deep.equal(["image", "maxAttempts", "failureEmails[1]"]);
    expect(pulumi.RunError.isInstance(error), "whether Pulumi prints the message without a stack trace").to.equal(true);
  });

  it("checks an Output when it resolves, and lets nothing wrong reach a resource", async () => {
    const registered: string[] = [];
    const run = deploy(
      () => {
        const { targetBacklogPerInstance, maxAttempts } = checked("ocr", {
          image: pulumi.output("ocr:1"),
          maxAttempts: pulumi.output(3),
          targetBacklogPerInstance: pulumi.output(0),
        });
        new pulumi.Stash("right", { input: maxAttempts });
        new pulumi.Stash("wrong", { input: targetBacklogPerInstance });
      },
      {},
      registered,
    );

    expect(await run.then(String, ({ message }: Error) => message)).to.equal(
      'error serializing property "input": ocr can\'t be set up:\n  targetBacklogPerInstance: got 0, expected a whole number from 1',
    );
    expect(registered.filter((line) => line.startsWith("pulumi:index:Stash"))).to.deep.equal(["pulumi:index:Stash right"]);
  });

  it("refuses an Output where resources depend on the value, also one inside: JavaScript has no types that would", () => {
    const error = thrownBy(() =>
      checked("ocr", {
        image: "ocr:1",
        warmHours: ["mon 08:00-18:00", pulumi.output("tue 08:00-18:00")],
        warmTimeZone: Promise.resolve("UTC"),
        minCapacity: pulumi.output(1),
        maxAttempts: 0,
      } as unknown as AsyncInferenceArgs),
    );
    const plain = "known before anything is created";

    expect(error.message.split("\n").slice(1)).to.deep.equal([
      `  warmHours: got a value that is known later, expected a list of hours of the week such as ["mon-fri 08:00-18:00", "sat 22:00-04:00"], ${plain}`,
      `  warmTimeZone: got a value that is known later, expected a time zone such as Europe/Berlin, ${plain}`,
      `  minCapacity: got a value that is known later, expected a whole number from 0, ${plain}`,
      "  maxAttempts: got 0, expected a whole number from 1 to 999",
    ]);
  });

  it("checks a map that holds an Output as a whole", async () => {
    const { outputs } = await deploy(() => checked("ocr", { image: "ocr:1", environment: { A: pulumi.output("1") } }));

    expect(outputs).to.deep.equal({ image: "ocr:1", environment: { A: "1" } });
  });

  it("counts an Output as given: a model from another stack is a model", () => {
    const url = pulumi.output("s3://models/model.tar.gz");
    expect(Object.keys(checked("ocr", { modelDataUrl: url }))).to.deep.equal(["modelDataUrl"]);
    expect(thrownBy(() => checked("ocr", { modelDataUrl: url, huggingFaceModelId: "gpt2" })).errors).to.deep.equal([
      { propertyPath: "huggingFaceModelId", reason: "got one together with modelDataUrl, expected only one of them: remove the other" },
    ]);
  });

  it("passes what is right through unchanged", () => {
    const args: AsyncInferenceArgs = { image: "ocr:1", maxCapacity: 2, tags: { team: "ml" } };
    expect(checked("ocr", args)).to.deep.equal(args);
  });

  it("refuses names that SageMaker or Lambda would refuse minutes later", () => {
    expect(["ocr", "Ocr-2", "a".repeat(40)].map((name) => requireServiceName(name))).to.deep.equal([undefined, undefined, undefined]);
    for (const name of ["", "ocr_2", "2ocr", "ocr-", "o--r", "a".repeat(41)]) {
      expect(thrownBy(() => requireServiceName(name)).errors).to.deep.equal([
        { propertyPath: "name", reason: `got "${name}", expected at most 40 letters, digits and single hyphens, starting with a letter` },
      ]);
    }
    const long = "x".repeat(60);
    expect(thrownBy(() => requireHandlerName(long, `ocr-${long}`)).errors).to.deep.equal([
      {
        propertyPath: "name",
        reason: `got "${long}", expected letters, digits and single hyphens, starting with a letter; with the service's, 4 to 56 characters in all`,
      },
    ]);
  });
});
