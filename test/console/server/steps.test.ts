import { expect } from "chai";
import type { AlarmView, MetricPoint, ScalingStep } from "../../../client/overview/types";
import { wordedSteps } from "../../../console/server/steps";

const start = Date.parse("2026-01-25T10:00:00.000Z");
const at = (seconds: number) => new Date(start + seconds * 1000).toISOString();
const step = (seconds: number, description: string, cause: string, more: Partial<ScalingStep> = {}): ScalingStep => ({
  startedAt: at(seconds),
  endedAt: at(seconds + 240),
  status: "Successful",
  description,
  message: "",
  cause,
  ...more,
});
const to = (count: number) => `Setting desired instance count to ${count}.`;
const by = (alarm: string, policy: string) => `monitor alarm ${alarm} in state ALARM triggered policy ${policy}`;
const tracking = (which: string) => `TargetTracking-endpoint/ocr/variant/v-${which}-6d5b6f9e-1111-2222-3333-444444444444`;
const alarm = { name: tracking("AlarmHigh"), threshold: 5 } as AlarmView;
const words = (steps: ScalingStep[], backlog: MetricPoint[] = []) =>
  wordedSteps({ steps, alarms: [alarm], backlog }).map((each) => each.words);

describe("a change of the instance count", () => {
  it("is told with what waited and how many an instance may have waiting, from what count to which", () => {
    const newestFirst = [
      step(1800, to(0), by("ocr-idle-0a1b2c3", "ocr-idle-3c2b1a0")),
      step(900, to(1), by(tracking("AlarmLow"), "ocr-backlog-3c2b1a0")),
      step(300, to(3), by(tracking("AlarmHigh"), "ocr-backlog-3c2b1a0")),
      step(60, to(2), by("ocr-wake-0a1b2c3", "ocr-wake-3c2b1a0")),
      step(-900, to(0), by("ocr-idle-0a1b2c3", "ocr-idle-3c2b1a0")),
    ];
    const backlog = [0, 60, 240].map((seconds, index): MetricPoint => [start + seconds * 1000, [9, 7, 12][index] ?? 0]);

    expect(words(newestFirst, backlog)).to.deep.equal([
      "Went to sleep: nothing was open (took 4 min 0 s)",
      "Shrank from 3 to 1 instance: few waited (took 4 min 0 s)",
      "Grew from 2 to 3 instances: 12 waited, 5 an instance (took 4 min 0 s)",
      "Woke to 2 instances: 9 waited, 5 an instance (took 4 min 0 s)",
      "Went to sleep: nothing was open (took 4 min 0 s)",
    ]);
  });

  it("is the floor's where the minimum was set, and a schedule's where one did that", () => {
    const newestFirst = [
      step(7200, to(2), "minimum capacity was set to 2"),
      step(7199, "Setting min capacity to 2 and max capacity to 4", "scheduled action name day was triggered"),
      step(60, to(1), "minimum capacity was set to 1", { status: "InProgress" }),
      step(0, to(0), by("ocr-idle-0a1b2c3", "ocr-idle-3c2b1a0")),
    ];

    expect(words(newestFirst)).to.deep.equal([
      "Grew from 1 to 2 instances: by schedule (took 4 min 0 s)",
      "Setting min capacity to 2 and max capacity to 4 (took 4 min 0 s)",
      "Woke to 1 instance: jobs came, and so many stay while any is open (under way)",
      "Went to sleep: nothing was open (took 4 min 0 s)",
    ]);
  });

  it("says no number that it does not know, and leaves others' words as they are", () => {
    const [woke, own] = words([
      step(0, to(4), by("ocr-wake-0a1b2c3", "ocr-wake-3c2b1a0"), { status: "Failed" }),
      step(-60, "Something new", "monitor alarm theirs in state ALARM triggered policy p"),
    ]);

    expect([woke, own]).to.deep.equal(["To 4 instances: requests waited (failed)", "Something new: by theirs (took 4 min 0 s)"]);
  });
});
