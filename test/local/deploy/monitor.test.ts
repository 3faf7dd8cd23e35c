import * as proto from "@pulumi/pulumi/proto/resource_pb";
import { expect } from "chai";
import { createMonitor } from "../../../local/deploy/monitor";
import { root } from "../../support/service";

describe("what a program's Pulumi asks of its engine", () => {
  const monitor = createMonitor({ project: "shop", stack: "dev", organization: "acme", directory: root } as never, {} as never);
  const answer = <Answer>(ask: (request: never, callback: (error: Error | null, answer: unknown) => void) => void, request: unknown) =>
    new Promise<Answer>((resolve, reject) => ask(request as never, (error, given) => (error ? reject(error) : resolve(given as Answer))));

  it("is answered the same for each feature, by versions below 3.256, which ask one by one, and by those since", async () => {
    const info = await answer<proto.DeploymentInfo>(monitor.getDeploymentInfo, {});
    const { ResourceMonitorFeature: features } = proto;
    const asked = {
      secrets: features.RESOURCE_MONITOR_FEATURE_SECRETS,
      outputValues: features.RESOURCE_MONITOR_FEATURE_OUTPUT_VALUES,
      aliasSpecs: features.RESOURCE_MONITOR_FEATURE_ALIAS_SPECS,
    };
    const supported: Record<string, boolean> = {};
    for (const id of Object.keys(asked)) {
      const request = new proto.SupportsFeatureRequest();
      request.setId(id);
      supported[id] = (await answer<proto.SupportsFeatureResponse>(monitor.supportsFeature, request)).getHassupport();
    }

    expect(supported).to.deep.equal({ secrets: true, outputValues: false, aliasSpecs: false });
    expect(Object.values(asked).map((feature) => info.getSupportedfeaturesList().includes(feature))).to.deep.equal([true, false, false]);
  });
});
