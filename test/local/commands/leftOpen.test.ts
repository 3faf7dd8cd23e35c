import { expect } from "chai";
import { leftOpenText, openJobs, type OpenJob } from "../../../local/commands/leftOpen";

const open = (count: number, state: OpenJob["state"]): OpenJob[] =>
  Array.from({ length: count }, (_, index) => ({ jobId: `${state.toLowerCase()}-${index + 1}`, state, createdAt: "2026-01-25T08:00:00Z" }));

describe("what Ctrl-C says of the jobs that a cloud leaves open", () => {
  it("is nothing when none is", () => {
    expect(leftOpenText([], undefined)).to.equal(undefined);
  });

  it("is how many there are in which state, the first ids, and that they end", () => {
    expect(leftOpenText([...open(1, "ACCEPTED"), ...open(6, "SUBMITTED")], undefined)).to.equal(
      "7 jobs are left open (1 ACCEPTED, 6 SUBMITTED): accepted-1, submitted-1, submitted-2, submitted-3, submitted-4 and 2 more.\n" +
        "They end with this cloud; one that is started with --state DIR keeps its jobs.",
    );
  });

  it("is that they go on where the cloud keeps its state", () => {
    expect(leftOpenText(open(1, "INVOKING"), "/tmp/state")).to.equal(
      "1 job is left open (1 INVOKING): invoking-1.\nIt goes on when a cloud is started with --state /tmp/state again.",
    );
  });

  it("asks nobody where no service is, whatever other programs' functions have in their environment", async () => {
    const functions = () => ["{}", "not JSON", '{"jobTableName":7}'].map((SETTINGS) => ({ variables: { SETTINGS } })) as never;

    expect(await openJobs({ endpointUrl: "http://127.0.0.1:1", region: "us-east-1", functions })).to.deep.equal([]);
  });

  it("is that nothing is known when nobody answers, rather than that there is none", async () => {
    const functions = () => [{ variables: { SETTINGS: '{"jobTableName":"jobs"}' } }] as never;

    expect(await openJobs({ endpointUrl: "http://127.0.0.1:1", region: "us-east-1", functions })).to.equal(undefined);
  });
});
