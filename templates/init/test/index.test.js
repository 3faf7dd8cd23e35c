import assert from "node:assert/strict";
import test from "node:test";
import { resourcesOf } from "sagemaker-async-inference/testing";
import { completed } from "../handlers/completed";
test("the program asks for the instances that the stack says, and for none without a job", async () => {
    // Nothing is created: the program runs against mocks that answer like the AWS provider.
    const resources = await resourcesOf(() => import("../index.js"), {
        project: "__NAME__",
        config: { "__NAME__:model": "org/model", "__NAME__:maxCapacity": "3" },
    });
    const target = resources.find(({ type }) => type === "aws:appautoscaling/target:Target");
    assert.deepEqual([target?.inputs["minCapacity"], target?.inputs["maxCapacity"]], [0, 3]);
});
test("the handler reports the label of a result", async (context) => {
    const log = context.mock.method(console, "log", () => undefined);
    const job = { jobId: "order-17" };
    await completed(job, { readResult: async () => [{ label: "POSITIVE", score: 0.99 }] });
    assert.deepEqual(log.mock.calls[0]?.arguments, ["order-17: POSITIVE"]);
});
