import { expect } from "chai";
import { containerEnvironment, judgeEnvironment } from "../../components/containerEnvironment";
import type { ServerFamily } from "../../components/serverFamilies";

const allowance = { maxConcurrentInvocationsPerInstance: 2, containerStartupTimeoutSeconds: 900 };
const judged = (family: ServerFamily, own: Record<string, string>) => {
  const { problems, warnings } = judgeEnvironment(family, allowance, own);
  const line = ({ propertyPath, reason }: { propertyPath: string; reason: string }) => `${propertyPath}: ${reason}`;
  return { problems: problems.map(line), warnings: warnings.map(line) };
};

describe("containerEnvironment", () => {
  it("lets the user's variables win, one by one", () => {
    expect(containerEnvironment("ray", allowance, { RAYSERVE_BACKEND_TIMEOUT: "60", A: "1" })).to.deep.equal({
      RAYSERVE_BACKEND_TIMEOUT: "60",
      A: "1",
    });
  });

  it("leaves a limit alone that the user moves by another of its names, which ours would beat", () => {
    const own = { SAGEMAKER_MAX_PAYLOAD_IN_MB: "100", SAGEMAKER_MODEL_SERVER_TIMEOUT: "90" };
    expect(containerEnvironment("multi-model-server", allowance, own)).to.deep.equal({
      MMS_MAX_RESPONSE_SIZE: "1073741824",
      SAGEMAKER_MODEL_SERVER_WORKERS: "2",
      ...own,
    });
    expect(containerEnvironment("own", allowance, own)).to.not.have.any.keys(
      "MMS_MAX_REQUEST_SIZE",
      "SERVING_MAX_REQUEST_SIZE",
      "MMS_DEFAULT_RESPONSE_TIMEOUT_SECONDS",
    );
  });
});

describe("judgeEnvironment", () => {
  const smallHeap =
    "environment.JAVA_OPTS: leaves a heap that is smaller than an input of 1 GiB needs, which is 3.1 GB: write -Xmx4g, or remove JAVA_OPTS, which is set with it";
  const cases: [title: string, family: ServerFamily, own: Record<string, string>, problems: string[], warnings: string[]][] = [
    ["nothing of what only the model reads", "multi-model-server", { HF_HOME: "/tmp" }, [], []],
    [
      "a setting of TorchServe's that pins 60 seconds and one worker",
      "torchserve",
      { SAGEMAKER_TS_BATCH_SIZE: "4" },
      [
        "environment.SAGEMAKER_TS_BATCH_SIZE: makes TorchServe end each job after 60 seconds unless SAGEMAKER_TS_RESPONSE_TIMEOUT is set: add SAGEMAKER_TS_RESPONSE_TIMEOUT=3660, or remove it",
        "environment.SAGEMAKER_TS_BATCH_SIZE: leaves fewer workers than maxConcurrentInvocationsPerInstance, which is 2: add SAGEMAKER_TS_MIN_WORKERS=2 and SAGEMAKER_TS_MAX_WORKERS=2, or remove it",
      ],
      [],
    ],
    [
      "the same for an image of one's own, in which TorchServe may be, and fewer workers of it than requests",
      "own",
      { SAGEMAKER_TS_BATCH_SIZE: "4", SAGEMAKER_MODEL_SERVER_WORKERS: "1" },
      [
        "environment.SAGEMAKER_TS_BATCH_SIZE: makes TorchServe end each job after 60 seconds unless SAGEMAKER_TS_RESPONSE_TIMEOUT is set: add SAGEMAKER_TS_RESPONSE_TIMEOUT=3660, or remove it",
        "environment.SAGEMAKER_TS_BATCH_SIZE: leaves fewer workers than maxConcurrentInvocationsPerInstance, which is 2: add SAGEMAKER_TS_MIN_WORKERS=2 and SAGEMAKER_TS_MAX_WORKERS=2, or remove it",
        "environment.SAGEMAKER_MODEL_SERVER_WORKERS: gives the server fewer workers than maxConcurrentInvocationsPerInstance, which is 2: requests that wait in the container have their time running; remove it, and as many workers start",
      ],
      [],
    ],
    ["nothing of it for a server that is another", "ray", { SAGEMAKER_TS_BATCH_SIZE: "4" }, [], []],
    [
      "TorchServe's fewest workers, also when it may start more",
      "torchserve",
      { SAGEMAKER_TS_RESPONSE_TIMEOUT: "3660", SAGEMAKER_TS_MIN_WORKERS: "1", SAGEMAKER_TS_MAX_WORKERS: "2" },
      [
        "environment.SAGEMAKER_TS_RESPONSE_TIMEOUT: leaves fewer workers than maxConcurrentInvocationsPerInstance, which is 2: add SAGEMAKER_TS_MIN_WORKERS=2 and SAGEMAKER_TS_MAX_WORKERS=2, or remove it",
      ],
      [],
    ],
    [
      "nothing when TorchServe's settings are whole",
      "torchserve",
      { SAGEMAKER_TS_RESPONSE_TIMEOUT: "3660", SAGEMAKER_TS_MIN_WORKERS: "2", SAGEMAKER_TS_MAX_WORKERS: "2" },
      [],
      [],
    ],
    [
      "a time-out that TorchServe's toolkit loses",
      "torchserve",
      { SAGEMAKER_MODEL_SERVER_TIMEOUT: "60" },
      ["environment.SAGEMAKER_MODEL_SERVER_TIMEOUT: does nothing in TorchServe: set TS_DEFAULT_RESPONSE_TIMEOUT, in seconds, or remove it"],
      [],
    ],
    [
      "a heap of DJL Serving's that an input of 1 GiB does not fit into",
      "djl",
      { JAVA_OPTS: "-Xms1g -Xmx1g" },
      [
        "environment.JAVA_OPTS: leaves a heap that is smaller than an input of 1 GiB needs, which is 3.1 GB: write -Xmx4g, or remove JAVA_OPTS, which is set with it",
      ],
      [],
    ],
    ["nothing of a heap to the last byte", "djl", { JAVA_OPTS: "-Xmx3328599654" }, [], []],
    ["a heap that is one byte too small, in front of other options", "djl", { JAVA_OPTS: "-Xmx3328599653 -Xms1g" }, [smallHeap], []],
    ["a heap in kilobytes", "djl", { JAVA_OPTS: "-Xmx3250584K" }, [smallHeap], []],
    ["nothing of a heap in kilobytes, gigabytes or terabytes", "djl", { JAVA_OPTS: "-Xmx3250586k" }, [], []],
    ["nothing of 4 G", "djl", { JAVA_OPTS: "-Xmx4G" }, [], []],
    ["nothing of 1 t", "djl", { JAVA_OPTS: "-Xmx1t" }, [], []],
    ["nothing of options that set no heap", "djl", { JAVA_OPTS: "-DXmx1g -Xmx1gb a-Xmx1g" }, [], []],
    ["nothing of a heap that is large enough, or the machine's", "djl", { JAVA_OPTS: "-Xmx1g -Xmx4096m" }, [], []],
    ["nothing of another server's heap", "own", { JAVA_OPTS: "-Xmx512m" }, [], []],
    [
      "fewer workers than requests",
      "multi-model-server",
      { SAGEMAKER_MODEL_SERVER_WORKERS: "1" },
      [
        "environment.SAGEMAKER_MODEL_SERVER_WORKERS: gives the server fewer workers than maxConcurrentInvocationsPerInstance, which is 2: requests that wait in the container have their time running; remove it, and as many workers start",
      ],
      [],
    ],
    [
      "a size with a unit",
      "own",
      { MMS_MAX_REQUEST_SIZE: "1GB" },
      ["environment.MMS_MAX_REQUEST_SIZE: got a value that is not shown, expected a whole number"],
      [],
    ],
    [
      "limits below the service's, once each though two servers share a name",
      "own",
      { SAGEMAKER_MAX_PAYLOAD_IN_MB: "1023", TS_DEFAULT_STARTUP_TIMEOUT: "120", MMS_MAX_RESPONSE_SIZE: "6553500", PREDICT_TIMEOUT: "3600" },
      [],
      [
        "environment.SAGEMAKER_MAX_PAYLOAD_IN_MB: lets the server take smaller inputs than the service's 1 GiB: larger ones end as MODEL_ERROR",
        "environment.MMS_MAX_RESPONSE_SIZE: lets the server give smaller results than the service's 1 GiB: larger ones end as MODEL_ERROR",
        "environment.TS_DEFAULT_STARTUP_TIMEOUT: gives the model less time to load than containerStartupTimeoutSeconds: one that takes longer is never served",
        "environment.PREDICT_TIMEOUT: lets the server give up sooner than SageMaker, which takes up to 3600 seconds: such jobs end as MODEL_ERROR, not as TIMEOUT",
      ],
    ],
    ["nothing of minutes that are more than the service's hour", "multi-model-server", { SAGEMAKER_MODEL_SERVER_TIMEOUT: "61" }, [], []],
    [
      "a number with more before it",
      "own",
      { MMS_MAX_REQUEST_SIZE: "a1073741824" },
      ["environment.MMS_MAX_REQUEST_SIZE: got a value that is not shown, expected a whole number"],
      [],
    ],
    [
      "nothing of 100 variables with the server's own",
      "ray",
      Object.fromEntries(Array.from({ length: 99 }, (_, index) => [`V${index}`, "x"])),
      [],
      [],
    ],
    ["nothing of 32 KB in all", "own", bytesInAll(32_768), [], []],
    [
      "a byte more",
      "own",
      bytesInAll(32_769),
      [
        "environment: got 32769 bytes of names and values, expected at most 32768 in all: put what is long into a file of the model or the image",
      ],
      [],
    ],
    [
      "more than SageMaker's 32 KB in all",
      "vllm",
      Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`V${index}`, "x".repeat(1000)])),
      [
        "environment: got 40110 bytes of names and values, expected at most 32768 in all: put what is long into a file of the model or the image",
      ],
      [],
    ],
    [
      "more variables than SageMaker's 100 with the server's own",
      "ray",
      Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`V${index}`, "x"])),
      ["environment: got 101 variables with those of the model server, expected at most 100: remove some"],
      [],
    ],
  ];
  for (const [title, family, own, problems, warnings] of cases) {
    it(`tells before the first resource ${title}`, () => {
      expect(judged(family, own)).to.deep.equal({ problems, warnings });
    });
  }
});

/** An environment of so many bytes with what our settings add to it. */
function bytesInAll(bytes: number): Record<string, string> {
  const added = Object.entries(containerEnvironment("own", allowance, {}))
    .join("")
    .replaceAll(",", "").length;
  return { ä: "x".repeat(bytes - added - 2) };
}
