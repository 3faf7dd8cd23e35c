import { expect } from "chai";
import { changesOf, configCommands, requireAccepted, settingsOf, type RunningModel } from "../../cli/promotion";

const registry = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const digest = `sha256:${"a".repeat(64)}`;
const artifact = "s3://models/ocr/2.tar.gz";
const running: RunningModel = {
  image: `${registry}/ocr:2`,
  resolvedImage: `${registry}/ocr@${digest}`,
  modelDataUrl: artifact,
  environment: {},
};
const own = { image: "ocr:2", modelDataUrl: artifact };
const messageOf = (work: () => unknown) => {
  try {
    work();
    return "no error";
  } catch (error) {
    return (error as Error).message;
  }
};

describe("a promotion", () => {
  it("takes the digest that runs and not its tag, which may have moved on", () => {
    expect(settingsOf("dev", running, own)).to.deep.equal({ image: `${registry}/ocr@${digest}`, modelDataUrl: artifact });
  });

  it("takes the tag of AWS's image that runs, so that another default of another version of the package changes nothing", () => {
    const image = "763104351884.dkr.ecr.eu-west-1.amazonaws.com/huggingface-pytorch-inference:2.6.0-gpu";
    const environment = { HF_MODEL_ID: "openai/whisper-tiny" };
    expect(settingsOf("dev", { image, environment }, { huggingFaceModelId: "openai/whisper-tiny" })).to.deep.equal({
      imageTag: "2.6.0-gpu",
      huggingFaceModelId: "openai/whisper-tiny",
    });
  });

  it("refuses settings that were written and never deployed: nobody has tried what they say", () => {
    const stale = (texts: Record<string, string>) => messageOf(() => settingsOf("dev", running, texts));

    expect(stale({ ...own, image: "ocr:3" })).to.equal(
      `image: Pulumi.dev.yaml says ocr:3, and the endpoint of dev runs ${registry}/ocr:2.`,
    );
    expect(stale({ ...own, modelDataUrl: "s3://models/ocr/3.tar.gz" })).to.equal(
      `modelDataUrl: Pulumi.dev.yaml says s3://models/ocr/3.tar.gz, and the endpoint of dev runs ${artifact}.`,
    );
    expect(stale({ ...own, huggingFaceModelId: "gpt2" })).to.equal(
      "huggingFaceModelId: Pulumi.dev.yaml says gpt2, and the endpoint of dev runs without it.",
    );
  });

  it("removes what the other environment has and this one has not, and writes nothing that is there already", () => {
    const changes = changesOf({ image: "ocr:2", modelDataUrl: artifact }, { image: "ocr:2", huggingFaceModelId: "gpt2", maxCapacity: "9" });

    expect(changes).to.deep.equal([
      { name: "modelDataUrl", from: undefined, to: artifact },
      { name: "huggingFaceModelId", from: "gpt2", to: undefined },
    ]);
    expect(configCommands("prod", changes)).to.deep.equal([
      ["config", "rm-all", "--stack", "prod", "--non-interactive", "huggingFaceModelId"],
      ["config", "set-all", "--stack", "prod", "--non-interactive", "--plaintext", `modelDataUrl=${artifact}`],
    ]);
  });

  it("writes nothing that the other environment's program would refuse", () => {
    const change = { name: "image", from: undefined, to: "docker.io/ocr" } as const;
    expect(messageOf(() => requireAccepted("prod", [change]))).to.match(
      /^prod can't be given this:\n {2}image: got "docker\.io\/ocr", expected an ECR image/,
    );
  });
});
