import assert from "node:assert/strict";
import test from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { HandlerContext, JobRecord } from "sagemaker-async-inference";
import { completed } from "../handlers/completed";

const registered: { type: string; inputs: Record<string, any> }[] = [];

test("the program asks for the instances that the stack says, and for none without a job", async () => {
  // As https://www.pulumi.com/docs/iac/guides/testing/unit/ does it: nothing is created, inputs are recorded.
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.push({ type, inputs });
        return { id: `${name}-id`, state: inputs };
      },
      call: ({ inputs }) => inputs,
    },
    "__NAME__",
    "test",
  );
  pulumi.runtime.setAllConfig({ "__NAME__:model": "org/model", "__NAME__:maxCapacity": "3" });
  await pulumi.runtime.runInPulumiStack(() => import("../index.js"));
  await pulumi.runtime.disconnect();

  const target = registered.find(({ type }) => type === "aws:appautoscaling/target:Target");
  assert.deepEqual([target?.inputs["minCapacity"], target?.inputs["maxCapacity"]], [0, 3]);
});

test("the handler reports the label of a result", async (context) => {
  const log = context.mock.method(console, "log", () => undefined);
  const job = { jobId: "order-17" } as JobRecord;

  await completed(job, { readResult: async () => [{ label: "POSITIVE", score: 0.99 }] } as unknown as HandlerContext);

  assert.deepEqual(log.mock.calls[0]?.arguments, ["order-17: POSITIVE"]);
});
