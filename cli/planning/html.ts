import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { Candidate, Outcome } from "../../planner";
import { planned } from "../../planner/settings";
import { changesOf, lostJobs, shownShare, shownWaits } from "./figures";
import { bandOf, costOf, hoursBeside, planColumns, rowsOf, setLines, shownMonth, titleOf, type PlanReport } from "./report";

/** Points of a chart over time: more than a screen has columns, few enough for several plans in a megabyte. */
const mostPoints = 2500;
const daySeconds = 86_400;

/**
 * Plans as one HTML file that needs no network: charts of the library uPlot, whose script stands in the file.
 * https://github.com/leeoniya/uPlot
 */
export function planHtml(reports: readonly PlanReport[]): string {
  const template = asset("report.html");
  const parts: Readonly<Record<string, string>> = {
    "/*{{styles}}*/": `${asset("uPlot.min.css")}\n${asset("report.css")}`,
    // A `<` in a string could end the script's element.
    "{{data}}": JSON.stringify(reports.map(pageOf)).replaceAll("<", "\\u003c"),
    "/*{{script}}*/": `${asset("uPlot.iife.min.js")}\n${asset("report.js")}`,
  };
  return Object.entries(parts).reduce((text, [place, content]) => text.replace(place, () => content), template);
}

/** What the page draws of one plan; templates/plan/report.js reads it. */
function pageOf(report: PlanReport): object {
  const { plan, tried, prices, settingsFrom } = report;
  const { current, recommended, nearest, load, candidates, why, leftOut } = plan;
  const found = recommended ?? nearest;
  const chosen = found === current ? undefined : found;
  const rows = rowsOf(report);
  return {
    name: load.name,
    title: titleOf(report).split("\n"),
    hasChosen: chosen !== undefined,
    chosenLabel: tried ? "changed" : recommended === undefined ? "nearest" : "recommended",
    verdict: chosen === undefined ? "" : changesOf(chosen),
    unmet: recommended === undefined && !tried,
    why,
    set: chosen === undefined || tried ? [] : setLines(report, chosen),
    figures: figuresOf(current, chosen),
    series: seriesOf(load.startsAt, current.worst, chosen?.worst),
    waits: waitsOf(current.worst, chosen?.worst),
    byDay: daysOf(load.startsAt, current, chosen),
    costUnit: current.band.usdPerMonth === undefined ? "instance hours" : "USD a month",
    candidates: [...new Set([current, ...candidates, ...(chosen === undefined ? [] : [chosen])])]
      .sort((a, b) => costOf(a) - costOf(b))
      .map((candidate) => ({
        cost: costOf(candidate),
        waitSeconds: candidate.band.waitP95Seconds[1],
        lost: lostJobs(candidate.worst),
        settings: candidate === current ? "today" : changesOf(candidate),
        pareto: candidate.pareto,
        current: candidate === current,
        chosen: candidate === chosen,
      })),
    table: {
      head: ["", ...planColumns.slice(1).map(({ name }) => name.toLowerCase().replace("usd", "USD")), "settings"],
      rows: rows.map((row) => ({
        cells: [...planColumns.map(({ value }) => value(row) ?? ""), changesOf(row.candidate)],
        chosen: row.candidate === chosen,
      })),
    },
    worstHours: hoursBeside(current, chosen ?? current).map((hour) => ({ ...hour, then: Number.isFinite(hour.then) ? hour.then : null })),
    settingsFrom: `Today is ${settingsFrom}.`,
    settings: planned.map((name) => ({ name, today: shown(current.settings[name]), chosen: shown((chosen ?? current).settings[name]) })),
    notes: [bandOf(plan), `Prices: ${prices}.`, `Left out: ${leftOut.join("; ")}.`],
  };
}

function figuresOf(current: Candidate, chosen: Candidate | undefined): object[] {
  const figure = (name: string, show: (candidate: Candidate) => string) => ({
    name,
    today: show(current),
    ...(chosen !== undefined && { chosen: show(chosen) }),
  });
  return [
    figure("p95 wait", ({ band }) => shownWaits(...band.waitP95Seconds)),
    figure("USD a month", shownMonth),
    figure("idle", ({ worst }) => shownShare(worst.idleShare)),
    figure("jobs lost", ({ worst }) => String(lostJobs(worst))),
  ];
}

function seriesOf(startsAt: number, current: Outcome, chosen: Outcome | undefined): object {
  const { secondsPerPoint, instances } = current.series;
  const group = Math.ceil(instances.length / mostPoints);
  const thinned = ({ series }: Outcome) => ({ instances: peaks(series.instances, group), backlog: peaks(series.backlog, group) });
  return {
    startsAt,
    secondsPerPoint: secondsPerPoint * group,
    today: thinned(current),
    ...(chosen !== undefined && { chosen: thinned(chosen) }),
  };
}

/** The largest of each group: a peak that a chart leaves out is a lie. */
function peaks(values: Float32Array, group: number): number[] {
  const found: number[] = [];
  for (let first = 0; first < values.length; first += group) {
    let most = 0;
    for (let index = first; index < Math.min(first + group, values.length); index++) most = Math.max(most, values[index] as number);
    found.push(Math.round(most * 100) / 100);
  }
  return found;
}

/** Share of the jobs, in percent, that waited at most so long: both at the same waits, so that one chart has them. */
function waitsOf(current: Outcome, chosen: Outcome | undefined): object {
  const bounds = [
    ...new Set(
      [current, ...(chosen === undefined ? [] : [chosen])].flatMap(({ waitHistogram }) =>
        waitHistogram.map(({ upToSeconds }) => upToSeconds),
      ),
    ),
  ];
  const upToSeconds = bounds.filter((bound) => Number.isFinite(bound) && bound > 0).sort((a, b) => a - b);
  const shares = ({ waitHistogram }: Outcome) => {
    const all = waitHistogram.reduce((sum, { jobs }) => sum + jobs, 0) || 1;
    return upToSeconds.map((bound) => {
      const within = waitHistogram.reduce((sum, { upToSeconds: upTo, jobs }) => sum + (upTo <= bound ? jobs : 0), 0);
      return Math.round((1000 * 100 * within) / all) / 1000;
    });
  };
  return { upToSeconds, today: shares(current), ...(chosen !== undefined && { chosen: shares(chosen) }) };
}

/** What each UTC day costs, or how many instance hours it has where no price is known. */
function daysOf(startsAt: number, current: Candidate, chosen: Candidate | undefined): object {
  const isPriced = current.settings.usdPerHour !== undefined && (chosen ?? current).settings.usdPerHour !== undefined;
  const first = Math.floor(startsAt / 1000 / daySeconds);
  const perDay = ({ settings, worst: { series } }: Candidate) => {
    const totals: number[] = [];
    for (const [index, instances] of series.instances.entries()) {
      const day = Math.floor((startsAt / 1000 + index * series.secondsPerPoint) / daySeconds) - first;
      totals[day] = (totals[day] ?? 0) + (instances * series.secondsPerPoint * (isPriced ? (settings.usdPerHour as number) : 1)) / 3600;
    }
    return totals.map((total) => Math.round(total * 1000) / 1000);
  };
  const [today, then] = [perDay(current), chosen && perDay(chosen)];
  const days = Array.from({ length: Math.max(today.length, then?.length ?? 0) }, (_, index) =>
    new Date((first + index) * daySeconds * 1000).toISOString().slice(5, 10),
  );
  return { unit: isPriced ? "USD" : "instance hours", days, today, ...(then !== undefined && { chosen: then }) };
}

function shown(value: unknown): string {
  return Array.isArray(value) ? (value.length === 0 ? "none" : value.join(", ")) : String(value);
}

/** A file that the page is made of: of this package, or of the library, which a published package has beside its command line. */
function asset(name: string): string {
  if (!name.startsWith("uPlot")) return readFileSync(path.join(templates(), name), "utf8");
  const bundled = path.join(__dirname, name);
  return readFileSync(existsSync(bundled) ? bundled : createRequire(__filename).resolve(`uplot/dist/${name}`), "utf8");
}

/** Beside `dist` in the package, one level above `build` in the repository. */
function templates(): string {
  const found = ["..", "../../.."].map((up) => path.join(__dirname, up, "templates", "plan")).find((folder) => existsSync(folder));
  if (found === undefined) throw new Error("The package has no templates/plan: install it again.");
  return found;
}
