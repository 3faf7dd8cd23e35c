import { expect } from "chai";
import { startSageMaker, type TestSageMaker } from "./support";

describe("SageMaker with a real container", () => {
  let cloud: TestSageMaker;
  beforeEach(async () => (cloud = await startSageMaker()));
  afterEach(() => cloud.close());

  it("runs the model on the input, stores the result and tells of it", async () => {
    await cloud.deploy();
    const { InferenceId, OutputLocation } = await cloud.invoke({
      InputLocation: await cloud.input('{"page":1}'),
      ContentType: "application/json",
    });

    await cloud.ended(InferenceId as string);

    expect(await cloud.object(OutputLocation)).to.deep.equal({ body: '{"page":1}', contentType: "application/json" });
    expect(cloud.published.map(({ message }) => message["eventName"])).to.deep.equal([
      "TestNotification",
      "TestNotification",
      "InferenceResult",
    ]);
  });
});
