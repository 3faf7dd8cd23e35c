import { expect } from "chai";
import { scalingPolicies } from "../../../bench/scaling/policies";
import { endpointName, simulate, usualConditions, type Simulation } from "../../../bench/scaling/simulation";
import { metricNames, metricNamespace } from "../../../core/metrics";

const minute = 60;

describe("the idle alarm, and a request that did not come through this project's functions", () => {
  let simulation: Simulation;
  let changes: [atMinute: number, what: string][];

  beforeEach(async () => {
    simulation = await simulate(usualConditions, await scalingPolicies.ours.resources());
    changes = [];
    simulation.on((event) => {
      const at = Math.floor(simulation.seconds() / minute);
      if (event.kind === "invocation" && event.change !== "queued") changes.push([at, `${event.inferenceId} ${event.change}`]);
      if (event.kind === "capacity") changes.push([at, `${event.desiredInstanceCount} instances`]);
    });
    // Somebody counts the open jobs, of which there are none.
    simulation.eachMinute(20, () =>
      simulation.cloudWatch.put([
        {
          namespace: metricNamespace,
          metricName: metricNames.openJobs,
          dimensions: { EndpointName: endpointName },
          value: 0,
          unit: "Count",
          timestamp: simulation.clock.now(),
        },
      ]),
    );
  });
  afterEach(() => simulation.close());

  it("takes no instance while it runs, which the GPU tells alone, and takes it when nothing has run for idleSeconds", async () => {
    simulation.invoke("foreign", 50 * minute);
    await simulation.runUntil(49 * minute);
    expect(changes).to.deep.equal([[0, "foreign started"]]);

    await simulation.runUntil(80 * minute);
    expect(changes.slice(1)).to.deep.equal([
      [50, "foreign completed"],
      [61, "0 instances"],
    ]);
  });

  it("takes the instance after idleSeconds when nothing runs at all: the GPU's absence of work is no work", async () => {
    await simulation.runUntil(30 * minute);

    expect(changes.map(([, what]) => what)).to.deep.equal(["0 instances"]);
  });
});
