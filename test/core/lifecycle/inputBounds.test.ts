import * as s3 from "@aws-sdk/client-s3";
import { expect } from "chai";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { s3Objects } from "../../../aws/s3Objects";
import { submitUpload } from "../../../core/lifecycle/inbox";
import { requestBounds } from "../../../core/messages/request";
import { answerRequest } from "../../../core/lifecycle/submit";
import { suiteJobs, testPorts, testSettings, type TestPorts } from "../../support/jobPorts";

const never = Number.MAX_SAFE_INTEGER;

describe("an input's size", () => {
  const jobs = suiteJobs();

  /** Ports whose every object has `bytes` bytes: nobody keeps a gigabyte for a test. */
  function portsWith(bytes: number): TestPorts {
    const ports = testPorts(jobs);
    ports.objects.head = () => Promise.resolve({ bytes, eTag: '"e"' });
    ports.objects.copy = () => Promise.resolve(true);
    return ports;
  }

  it("may be 1 GB and no byte more: the service would take the job and fail it after its wait", async () => {
    const request = (jobId: string) => ({ jobId, inputLocation: "s3://service/input/scan.tiff" });

    const largest = await answerRequest(portsWith(requestBounds.inputBytes), testSettings, request("largest"), never);
    expect([largest.statusCode, largest.state]).to.deep.equal([202, "SUBMITTED"]);

    const ports = portsWith(requestBounds.inputBytes + 1);
    const { statusCode, error } = await answerRequest(ports, testSettings, request("larger"), never);
    expect([statusCode, error]).to.deep.equal([
      400,
      {
        code: "BAD_INPUT",
        message: "inputLocation: s3://service/input/scan.tiff has 1073741825 bytes, expected at most 1073741824",
        retryable: false,
        advice: "Split the input.",
        field: "inputLocation",
      },
    ]);
    expect([ports.invocations, await jobs.get("larger")]).to.deep.equal([[], undefined]);
  });

  it("is bounded for uploads too, and the log names what was left alone", async () => {
    const settings = { ...testSettings, inboxPrefix: "inbox/" };
    const upload = { bucket: "service", key: "inbox/scan.tiff", eTag: "e", sequencer: "1" };

    const largest = portsWith(requestBounds.inputBytes);
    await submitUpload(largest, settings, upload, never);
    expect(largest.invocations.length).to.equal(1);

    const larger = portsWith(requestBounds.inputBytes + 1);
    await submitUpload(larger, settings, { ...upload, sequencer: "2" }, never);
    expect(larger.invocations).to.deep.equal([]);
    expect(larger.logged.map(({ level, message, code, bytes }) => ({ level, message, code, bytes }))).to.deep.equal([
      { level: "error", message: "upload is larger than 1 GB", code: "BAD_INPUT", bytes: 1073741825 },
    ]);
  });
});

describe("an input's numbers", () => {
  const jobs = suiteJobs();

  it("are refused where Lambda has rounded them already: the model would get another identifier", async () => {
    const ports = testPorts(jobs);
    const event: unknown = JSON.parse('{"jobId":"wide","input":{"ids":[7,12345678901234567890]}}');

    const { statusCode, error } = await answerRequest(ports, testSettings, event, never);
    expect([statusCode, error]).to.deep.equal([
      400,
      {
        code: "BAD_INPUT",
        message:
          "input.ids[1]: got about 12345678901234567000, expected whole numbers up to 9007199254740991, since further digits are lost before " +
          "this function sees them",
        retryable: false,
        advice: "Send the JSON text in Base64 as inputBase64, with contentType application/json, or the number as a string.",
        field: "input",
      },
    ]);
    expect([ports.invocations, await jobs.get("wide")]).to.deep.equal([[], undefined]);
  });
});

describe("an input's bucket", () => {
  const jobs = suiteJobs();

  for (const [answer, status, region, where] of [
    ["a redirect", 301, "eu-west-1", "eu-west-1, another region"],
    ["a redirect that says not where", 301, undefined, "another region"],
    ["a signature for another region, refused without a word", 400, "eu-west-1", "eu-west-1, another region"],
  ] as const) {
    it(`is the caller's to correct when S3 says that it is in another region: ${answer}`, async () => {
      await using server = await s3That((response) => {
        response.writeHead(status, region === undefined ? {} : { "x-amz-bucket-region": region }).end();
      });
      const ports = { ...testPorts(jobs), objects: s3Objects(s3, server.client) };
      const settings = { ...testSettings, allowedInputBuckets: ["scans-eu"] };
      const { statusCode, error } = await answerRequest(ports, settings, { inputLocation: "s3://scans-eu/page.png" }, never);

      expect([statusCode, error]).to.deep.equal([
        400,
        {
          code: "BAD_INPUT",
          message: `inputLocation: the bucket of s3://scans-eu/page.png is in ${where} than the service, expected one in the service's`,
          retryable: false,
          advice: "Copy the object into a bucket in the service's region.",
          field: "inputLocation",
        },
      ]);
    });
  }
});

/** An S3 that answers every request like this. */
async function s3That(answer: (response: ServerResponse) => void) {
  const server = createServer((_, response) => answer(response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const client = new s3.S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials, maxAttempts: 1 });
  const close = async () => {
    client.destroy();
    server.close();
    await once(server, "close");
  };
  return { client, [Symbol.asyncDispose]: close };
}
