import { expect } from "chai";
import * as fc from "fast-check";
import { show, type PlainArgs } from "../../components/problems";
import { settings, type Setting, type SettingName } from "../../components/settings";
import { problemsOf } from "../../components/validate";
import { problemsWith } from "../../components/valueChecks";

const lines = (args: PlainArgs) => problemsOf(args).map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);
const secret = `whsec_${"A".repeat(32)}`;
const topicArn = "arn:aws:sns:eu-west-1:123456789012:alerts";

describe("what a setting accepts", () => {
  it("names a key of any length in one line", () => {
    const [problem] = problemsWith("environment", { ["K".repeat(2000)]: "v" });

    expect(problem?.propertyPath).to.equal(`environment.${"K".repeat(96)}...`);
  });

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
    [
      "traceEndpoint",
      ["https://collector.example.com", "http://127.0.0.1:4318/v1/traces", "https://xray.example.com/v1/traces"],
      [
        "https://xray.eu-west-1.amazonaws.com/v1/traces",
        "HTTPS://XRAY.eu-west-1.amazonaws.com",
        "https://me@collector.example.com",
        "collector",
      ],
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
    [
      "deployment",
      [{}, { strategy: "blueGreen", canaryPercent: 50, bakeSeconds: 0, rollbackAlarms: ["accuracy"] }, { bakeSeconds: undefined }],
      ["blueGreen", [], { strategy: "canary" }, { canaryPercent: 51 }, { bakeSeconds: "60" }, { rollbackAlarms: ["a:b"] }, { bake: 1 }],
    ],
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
    ["imageTag", ["2.6.0-gpu-py312", "_x", "a".repeat(128)], ["", ".x", "a b", "a".repeat(129)]],
    ["huggingFaceTask", ["text-to-image"], ["", "Text", "a".repeat(65)]],
    ["errorTopicArn", [topicArn], ["alerts", `${topicArn}.fifo`]],
    ["alarmTopicArn", [topicArn], ["alerts", `${topicArn}.fifo`]],
    ["failureEmails", [[], ["a@example.com"]], [["a"], "a@example.com"]],
    ["alarmEmails", [[], ["a@example.com"]], [["a b@example.com"], "a@example.com"]],
    ["vpcSecurityGroupIds", [["sg-1"], ["sg-1", "sg-2", "sg-3", "sg-4", "sg-5"]], [[], ["subnet-1"], Array(6).fill("sg-1")]],
    ["inputBuckets", [[], Array(20).fill("scans")], [["s3://scans"], Array(21).fill("scans"), "scans"]],
    ["lowPriorityFairBy", ["tenant", "a".repeat(64)], ["", "-x", "a".repeat(65)]],
    [
      "eventBusName",
      ["jobs", "arn:aws:events:eu-west-1:123456789012:event-bus/jobs", "a".repeat(256)],
      ["", "a b", "a".repeat(257), "arn:aws:events:eu-west-1:123456789012:rule/jobs"],
    ],
    [
      "traceHeaders",
      [{}, { "x-api-key": "a b" }, { a: "1", b: "2", c: "3", d: "x".repeat(512) }],
      [{ x_api_key: "1" }, { a: "" }, { a: " x" }, { a: "x".repeat(513) }, { a: "1", b: "2", c: "3", d: "4", e: "5" }, { a: 1 }],
    ],
    [
      "webhooks",
      [
        {},
        { orders: { url: "https://example.com/hook?x=1", secret } },
        { a: { url: "http://127.0.0.1:8080/", secret, formerSecret: secret, states: ["FAILED"], privateAllowed: true } },
        Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`hook-${index}`, { url: "https://example.com", secret }])),
      ],
      [
        { orders: { url: "http://example.com", secret } },
        { orders: { url: "https://169.254.169.254/", secret } },
        { orders: { url: "https://example.com" } },
        { orders: { secret } },
        { orders: { url: "https://example.com", secret: "whsec_short" } },
        { orders: { url: "https://example.com", secret, states: [] } },
        { orders: { url: "https://example.com", secret, states: ["SUBMITTED"] } },
        { orders: { url: "https://example.com", secret, retries: 1 } },
        { Orders: { url: "https://example.com", secret } },
        { orders: "https://example.com" },
        Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`hook-${index}`, { url: "https://example.com", secret }])),
      ],
    ],
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

  it("counts the entries of a map and the records by name: AWS takes 100 variables, 48 tags of one's own", () => {
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`A${index}`, "x"]));
    for (const [name, most] of [
      ["environment", 100],
      ["tags", 48],
      ["formerPrefixes", 20],
    ] as const) {
      const value = (count: number) => (name === "formerPrefixes" ? mapValues(many(count), "input") : many(count));
      expect([name, problemsWith(name, value(most)), problemsWith(name, value(most + 1)).length]).to.deep.equal([name, [], 1]);
    }
    expect(problemsWith("tags", many(49))[0]?.reason).to.match(/^got "49 entries", expected /);
  });

  it("names what of a record is wrong, missing or none of its fields, and shows no secret of it", () => {
    const problems = problemsWith("webhooks", { orders: { secret: "hunter2", retries: 1, states: ["x"] }, Bad: {}, none: 5 });
    expect(problems.map(({ propertyPath, reason }) => `${propertyPath}: ${reason.replace(/, expected .*/, "")}`)).to.deep.equal([
      "webhooks.orders.url: got nothing",
      "webhooks.orders.secret: got a value that is not shown",
      "webhooks.orders.retries: got a value that is not shown",
      'webhooks.orders.states[0]: got "x"',
      'webhooks.Bad: got "Bad"',
      "webhooks.none: got a value that is not shown",
    ]);
    expect(problems[2]?.reason).to.contain("expected one of url, secret, formerSecret, states, privateAllowed in its place");
  });

  it("names a map, a record or a list that is something else as a whole", () => {
    const wrong = (name: SettingName, values: unknown[]) =>
      values.map((value) => problemsWith(name, value).map(({ propertyPath }) => propertyPath));
    for (const name of ["environment", "webhooks", "deployment"] as const) {
      expect(wrong(name, [5, "A=1", null, ["A"], true])).to.deep.equal(Array(5).fill([name]), name);
    }
    expect(wrong("warmHours", [5, "mon", null, {}])).to.deep.equal(Array(4).fill(["warmHours"]));
  });

  it("has what of a webhook is no secret known at once, since resources depend on it, and lets secrets come later", () => {
    const later = Promise.resolve("x");
    expect(problemsWith("webhooks", { orders: { url: "https://example.com", secret: later, formerSecret: later } })).to.deep.equal([]);
    expect(problemsWith("webhooks", { orders: { url: later, secret } })).to.deep.equal([
      { propertyPath: "webhooks.orders.url", reason: `got "a value that is known later", expected ${acceptedOf("url")}` },
    ]);
  });

  it("says what names of webhooks and how many of them there may be, which is no secret", () => {
    const many = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`hook-${index}`, {}]));
    expect(problemsWith("webhooks", many)[0]?.reason).to.match(/^got "11 entries", expected /);
    expect(problemsWith("webhooks", { Bad: {} })[0]?.reason).to.match(
      /^got "Bad", expected a name in its place: at most 10 webhooks by name/,
    );
  });

  it("takes text of the greatest length, and values of a map", () => {
    const url = (length: number) => `s3://models/${"a".repeat(length - 19)}.tar.gz`;
    expect(problemsWith("modelDataUrl", url(1024))).to.deep.equal([]);
    expect(problemsWith("modelDataUrl", url(1025))).to.have.length(1);
    expect(problemsWith("tags", { x: "y".repeat(256) })).to.deep.equal([]);
  });

  it("shows up to 120 characters of a value", () => {
    expect(show("x".repeat(118))).to.equal(`"${"x".repeat(118)}"`);
    expect(show("x".repeat(119))).to.equal(`"${"x".repeat(116)}...`);
    expect(show(undefined)).to.equal("undefined");
  });

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

function mapValues(map: object, value: string): Record<string, string> {
  return Object.fromEntries(Object.keys(map).map((key) => [key, value]));
}

function acceptedOf(field: keyof typeof settings.webhooks.fields): string | undefined {
  return (settings.webhooks.fields[field] as Setting).accepts;
}
