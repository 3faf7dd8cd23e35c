import { expect } from "chai";
import { situationOf } from "../../../client/explain/situationOf";
import { situations } from "../../../client/explain/types";
import { ended } from "./cases/ended";
import { noRecord } from "./cases/noRecord";
import { notSubmitted } from "./cases/notSubmitted";
import { objects } from "./cases/objects";
import { submitted } from "./cases/submitted";
import { waking } from "./cases/waking";
import { backlog, endpoint, facts, job, minute } from "./facts";
const cases = {
    "of a job that has ended": ended,
    "before the service has the job": notSubmitted,
    "when objects tell more than the record": objects,
    "while the service has the job": submitted,
    "while no instance exists": waking,
    "without a record": noRecord,
};
describe("An explanation", () => {
    for (const [group, members] of Object.entries(cases)) {
        describe(group, () => {
            for (const [title, known, expected] of members) {
                it(title, () => {
                    const { jobId, facts: _, ...told } = situationOf(known);
                    expect({ jobId, told }).to.deep.equal({ jobId: "order-17", told: expected });
                });
            }
        });
    }
    it("shows the facts that it was made from, and of the record no word of the caller's", () => {
        const known = facts({
            record: job({ metadata: { tenant: "acme" }, customAttributes: "secret" }),
            endpoint: endpoint(),
            metrics: backlog(0),
            alarms: [],
            deadLetters: 0,
            unreadable: [{ source: "resultLog", reason: "ServiceUnavailable: down" }],
        });
        expect(situationOf(known).facts).to.deep.equal({
            lookedAt: minute(5),
            endpointName: "ocr",
            record: {
                state: "SUBMITTED",
                attempt: 1,
                maxAttempts: 3,
                onDoubt: "rerun",
                inferenceId: "1.order-17",
                inputLocation: "s3://service/input/order-17/request.json",
                outputLocation: "s3://service/output/1.order-17/result",
                failureLocation: "s3://service/failure/1.order-17-error.out",
                createdAt: minute(-0.01),
                invokingAt: minute(-0.005),
                submittedAt: minute(0),
                dueAt: minute(30),
                requestTtlSeconds: 21_600,
                invocationTimeoutSeconds: 3600,
            },
            endpoint: endpoint(),
            metrics: backlog(0),
            alarms: [],
            deadLetters: 0,
            unknown: [{ source: "resultLog", reason: "ServiceUnavailable: down" }],
        });
    });
    it("is tested for each situation that there is", () => {
        const tested = new Set(Object.values(cases)
            .flat()
            .map(([, , { situation }]) => situation));
        expect([...tested].sort()).to.deep.equal([...situations].sort());
    });
});
