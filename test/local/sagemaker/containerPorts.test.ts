import { expect } from "chai";
import { sidePortVariables } from "../../../local/sagemaker/containerPorts";

describe("ports of containers", () => {
  it("are set for what TorchServe listens on besides, so that two of it run on one machine", async () => {
    const [one, other] = [await sidePortVariables({}), await sidePortVariables({})];
    const names = ["TS_METRICS_ADDRESS", "TS_GRPC_INFERENCE_PORT", "TS_GRPC_MANAGEMENT_PORT"];
    const values = [...Object.values(one), ...Object.values(other)];

    expect(Object.keys(one)).to.deep.equal(names);
    expect(new Set(values).size).to.equal(6);
    expect(one["TS_METRICS_ADDRESS"]).to.match(/^http:\/\/127\.0\.0\.1:\d{5}$/);
  });

  it("leave what the user has set", async () => {
    const own = { TS_METRICS_ADDRESS: "http://127.0.0.1:8082", TS_GRPC_INFERENCE_PORT: "7070", TS_GRPC_MANAGEMENT_PORT: "7071" };

    expect(await sidePortVariables(own)).to.deep.equal({});
  });
});
