import { InvokeCommand } from "@aws-sdk/client-lambda";
import { expect } from "chai";
import { LambdaBench } from "./support";

describe("Lambda, over the wire", () => {
  let bench: LambdaBench;
  before(async () => {
    bench = await LambdaBench.start();
  });
  after(() => bench.close());

  it("answers a synchronous caller with what the serialized closure returned", async () => {
    await bench.deploy("adder", () => async (event: { a: number; b: number }) => ({ sum: event.a + event.b }));
    const answer = await bench.client.send(new InvokeCommand({ FunctionName: "adder", Payload: '{"a":2,"b":3}' }));
    expect([answer.StatusCode, answer.FunctionError, answer.ExecutedVersion, answer.Payload?.transformToString()]).to.deep.equal([
      200,
      undefined,
      "$LATEST",
      '{"sum":5}',
    ]);
  });
});
