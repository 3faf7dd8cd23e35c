import { expect } from "chai";
import path from "node:path";
import { checkContainer, type Plan } from "../../../cli/containerCheck/check";
import { sizes, type Finding } from "../../../cli/containerCheck/contract";
import { serverEnvironment } from "../../../components/serverFamilies";
import { root } from "../../support/service";

const script = path.join(root, "build/test/cli/containerCheck/modelServer.js");

/** What a check of a server with this fault finds. */
async function findings(fault: string, changes: Partial<Plan> = {}, environment: Record<string, string> = {}): Promise<Finding[]> {
  const found: Finding[] = [];
  const plan: Plan = {
    origin: { command: `"${process.execPath}" "${script}" ${fault}`, environment: { ...process.env, ...environment } },
    subject: { family: undefined, given: environment },
    sample: { content: undefined, contentType: "application/octet-stream" },
    slowSample: undefined,
    seconds: undefined,
    concurrency: 1,
    largest: sizes[0],
    timeoutMilliseconds: 60_000,
    ...changes,
  };
  await checkContainer(plan, { finding: (finding) => found.push(finding), progress: () => undefined }, new AbortController().signal);
  return found;
}

const lost = (found: readonly Finding[]) =>
  found.filter(({ needed, verdict }) => needed && verdict === "does not hold").map(({ check }) => check);
const verdictOf = (found: readonly Finding[], name: string) => found.find(({ check }) => check === name)?.verdict;
const seenOf = (found: readonly Finding[], name: string) => found.find(({ check }) => check === name)?.seen;
const mendOf = (found: readonly Finding[], name: string) => found.find(({ check }) => check === name)?.mend;
const text = (content: string) => ({ content: Buffer.from(content), contentType: "text/plain" });

describe("the check of a model server", () => {
  const mms = { subject: { family: "multi-model-server", given: {} } } as const;
  const variables = serverEnvironment("multi-model-server", { maxConcurrentInvocationsPerInstance: 1, containerStartupTimeoutSeconds: 60 });
  const hanging = { timeoutMilliseconds: 8000 };
  /** These mostly wait, so they do it together; what is measured beside others would be wrong. */
  const together = {
    "wrong-head": () => findings("wrong-head"),
    "busy-ping": () => findings("busy-ping"),
    "multi-model-server": () => findings("multi-model-server", mms),
    "with variables": () => findings("multi-model-server", {}, variables),
    "failed-to-load": () => findings("failed-to-load"),
    "loads-behind-ping": () => findings("loads-behind-ping"),
    "dies-of-clients": () => findings("dies-of-clients"),
    "cut-by-sigterm": () => findings("cut-by-sigterm"),
    "never-listens": () => findings("never-listens", hanging),
    "ping-hangs": () => findings("ping-hangs", hanging),
    "never-answers": () => findings("never-answers", hanging),
    "half-an-answer": () => findings("half-an-answer", hanging),
    exits: () => findings("exits"),
  };
  const seen = {} as Record<keyof typeof together, Finding[]>;
  before(async () => {
    await Promise.all(
      Object.entries(together).map(async ([name, start]) => {
        seen[name as keyof typeof together] = await start();
      }),
    );
  });

  it("finds nothing wrong with a server that keeps the contract", async () => {
    const found = await findings("none", { slowSample: text("sleep:1200"), seconds: 1, concurrency: 3 });

    expect(found.map(({ check, verdict }) => `${check}: ${verdict}`)).to.deep.equal([
      "start: holds",
      "/ping tells the truth: holds",
      "answer: holds",
      "Content-Length: holds",
      "headers: holds",
      "/ping while busy: holds",
      "a request of 1 s: holds",
      "7 MB in: holds",
      "7 MB out: holds",
      "100 MB in and out: could not be checked",
      "1 GB in and out: could not be checked",
      "3 at once: holds",
      "6 at once: holds",
      "a client that goes away: holds",
      "memory: holds",
      "SIGTERM: holds",
    ]);
    expect(seenOf(found, "7 MB out")).to.equal("7,340,032 bytes came back");
    expect(seenOf(found, "SIGTERM")).to.match(/^the request in flight was finished; gone after /);
  });

  it("sees answers that SageMaker would refuse: in chunks, and with long headers", () => {
    const found = seen["wrong-head"];

    expect(lost(found)).to.deep.equal(["Content-Length", "headers", "7 MB out"]);
    expect(seenOf(found, "Content-Length")).to.equal(
      "an answer with status 200 has none: it came in chunks (Transfer-Encoding); the job would fail",
    );
    expect(seenOf(found, "headers")).to.match(/^5,0\d\d bytes, at most 4,096 are allowed$/);
  });

  it("sees a server whose /ping waits for the model, and would be replaced in the middle of a job", () => {
    const found = seen["busy-ping"];

    expect(lost(found)).to.deep.equal(["/ping while busy"]);
    expect(mendOf(found, "/ping while busy")).to.include("ThreadingHTTPServer in the place of HTTPServer");
  });

  it("reads a 413 that comes before the body was read, and names the variable", () => {
    const found = seen["multi-model-server"];

    expect(lost(found)).to.deep.equal(["7 MB in"]);
    expect(seenOf(found, "7 MB in")).to.match(/^refused: 413 after /);
    expect(mendOf(found, "7 MB in")).to.equal("Set MMS_MAX_REQUEST_SIZE=1073741824 (unset: 6,553,500 bytes, then 413).");
    expect(seenOf(found, "7 MB out")).to.equal("the input of 7 MB has no answer to measure");
  });

  it("finds the same server in order with the family's variables", () => {
    const found = seen["with variables"];

    expect([lost(found), verdictOf(found, "7 MB in")]).to.deep.equal([[], "holds"]);
  });

  it("says that a model which did not load looks healthy", () => {
    const found = seen["failed-to-load"];

    expect(lost(found)).to.deep.equal(["/ping tells the truth", "answer"]);
    expect(seenOf(found, "/ping tells the truth")).to.match(
      /^5 of 5 requests failed \(500 "Worker died\." after .*\), and \/ping still answers 200: a model that did not load looks healthy$/,
    );
    expect(found.at(-1)).to.deep.include({ check: "SIGTERM", verdict: "could not be checked", seen: "the model fails at every request" });
  });

  it("says that /ping answered 200 before the model was loaded", () => {
    const found = seen["loads-behind-ping"];

    expect(lost(found)).to.deep.equal(["/ping tells the truth"]);
    expect(seenOf(found, "/ping tells the truth")).to.match(/^after its 200 requests failed for .*: 503 after /);
  });

  it("sees requests that queue inside the server, and the concurrency that they need", async () => {
    // What is told apart is half of the sleep: a busy machine is not that late.
    const found = await findings("one-lane", { slowSample: text("sleep:1000"), concurrency: 3 });

    expect(lost(found)).to.deep.equal(["3 at once"]);
    expect(seenOf(found, "3 at once")).to.match(/: one after the other inside the server \(alone: [\d.]+ m?s\); SageMaker counts/);
    expect(mendOf(found, "3 at once")).to.match(/^Set maxConcurrentInvocationsPerInstance to 1, or raise the workers\. /);
    expect(verdictOf(found, "6 at once")).to.equal("holds");
  });

  it("tells a server that refuses what it has no room for from one that must take it", async () => {
    const found = await findings("takes-three", { slowSample: text("sleep:300"), concurrency: 4 });

    expect(lost(found)).to.deep.equal(["4 at once"]);
    expect(seenOf(found, "4 at once")).to.match(/^3 of 4 answered, after .*; 1 not: 503 "busy" after /);
    expect(mendOf(found, "4 at once")).to.match(/^Set maxConcurrentInvocationsPerInstance to 3, /);
    expect(seenOf(found, "8 at once")).to.match(/: refused clearly; SageMaker sends at most 4$/);
  });

  it("goes on after a server that died of a client which went away, and says so", () => {
    const found = seen["dies-of-clients"];

    expect(lost(found)).to.deep.equal(["a client that goes away"]);
    expect(seenOf(found, "a client that goes away")).to.match(/^after two clients that went away, the server ended with exit code 7$/);
    expect(verdictOf(found, "SIGTERM")).to.equal("holds");
  });

  it("sees memory that grows with the requests, and a request that SIGTERM cuts, without calling either the end", async () => {
    const leaking = await findings("leaks");
    const cut = seen["cut-by-sigterm"];

    expect([lost(leaking), verdictOf(leaking, "memory")]).to.deep.equal([[], "does not hold"]);
    expect(seenOf(leaking, "memory")).to.match(/after 300 requests: it grows with the requests$/);
    expect([lost(cut), verdictOf(cut, "SIGTERM")]).to.deep.equal([[], "does not hold"]);
    expect(seenOf(cut, "SIGTERM")).to.match(/^the request in flight was cut: connection closed without an answer after /);
  });

  describe("of one that hangs", () => {
    const cases = [
      ["never-listens", "start", /^Nothing listened on 127\.0\.0\.1:\d+ for 8 s\. Its last lines:\npid \d+$/],
      ["ping-hangs", "start", /^127\.0\.0\.1:\d+ takes connections, and GET \/ping got no answer within \d\.\d s, for 8 s\./],
      ["never-answers", "answer", /^POST \/invocations: no answer within \d\.\d s \(all sent\)\. Its last lines:\npid \d+$/],
      ["half-an-answer", "answer", /^POST \/invocations: half an answer: 4 of 1,000 bytes within \d\.\d s\. Its last lines:\n/],
      ["exits", "start", /^The server ended with exit code 3 before \/ping answered 200\. Its last lines:\nCUDA error: no kernel image/],
    ] as const;
    for (const [fault, check, sentence] of cases) {
      it(`ends with a sentence: ${fault}`, () => {
        const found = seen[fault];

        expect(lost(found)).to.deep.equal([check]);
        expect(seenOf(found, check)).to.match(sentence);
        expect(found.at(-1)).to.deep.include({ check: "SIGTERM", verdict: "could not be checked" });
      });
    }
  });
});
