import * as library from "@aws-sdk/client-s3";
import { expect } from "chai";
import { exists, list, type Bucket } from "../../../client/waiting/objects";
import { createServiceClock } from "../../../core/serviceClock";
import { VirtualClock } from "../../../local/clock";
import { errorOf } from "../support";

type Command = library.HeadObjectCommand | library.ListObjectsV2Command;
type Page = Pick<library.ListObjectsV2CommandOutput, "NextContinuationToken"> & { keys: string[] };

const refusal = (name: string, httpStatusCode: number) => Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
const { signal } = new AbortController();

describe("a look for what a job left in S3", () => {
  let asked: object[];

  /** S3 that gives one answer after the other. */
  function bucketOf(region: string, ...answers: (Page | Error | undefined)[]): Bucket {
    asked = [];
    const send = async (command: Command) => {
      asked.push({ [command.constructor.name.replace("Command", "")]: { ...command.input } });
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer === undefined ? {} : { ...answer, Contents: answer.keys.map((Key) => ({ Key })) };
    };
    const s3 = { send, config: { region: async () => region } } as unknown as library.S3Client;
    return { s3, library, clock: createServiceClock(new VirtualClock(0)) };
  }
  const location = { bucket: "service", key: "out/a.out" };
  const head = { HeadObject: { Bucket: "service", Key: "out/a.out" } };
  const listing = (over: object) => ({ ListObjectsV2: { Bucket: "service", Prefix: "out/", ...over } });

  it("finds it, or finds that it is not there", async () => {
    expect(await exists(bucketOf("eu-west-1", undefined), location, signal)).to.equal(true);
    expect(asked).to.deep.equal([head]);
    expect(await exists(bucketOf("eu-west-1", refusal("NotFound", 404)), location, signal)).to.equal(false);
    expect(asked).to.deep.equal([head]);
  });

  it("that is refused says which of two permissions lacks, in the region's partition: a missing object is refused as well", async () => {
    const denied = refusal("Forbidden", 403);
    const advice = (action: string, resource: string) =>
      `Add to the caller's role: {"Effect":"Allow","Action":"${action}","Resource":"${resource}"}`;

    const byList = await errorOf(exists(bucketOf("cn-north-1", denied, refusal("AccessDenied", 403)), location, signal));
    expect(byList).to.include({ code: "ACCESS_DENIED", advice: advice("s3:ListBucket", "arn:aws-cn:s3:::service") });
    expect(asked).to.deep.equal([head, { ListObjectsV2: { Bucket: "service", Prefix: "out/a.out", StartAfter: undefined } }]);
    const byRead = await errorOf(exists(bucketOf("eu-west-1", denied, { keys: ["out/a.out"] }), location, signal));
    expect(byRead).to.include({ code: "ACCESS_DENIED", advice: advice("s3:GetObject", "arn:aws:s3:::service/out/*") });
    const atTop = await errorOf(exists(bucketOf("eu-west-1", denied, { keys: [] }), { bucket: "service", key: "a.out" }, signal));
    expect(atTop.advice).to.equal(advice("s3:GetObject", "arn:aws:s3:::service/*"));
  });

  it("that fails is not taken for an object that is missing, and asks nothing more", async () => {
    const error = await errorOf(exists(bucketOf("eu-west-1", refusal("SlowDown", 503)), location, signal));

    expect(error.retryable).to.equal(true);
    expect(asked).to.deep.equal([head]);
  });

  it("lists page after page, each from where the last one ended, and knows that it has seen all", async () => {
    const bucket = bucketOf("eu-west-1", { keys: ["out/b", "out/c"], NextContinuationToken: "1" }, { keys: ["out/d"] });

    expect(await list(bucket, "service", { prefix: "out/", after: "out/a", pages: 9 }, signal)).to.deep.equal({
      keys: new Set(["out/b", "out/c", "out/d"]),
      upTo: undefined,
    });
    expect(asked).to.deep.equal([listing({ StartAfter: "out/a" }), listing({ ContinuationToken: "1" })]);
  });

  it("stops where nothing more matters, and says how far it came where there may be more", async () => {
    const page = (key: string, NextContinuationToken: string) => ({ keys: [key], NextContinuationToken });
    const listed = (last: string | undefined, pages: number) =>
      list(
        bucketOf("eu-west-1", page("out/b", "1"), page("out/c", "2"), page("out/d", "3")),
        "service",
        { prefix: "out/", pages, ...(last !== undefined && { last }) },
        signal,
      );

    expect(await listed("out/c", 9)).to.deep.equal({ keys: new Set(["out/b", "out/c"]), upTo: undefined });
    expect(asked).to.have.length(2);
    expect(await listed("out/b1", 9)).to.deep.equal({ keys: new Set(["out/b", "out/c"]), upTo: undefined });
    expect(await listed(undefined, 2)).to.deep.equal({ keys: new Set(["out/b", "out/c"]), upTo: "out/c" });
    expect(await listed("out/z", 1)).to.deep.equal({ keys: new Set(["out/b"]), upTo: "out/b" });
    expect(asked).to.have.length(1);
  });

  it("lists nothing in an empty bucket", async () => {
    expect(await list(bucketOf("eu-west-1", undefined), "service", { prefix: "out/", last: "out/z", pages: 1 }, signal)).to.deep.equal({
      keys: new Set(),
      upTo: undefined,
    });
  });
});
