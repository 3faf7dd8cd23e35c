import { expect } from "chai";
import { readRecords } from "../../../client/waiting/records";
import type { JobRecord } from "../../../core/records/job";
import { VirtualClock } from "../../../local/clock";
import { errorOf } from "../support";
import { ended, start, tableOf } from "./answeringTable";

const { signal } = new AbortController();

describe("records that are read in one call", () => {
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
    const { batch, asked } = await read(
      { Responses: { jobs: glimpses }, UnprocessedKeys: { jobs: { Keys: [{ jobId: "later" }] } } },
      { Responses: { jobs: [] }, UnprocessedKeys: { jobs: { Keys: [{ jobId: "done" }] } } },
    );

    expect(batch).to.deep.equal({ open: [glimpses[0]], ended: [], missing: ["gone"], unread: ["later", "done"] });
    const of = (...jobIds: string[]) => ({ Keys: jobIds.map((jobId) => ({ jobId })), ConsistentRead: true });
    expect(asked).to.deep.equal([
      {
        RequestItems: {
          jobs: {
            ...of("open", "done", "gone", "later"),
            ProjectionExpression: "#jobId, #state, #waiter",
            ExpressionAttributeNames: { "#jobId": "jobId", "#state": "state", "#waiter": "waiter" },
          },
        },
      },
      { RequestItems: { jobs: of("done") } },
    ]);
    expect((await read({ Responses: { jobs: [glimpses[1]] } }, { Responses: { jobs: [done] } })).batch).to.deep.equal({
      open: [],
      ended: [done],
      missing: ["open", "gone", "later"],
      unread: [],
    });
  });

  it("cost one call while all are open", async () => {
    const { batch, asked } = await read({ Responses: { jobs: [{ jobId: "open", state: "ACCEPTED" }] } });

    expect([batch.open.map(({ jobId }) => jobId), asked.length]).to.deep.equal([["open"], 1]);
    expect((await read({})).batch).to.deep.equal({ open: [], ended: [], missing: ["open", "done", "gone", "later"], unread: [] });
  });

  it("cost one call though some have ended, of a crowd that no index tells of: all but inputs is read at once", async () => {
    const done: JobRecord = ended("done", 1);
    const open = { jobId: "open", state: "SUBMITTED", inputHash: "0" };
    const { table, asked } = tableOf(new VirtualClock(start), { Responses: { jobs: [open, done] } });

    expect(await readRecords(table, ["open", "done"], signal, { whole: true })).to.deep.equal({
      open: [open],
      ended: [done],
      missing: [],
      unread: [],
    });
    const [{ RequestItems }] = asked as [{ RequestItems: { jobs: { ExpressionAttributeNames: Record<string, string> } } }];
    const read = Object.values(RequestItems.jobs.ExpressionAttributeNames);
    expect(Object.keys(done).filter((attribute) => !read.includes(attribute))).to.deep.equal([]);
    expect([asked.length, read.includes("input")]).to.deep.equal([1, false]);
  });

  it("say which permission they need", async () => {
    const { table } = tableOf(new VirtualClock(start), Object.assign(new Error("no"), { name: "AccessDeniedException" }));

    expect((await errorOf(readRecords(table, ["a"], signal))).advice).to.contain('"dynamodb:BatchGetItem","Resource":"arn:aws:dynamodb:');
  });
});
