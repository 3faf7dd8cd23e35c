import { expect } from "chai";
import { readRecords } from "../../../client/waiting/records";
import type { JobRecord } from "../../../core/records/job";
import { VirtualClock } from "../../../local/clock";
import { errorOf } from "../support";
import { ended, start, tableOf } from "./answeringTable";

const { signal } = new AbortController();

describe("records that are read in one call", () => {
  const of = (...Items: unknown[]) => ({ Items, UnprocessedKeys: [] });
  const read = async (...answers: unknown[]) => {
    const { table, asked } = tableOf(new VirtualClock(start), ...answers);
    return { batch: await readRecords(table, ["open", "done", "gone", "later"], signal), asked };
  };

  it("are told apart: open, ended, missing, and those that the table had no time for; only ended ones are read whole", async () => {
    const done: JobRecord = ended("done", 1);
    const glimpses = [
      { jobId: "open", state: "SUBMITTED", waiter: "client-1" },
      { jobId: "done", state: "COMPLETED" },
    ];
    const { batch, asked } = await read({ Items: glimpses, UnprocessedKeys: ["later"] }, { Items: [], UnprocessedKeys: ["done"] });

    expect(batch).to.deep.equal({ open: [glimpses[0]], ended: [], missing: ["gone"], unread: ["later", "done"] });
    const keys = (...jobIds: string[]) => ({ TableName: "jobs", Keys: jobIds, ConsistentRead: true });
    expect(asked).to.deep.equal([
      {
        ...keys("open", "done", "gone", "later"),
        ProjectionExpression: "#jobId, #state, #waiter",
        ExpressionAttributeNames: { "#jobId": "jobId", "#state": "state", "#waiter": "waiter" },
      },
      keys("done"),
    ]);
    expect((await read(of(glimpses[1]), of(done))).batch).to.deep.equal({
      open: [],
      ended: [done],
      missing: ["open", "gone", "later"],
      unread: [],
    });
  });

  it("cost one call while all are open", async () => {
    const { batch, asked } = await read(of({ jobId: "open", state: "ACCEPTED" }));

    expect([batch.open.map(({ jobId }) => jobId), asked.length]).to.deep.equal([["open"], 1]);
    expect((await read(of())).batch).to.deep.equal({ open: [], ended: [], missing: ["open", "done", "gone", "later"], unread: [] });
  });

  it("cost one call though some have ended, of a crowd that no index tells of: all but inputs is read at once", async () => {
    const done: JobRecord = ended("done", 1);
    const open = { jobId: "open", state: "SUBMITTED", inputHash: "0" };
    const { table, asked } = tableOf(new VirtualClock(start), of(open, done));

    expect(await readRecords(table, ["open", "done"], signal, { whole: true })).to.deep.equal({
      open: [open],
      ended: [done],
      missing: [],
      unread: [],
    });
    const read = Object.values(asked[0]?.["ExpressionAttributeNames"] as Record<string, string>);
    expect(Object.keys(done).filter((attribute) => !read.includes(attribute))).to.deep.equal([]);
    expect([asked.length, read.includes("input")]).to.deep.equal([1, false]);
  });

  it("say which permission they need", async () => {
    const { table } = tableOf(new VirtualClock(start), Object.assign(new Error("no"), { name: "AccessDeniedException" }));

    expect((await errorOf(readRecords(table, ["a"], signal))).advice).to.contain('"dynamodb:BatchGetItem","Resource":"arn:aws:dynamodb:');
  });
});
