import { expect } from "chai";
import type { PlainArgs } from "../../components/problems";
import { problemsOf } from "../../components/validate";

const lines = (args: PlainArgs) => problemsOf(args).map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);
const keyArn = (id: number) => `arn:aws:kms:eu-west-1:123456789012:key/${id}`;
const topicArn = "arn:aws:sns:eu-west-1:123456789012:alerts";

const secret = `whsec_${"A".repeat(32)}`;
const warmHours = ["mon 08:00-18:00"];

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
      "settings of priorities without them",
      { ...image, lowPriorityBacklog: 10, lowPriorityFairBy: "tenant" },
      [
        "lowPriorityBacklog: needs priorityEnabled: true: set it too, or remove lowPriorityBacklog",
        "lowPriorityFairBy: needs priorityEnabled: true: set it too, or remove lowPriorityFairBy",
      ],
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
      "more former prefixes than a function's environment holds",
      {
        ...image,
        inputBuckets: ["scans"],
        formerPrefixes: {
          ...Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`${"i".repeat(280)}${index}/`, "input"])),
          ...Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`${"b".repeat(305)}${index}/`, "inbox"])),
          [`${"o".repeat(1000)}/`]: "output",
        },
      },
      [
        "formerPrefixes: got 10 of kind input with 2886 bytes as JSON, expected at most 2846, since a function's environment has 4096 bytes " +
          "for all its settings: remove those below which nothing is left",
      ],
    ],
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
    [
      "a limit of idle spending without alarms, and of a type without a price",
      { ...image, instanceType: "ml.p5.48xlarge", idleSpendAlarmUsdPerDay: 50 },
      [
        "idleSpendAlarmUsdPerDay: got one, but alarmsEnabled is false: set it, or remove this",
        "idleSpendAlarmUsdPerDay: got a limit, but no price of ml.p5.48xlarge is known: remove it, or take a type with a price; awake-with-nothing-open needs none",
      ],
    ],
    ["nothing: a limit of idle spending", { ...image, alarmsEnabled: true, idleSpendAlarmUsdPerDay: 50 }, []],
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
    [
      "a step of a release below 5 % of the largest fleet, which SageMaker refuses",
      { ...image, minCapacity: 2, maxCapacity: 21, deployment: { strategy: "rolling" } },
      [
        "deployment.canaryPercent: got 10 with the strategy rolling, which comes to 1 of up to 21 instances; SageMaker takes at least 5 % of them: raise it or minCapacity, or lower maxCapacity",
      ],
    ],
    ["nothing: a step of 5 %", { ...image, minCapacity: 2, maxCapacity: 20, deployment: { strategy: "rolling" } }, []],
    ["nothing: a canary of one of 21", { ...image, minCapacity: 2, maxCapacity: 21, deployment: { strategy: "blueGreen" } }, []],
    ["nothing: all at once", { ...image, deployment: { strategy: "allAtOnce", bakeSeconds: 60 } }, []],
    [
      "headers and a share of traces that go nowhere",
      { ...image, traceHeaders: { a: "1" }, traceSamplePercent: 5 },
      [
        "traceHeaders: needs traceEndpoint: set it too, or remove traceHeaders",
        "traceSamplePercent: needs traceEndpoint: set it too, or remove traceSamplePercent",
      ],
    ],
    [
      "nothing: traces with both",
      { ...image, traceEndpoint: "https://collector.example.com", traceHeaders: { a: "1" }, traceSamplePercent: 5 },
      [],
    ],
    [
      "a bound and turns of low jobs that there are none of",
      { ...image, lowPriorityBacklog: 5, lowPriorityFairBy: "tenant" },
      [
        "lowPriorityBacklog: needs priorityEnabled: true: set it too, or remove lowPriorityBacklog",
        "lowPriorityFairBy: needs priorityEnabled: true: set it too, or remove lowPriorityFairBy",
      ],
    ],
    ["nothing: low jobs with both", { ...image, priorityEnabled: true, lowPriorityBacklog: 5, lowPriorityFairBy: "tenant" }, []],
    [
      "webhooks that no function reaches, each by its name",
      {
        ...image,
        webhooks: {
          here: { url: "http://127.0.0.1:8080/jobs", secret },
          outside: { url: "https://shop.example.com/jobs", secret },
          address: { url: "https://93.184.215.14/jobs", secret },
          machine: { url: "https://2130706433/jobs", secret },
          inside: { url: "https://10.0.0.7/jobs", secret },
          nowhere: { url: "https://shop.example.com:99999/jobs", secret },
          vpc: { url: "https://10.0.0.7/jobs", secret, privateAllowed: true },
        },
      },
      [
        'webhooks.machine.url: got "https://2130706433/jobs", but 127.0.0.1 is of the sender\'s own machine or network: give the address of a receiver',
        'webhooks.inside.url: got "https://10.0.0.7/jobs", but 10.0.0.7 is private, and privateAllowed is not set: give the address of a receiver',
        'webhooks.nowhere.url: got "https://shop.example.com:99999/jobs", which is no URL: mend its host or port',
        "webhooks.vpc.privateAllowed: got true, but functionsInVpc is false, and functions outside of a VPC reach no private network: set that, or remove this",
      ],
    ],
    [
      "nothing: a receiver in a private network that functions are in",
      {
        ...image,
        vpcSubnetIds: ["subnet-1"],
        vpcSecurityGroupIds: ["sg-1"],
        functionsInVpc: true,
        webhooks: { vpc: { url: "https://10.0.0.7/jobs", secret, privateAllowed: true } },
      },
      [],
    ],
    [
      "a time zone that there is not",
      { ...image, warmHours, warmTimeZone: "Mars/Phobos" },
      ['warmTimeZone: got "Mars/Phobos", expected a time zone such as Europe/Berlin'],
    ],
    [
      "a time zone in other capitals, which Application Auto Scaling does not forgive",
      { ...image, warmHours, warmTimeZone: "utc" },
      ['warmTimeZone: got "utc", expected "UTC"'],
    ],
    [
      "a capacity that is wrong in itself once, whatever depends on it",
      { ...image, minCapacity: -1, warmHours, warmMinCapacity: 2, deployment: { strategy: "rolling" } },
      ["minCapacity: got -1, expected a whole number from 0"],
    ],
    [
      "the same of the largest",
      { ...image, minCapacity: 1, maxCapacity: 0, warmHours, warmMinCapacity: 2, deployment: { strategy: "rolling" } },
      ["maxCapacity: got 0, expected a whole number from 1"],
    ],
    [
      "a type that is wrong in itself once, whatever goes by it",
      {
        ...image,
        instanceType: "g5",
        alarmsEnabled: true,
        idleSpendAlarmUsdPerDay: 5,
        volumeSizeGb: 5,
        inferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-2",
      },
      ['instanceType: got "g5", expected an instance type such as ml.g5.2xlarge; asynchronous endpoints do not run on ml.inf1'],
    ],
    ["nothing: as many instances always as at most", { ...image, minCapacity: 2, maxCapacity: 2 }, []],
    ["nothing: each of two by itself that exclude each other", { ...image, partialScaleIn: true, protect: true }, []],
    ["nothing: the other of them", { ...image, drain: true, forceDestroy: true }, []],
    [
      "nothing: prefixes that end alike",
      { ...image, inputPrefix: "a/in", outputPrefix: "in", formerPrefixes: { "x/failure/": "output" } },
      [],
    ],
    ["nothing: tags that differ in more than capitals", { ...image, tags: { Team: "a", teams: "b" } }, []],
    ["nothing: a key, and former ones without it", { ...image, kmsKeyArn: keyArn(1), formerKmsKeyArns: [keyArn(2)] }, []],
    ["nothing: former keys of a bucket that has none now", { ...image, formerKmsKeyArns: [keyArn(2)] }, []],
    ["nothing: a lifecycle of the service's own bucket", { ...image, inputExpirationDays: 20 }, []],
    [
      "nothing: accelerators' driver on a type without GPU",
      { ...image, instanceType: "ml.inf2.xlarge", inferenceAmiVersion: "al2-ami-sagemaker-inference-neuron-2" },
      [],
    ],
    [
      "a tag of AWS's image with a driver that is too old for it",
      {
        modelDataUrl: "s3://models/model.tar.gz",
        framework: "huggingface",
        imageTag: "2.6-cu130",
        inferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-2",
      },
      [
        'inferenceAmiVersion: got "al2-ami-sagemaker-inference-gpu-2", but huggingface-pytorch-inference:2.6-cu130 is made for CUDA 13.0, for which its driver is too old: write inferenceAmiVersion: al2023-ami-sagemaker-inference-gpu-4-1',
      ],
    ],
  ];
  for (const [title, args, expected] of cases) {
    it(`tells ${title}`, () => {
      expect(lines(args)).to.deep.equal(expected);
    });
  }

  it("tells an image of another region than the endpoint's, where that is known", () => {
    const elsewhere = { image: "123456789012.dkr.ecr.us-east-1.amazonaws.com/ocr:1" };
    expect(problemsOf(elsewhere)).to.deep.equal([]);
    expect(problemsOf(elsewhere, undefined, "us-east-1")).to.deep.equal([]);
    expect(problemsOf(elsewhere, undefined, "eu-west-1")).to.deep.equal([
      {
        propertyPath: "image",
        reason:
          "got an image of us-east-1, expected one of eu-west-1, where the endpoint is and from where SageMaker pulls: push it there, or deploy to us-east-1",
      },
    ]);
  });
});
