import { expect } from "chai";
import { submitUpload } from "../../../core/lifecycle/inbox";
import { answerRequest } from "../../../core/lifecycle/submit";
import { contentTypeOfObject } from "../../../core/messages/contentTypes";
import { suiteJobs, testPorts, testSettings } from "../../support/jobPorts";

describe("the content type of an object in S3", () => {
  const jobs = suiteJobs();

  for (const [stored, key, contentType] of [
    ["binary/octet-stream", "inbox/order.json", "application/json"],
    ["binary/octet-stream", "inbox/Page 1.PNG", "image/png"],
    [undefined, "inbox/speech.wav", "audio/wav"],
    ["binary/octet-stream", "inbox/order.weights", "binary/octet-stream"],
    ["binary/octet-stream", "inbox.json/order", "binary/octet-stream"],
    ["application/octet-stream", "inbox/order.json", "application/octet-stream"],
    ["text/plain", "inbox/order.json", "text/plain"],
    [undefined, "inbox/order", undefined],
  ] as const) {
    it(`is ${contentType} for ${key} that was stored as ${stored}`, () => {
      expect(contentTypeOfObject(stored, key)).to.equal(contentType);
    });
  }

  it("goes by the key for an upload and an inputLocation: images can't decode S3's own default", async () => {
    const ports = testPorts(jobs);
    const contentType = "binary/octet-stream";
    ports.objects.head = () => Promise.resolve({ bytes: 9, eTag: '"e"', contentType });
    ports.objects.copy = () => Promise.resolve(true);
    const upload = { bucket: "service", key: "inbox/order.json", eTag: "e", sequencer: "1" };

    await submitUpload(ports, { ...testSettings, inboxPrefix: "inbox/" }, upload, Number.MAX_SAFE_INTEGER);
    await answerRequest(ports, testSettings, { inputLocation: "s3://service/input/page.png" }, Number.MAX_SAFE_INTEGER);
    const own = { inputLocation: "s3://service/input/page.png", contentType: "image/x-own" };
    await answerRequest(ports, testSettings, own, Number.MAX_SAFE_INTEGER);

    expect(ports.invocations.map((invocation) => invocation.contentType)).to.deep.equal(["application/json", "image/png", "image/x-own"]);
  });
});
