import { expect } from "chai";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { terraformTypes } from "../../docs/terraform";
import type { Created } from "../../local/resources";
import { cases } from "./cases";
import { comparable, startWireCloud, told, type WireCase } from "./cloud";
import { FullDisk } from "../support/fullDisk";

type Send = (args: unknown) => Promise<unknown>;

/** The little of an SDK client that is made to insist. */
interface Sender {
  middlewareStack: { add(middleware: unknown, options: { step: "finalizeRequest"; priority: "high" }): void };
}

type WireCloud = Awaited<ReturnType<typeof startWireCloud>>;

/** What was read of one resource. */
interface Seen {
  made: unknown;
  changed: unknown;
  gone: unknown;
}

/** Calls whose last write is made after their answer; what of it fails is done before the next call, or by the next start. */
const finishedLater = /^(CreateTable|DeleteTable|DeleteBucket)Command$/;

describe("the control plane, which programs and the AWS provider make the same things by", function () {
  this.timeout(60_000);
  let clouds: WireCloud[];
  const byProgram = new Map<string, Seen>();
  const byProvider = new Map<string, Seen>();
  const seen = (by: Map<string, Seen>, { type }: WireCase) => by.get(type) as Seen;

  /** What was made by calls that were sent again until the disk took all that they write. */
  const byInsisting = new Map<string, Seen>();
  const refusals = new Set<string>();
  let stateDirectory: string;

  before(async () => {
    // One each: a queue's name is not free at once.
    clouds = await Promise.all([startWireCloud(), startWireCloud()]);
    const [programs, providers] = clouds as [WireCloud, WireCloud];
    const made: [WireCase, Created][] = [];
    for (const each of cases) {
      const created = await programs.program.create(each);
      const before = comparable(await each.read(programs.clients));
      made.push([each, await programs.program.update(each, created)]);
      byProgram.set(each.type, { made: before, changed: comparable(await each.read(programs.clients)), gone: undefined });
    }
    for (const [each, created] of made.reverse()) {
      await programs.program.delete(each, created);
      seen(byProgram, each).gone = await each.read(programs.clients).then(comparable, told);
    }

    await callAll(providers, byProvider);

    stateDirectory = mkdtempSync(path.join(tmpdir(), "full-"));
    const full = await startWireCloud(stateDirectory);
    clouds.push(full);
    const disk = new FullDisk();
    try {
      for (const client of Object.values(full.clients)) insist(client, disk);
      await callAll(full, byInsisting);
    } finally {
      disk.close();
    }
  });
  after(async () => {
    await Promise.all(clouds.map((cloud) => cloud.close()));
    rmSync(stateDirectory, { recursive: true, force: true });
  });

  async function callAll({ clients }: WireCloud, by: Map<string, Seen>): Promise<void> {
    for (const each of cases) {
      await each.create(clients);
      const before = comparable(await each.read(clients));
      await each.change?.call(clients);
      by.set(each.type, { made: before, changed: comparable(await each.read(clients)), gone: undefined });
    }
    for (const each of [...cases].reverse()) {
      await each.delete(clients);
      seen(by, each).gone = await each.read(clients).then(comparable, told);
    }
  }

  /** Has each call that writes meet a full disk at its first write, then at its second, and so on, until the disk takes them all. */
  function insist(client: Sender, disk: FullDisk): void {
    const again =
      (next: Send, { commandName, clientName }: { commandName: string; clientName: string }) =>
      async (args: unknown) => {
        if (/^(Describe|Get|Head|List)/.test(commandName)) return next(args);
        for (let writes = 0; ; writes += 1) {
          disk.makeRoom(writes);
          try {
            const answer = await next(args);
            const failures = disk.makeRoom(Infinity);
            if (failures > 0 && !finishedLater.test(commandName)) refusals.add(`${commandName} was answered without its write ${writes}`);
            return answer;
          } catch (error) {
            if (disk.makeRoom(Infinity) === 0) throw error;
            refusals.add(`${clientName.replace("Client", "")} ${told(error)}`);
          }
        }
      };
    client.middlewareStack.add(again, { step: "finalizeRequest", priority: "high" });
  }

  for (const { type, gone } of cases) {
    it(`reads ${type} the same, by whichever door it was made and changed, and not once it is deleted`, () => {
      expect(byProvider.get(type)).to.deep.equal(byProgram.get(type));
      expect(byProvider.get(type)?.gone).to.deep.equal(gone);
    });
  }

  for (const { type } of cases) {
    it(`has nothing half-made of ${type} when the disk is full at any write of a call: the call sent again does what it would have`, () => {
      expect(byInsisting.get(type)).to.deep.equal(byProvider.get(type));
    });
  }

  it("answers with a failure of the service, which its clients try again, when the disk is full", () => {
    expect([...refusals].sort()).to.deep.equal([
      "ApplicationAutoScaling 500 InternalServiceException",
      "CloudWatch 500 InternalServiceFault",
      "CloudWatchLogs 500 ServiceUnavailableException",
      "DynamoDB 500 InternalServerError",
      "EventBridge 500 InternalException",
      "IAM 500 ServiceFailureException",
      "KMS 500 KMSInternalException",
      "Lambda 500 ServiceException",
      "S3 500 InternalError",
      "SFN 500 InternalFailure",
      "SNS 500 InternalErrorException",
      "SQS 500 InternalFailure",
      "SageMaker 500 InternalFailure",
    ]);
  });

  it("is tried with every type that a program can have here, the project's own among them", () => {
    const tried = cases.map(({ type }) => type);
    expect([...tried].sort()).to.deep.equal(clouds[0]?.types.filter((type) => type.startsWith("aws:")).sort());
    expect(Object.keys(terraformTypes).filter((type) => type.startsWith("aws:") && !tried.includes(type))).to.deep.equal([]);
  });

  it("answers with nothing that the service's API model does not have", () => {
    expect([...new Set(clouds.flatMap(({ problems }) => problems))]).to.deep.equal([]);
  });
});
