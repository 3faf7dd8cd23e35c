import type { Unknowns } from "./settings";

/** Within what the unknowns of the service are looked at. Seconds, from and to. */
export interface Band {
  backlogCounts: readonly Unknowns["backlogCounts"][];
  metricDelaySeconds: readonly [number, number];
  startupSeconds: readonly [number, number];
}

/** What field reports and this project's own measurements have; who knows the start-up of a model narrows it. */
export const usualBand: Band = {
  backlogCounts: ["waiting", "waitingAndRunning"],
  metricDelaySeconds: [60, 300],
  startupSeconds: [120, 900],
};

/** The corners of a band, the most unfavourable to waiting and cost first: late metrics, a slow start, and a backlog that counts little. */
export function cornersOf({ backlogCounts, metricDelaySeconds, startupSeconds }: Band): Unknowns[] {
  const corners = [...new Set(startupSeconds)]
    .reverse()
    .flatMap((startup) =>
      [...new Set(metricDelaySeconds)]
        .reverse()
        .flatMap((delay) => backlogCounts.map((counts) => ({ backlogCounts: counts, metricDelaySeconds: delay, startupSeconds: startup }))),
    );
  if (corners.length === 0) throw new Error("a band has at least one reading of what the backlog counts");
  return corners;
}
