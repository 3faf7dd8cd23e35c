import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { MetricPoint } from "../../client/overview/types";
import { count } from "./format";

/** One line, or one set of bars, of a chart. */
export interface Series {
  label: string;
  /** Name of a color of page.css, without `--`. */
  color: string;
  points: readonly MetricPoint[];
  isBars?: boolean;
}

const height = 132;

/** A chart over time. Its values stand beside it in words, which a screen reader reads. */
export function Chart({ title, series, from, to }: { title: string; series: readonly Series[]; from: number; to: number }) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const shown = useRef({ series, from, to });
  shown.current = { series, from, to };

  useEffect(() => {
    const element = place.current as HTMLDivElement;
    const draw = () => {
      plot.current?.destroy();
      const range = () => [shown.current.from / 1000, shown.current.to / 1000] as [number, number];
      plot.current = new uPlot(optionsOf(series, element, range), aligned(shown.current.series), element);
    };
    draw();
    const resized = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width > 0 && width !== plot.current?.width) plot.current?.setSize({ width, height });
    });
    resized.observe(element);
    // Colors are the theme's.
    const themes = new MutationObserver(draw);
    themes.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", draw);
    return () => {
      resized.disconnect();
      themes.disconnect();
      scheme.removeEventListener("change", draw);
      plot.current?.destroy();
    };
  }, [series.map(({ label }) => label).join()]);

  useEffect(() => {
    // Both scales follow: of what is in sight, the highest decides.
    plot.current?.setData(aligned(series));
  }, [series, from, to]);

  const said = series.map((each) => `${each.label} ${shownOf(each)}`).join(", ");
  return (
    <figure class="chart">
      <figcaption>
        <span class="name">{title}</span>
        {series.map((each) => (
          <span class="key" key={each.label}>
            <span class={`swatch ${each.color}`} aria-hidden="true" />
            {each.label} <b>{shownOf(each)}</b>
          </span>
        ))}
      </figcaption>
      <div ref={place} role="img" aria-label={`${title} over the last hour. ${series[0]?.isBars ? "In all" : "Now"}: ${said}.`} />
    </figure>
  );
}

/** What stands beside a series' name: of a line its newest value, of bars all of them. */
function shownOf({ points, isBars }: Series): string {
  return count(isBars ? points.reduce((sum, [, value]) => sum + value, 0) : (points.at(-1)?.[1] ?? 0));
}

/** One column of times, and the value of each series at each; null where it has none. */
export function aligned(series: readonly Pick<Series, "points">[]): uPlot.AlignedData {
  const times = [...new Set(series.flatMap(({ points }) => points.map(([at]) => at)))].sort((a, b) => a - b);
  const columns = series.map(({ points }) => {
    const values = new Map(points.map(([at, value]) => [at, value]));
    return times.map((at) => values.get(at) ?? null);
  });
  return [times.map((at) => at / 1000), ...columns];
}

function optionsOf(series: readonly Series[], element: HTMLElement, range: () => [number, number]): uPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const axis = { stroke: color("muted"), grid: { stroke: color("line"), width: 1 }, ticks: { show: false }, font: "11px system-ui" };
  return {
    width: Math.max(200, Math.floor(element.clientWidth)),
    height,
    legend: { show: false },
    cursor: { y: false, points: { size: 6 } },
    padding: [8, 16, 0, 0],
    scales: { x: { time: true, range }, y: { range: (_, __, max) => [0, Math.max(1, Math.ceil((max || 1) * 1.15))] } },
    axes: [
      { ...axis, size: 26, space: 70, values: "{HH}:{mm}" },
      { ...axis, size: 34, space: 30, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10_000] },
    ],
    series: [
      {},
      ...series.map(({ label, color: name, isBars }) => ({
        label,
        stroke: color(name),
        width: isBars ? 0 : 2,
        fill: isBars ? color(name) : `${color(name)}22`,
        spanGaps: true,
        points: { show: false },
        ...(isBars && { paths: uPlot.paths.bars?.({ size: [0.7, 12, 2] }) }),
      })),
    ],
  };
}
