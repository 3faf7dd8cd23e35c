// Draws the plans that stand in the page as JSON. Runs in the browser only, from one file, without the network.
(() => {
  const plans = JSON.parse(document.getElementById("data").textContent);
  const main = document.getElementById("plans");
  const charts = [];

  /** An element with its class, and text or elements in it: text is never markup. */
  const element = (name, className, ...content) => {
    const made = document.createElement(name);
    if (className) made.className = className;
    made.append(...content.filter((each) => each !== undefined));
    return made;
  };
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const translucent = (hex) => `${hex}26`;

  const waitOf = (seconds) => {
    if (seconds == null) return "–";
    if (seconds < 90) return `${Math.round(seconds)} s`;
    return seconds < 5400 ? `${(seconds / 60).toFixed(seconds < 600 ? 1 : 0)} min` : `${(seconds / 3600).toFixed(1)} h`;
  };
  const number = (value) => (value == null ? "–" : value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3))));

  /** What every chart has: colours of the theme, no jumping when a value is hovered. */
  const axis = (more) => ({
    stroke: colour("dim"),
    grid: { stroke: colour("line"), width: 1 },
    ticks: { stroke: colour("line"), width: 1 },
    font: "12px system-ui, sans-serif",
    ...more,
  });
  const today = (more) => ({ label: "today", stroke: colour("today"), width: 1.5, points: { show: false }, ...more });
  const best = (plan, more) => ({ label: plan.chosenLabel, stroke: colour("best"), width: 2, points: { show: false }, ...more });
  const withChosen = (plan, list, added) => (plan.hasChosen ? [...list, added] : list);

  /** A chart that is drawn again when theme or width change. */
  const chart = (place, height, optionsOf, dataOf) => {
    let plot;
    const width = () => Math.max(240, place.clientWidth);
    const draw = () => {
      plot?.destroy();
      plot = new uPlot({ width: width(), height, ...optionsOf() }, dataOf(), place);
    };
    draw();
    new ResizeObserver(() => plot.setSize({ width: width(), height })).observe(place);
    charts.push(draw);
  };

  const card = (className, title, note, ...content) =>
    element("section", `card ${className}`, element("h2", "", title), note ? element("p", "dim", ...[note].flat()) : undefined, ...content);
  /** What only a reader at a screen can do: paper leaves it out. */
  const onScreen = (text) => element("span", "onscreen", text);

  const hourSeconds = 3600;
  /** Dates and hours as in the tables: the day where it begins, the hour between. */
  const moments = [
    [24 * hourSeconds, "{MM}-{DD}", null, null, null, null, null, null, 1],
    [60, "{HH}:{mm}", "\n{MM}-{DD}", null, "\n{MM}-{DD}", null, null, null, 1],
  ];
  const timeAxes = (label) => [
    axis({ values: moments }),
    axis({
      incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000],
      size: 52,
      label,
      labelSize: 18,
      labelFont: "12px system-ui, sans-serif",
    }),
  ];

  const overTime = (plan) => {
    const { startsAt, secondsPerPoint, today: now, chosen } = plan.series;
    const times = now.instances.map((_, index) => startsAt / 1000 + index * secondsPerPoint);
    const sync = uPlot.sync(`${plan.name}-${plans.indexOf(plan)}`);
    const cursor = { sync: { key: sync.key, scales: ["x", null] }, drag: { x: true, y: false } };
    const utc = (at) => uPlot.tzDate(new Date(at * 1000), "Etc/UTC");
    const step = uPlot.paths.stepped({ align: 1 });
    const places = [element("div", "chart instances"), element("div", "chart backlog")];
    const draw = (place, kind, label, fill) =>
      chart(
        place,
        kind === "instances" ? 210 : 180,
        () => ({
          cursor,
          tzDate: utc,
          axes: timeAxes(label),
          scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.05)] } },
          series: withChosen(
            plan,
            [
              { label: "time", value: "{YYYY}-{MM}-{DD} {HH}:{mm}" },
              today({ paths: step, fill: fill ? translucent(colour("today")) : undefined, value: (_, value) => number(value) }),
            ],
            best(plan, { paths: step, fill: fill ? translucent(colour("best")) : undefined, value: (_, value) => number(value) }),
          ),
        }),
        () => withChosen(plan, [times, now[kind]], chosen?.[kind]),
      );
    const draws = () => {
      draw(places[0], "instances", "instances", true);
      draw(places[1], "backlog", "waiting jobs", false);
    };
    const section = card(
      "wide",
      "Instances and waiting jobs",
      [onScreen("Drag to look closer, double-click for all of it. "), "Times are UTC; the worst case of the band."],
      ...places,
    );
    return [section, draws];
  };

  const waitMarks = { x: [1, 10, 60, 300, 1200, 3600, 21_600], y: [1, 10, 60, 120, 300, 600, 1200, 2400, 3600, 7200, 21_600] };
  /** Room for a label, and what beside the plot is none, in pixels. */
  const label = { wide: 52, beside: 70 };
  const labelsIn = (plot) => Math.max(2, Math.floor((plot.width - label.beside) / label.wide));
  /** Of marks on a scale of powers those that have room for their label beside the one before. */
  const apart = (plot, marks, { min, max }) => {
    const room = Math.log(max / min) / labelsIn(plot);
    let last = -Infinity;
    return marks.filter((at) => Math.log(at) - last >= room && (last = Math.log(at)) > -Infinity);
  };
  const waitAxis = (more, scale) =>
    axis({
      splits: (plot) => {
        const marks = waitMarks[scale].filter((at) => at >= plot.scales[scale].min && at <= plot.scales[scale].max);
        return scale === "x" ? apart(plot, marks, plot.scales.x) : marks;
      },
      filter: (_, splits) => splits,
      values: (_, splits) => splits.map(waitOf),
      ...more,
    });
  const waits = (plan) => {
    const place = element("div", "chart waits");
    const share = (_, value) => (value == null ? "–" : `${value.toFixed(1)} %`);
    const draw = () =>
      chart(
        place,
        240,
        () => ({
          axes: [waitAxis({}, "x"), axis({ size: 52, values: (_, splits) => splits.map((at) => `${at} %`) })],
          scales: { x: { time: false, distr: 3 }, y: { range: [0, 100] } },
          series: withChosen(
            plan,
            [{ label: "waited up to", value: (_, value) => waitOf(value) }, today({ value: share })],
            best(plan, { value: share }),
          ),
        }),
        () => withChosen(plan, [plan.waits.upToSeconds, plan.waits.today], plan.waits.chosen),
      );
    return [card("", "Waiting time", "Share of the jobs that waited at most so long.", place), draw];
  };

  const byDay = (plan) => {
    const place = element("div", "chart days");
    const { days, today: now, chosen, unit } = plan.byDay;
    const bars = (align) => uPlot.paths.bars({ size: [plan.hasChosen ? 0.4 : 0.7, 40], align: plan.hasChosen ? align : 0 });
    const draw = () =>
      chart(
        place,
        240,
        () => ({
          axes: [
            axis({
              values: (_, splits) => splits.map((at) => days[at] ?? ""),
              splits: (plot) => labelled(days.length, Math.min(8, labelsIn(plot))),
            }),
            axis({ size: 56 }),
          ],
          scales: { x: { time: false, range: [-0.7, days.length - 0.3] }, y: { range: (_, __, most) => [0, most * 1.05 || 1] } },
          series: withChosen(
            plan,
            [
              { label: "day", value: (_, at) => days[at] ?? "–" },
              today({ paths: bars(-1), fill: translucent(colour("today")), value: (_, value) => number(value) }),
            ],
            best(plan, { paths: bars(1), fill: translucent(colour("best")), value: (_, value) => number(value) }),
          ),
        }),
        () => withChosen(plan, [days.map((_, index) => index), now], chosen),
      );
    return [card("", `Cost by day, ${unit}`, "What runs is paid for, whether it works or not; the worst case of the band.", place), draw];
  };
  const labelled = (count, most) =>
    Array.from({ length: count }, (_, index) => index).filter((index) => index % Math.ceil(count / most) === 0);

  const scatter = (plan) => {
    const place = element("div", "chart candidates");
    const words = element("p", "dim picked onscreen", "Point at a candidate to read its settings.");
    const points = plan.candidates;
    const only = (test) => points.map((point) => (test(point) ? Math.max(1, point.waitSeconds) : null));
    const dots = (label, stroke, size) => ({
      label,
      stroke,
      paths: () => null,
      points: { show: true, size, fill: stroke },
      value: (_, value) => waitOf(value),
    });
    const draw = () =>
      chart(
        place,
        280,
        () => ({
          axes: [axis({ label: plan.costUnit, labelSize: 18, labelFont: "12px system-ui, sans-serif" }), waitAxis({ size: 64 }, "y")],
          // Waits of seconds and of hours in one chart; what does not wait stands at a second.
          scales: { x: { time: false }, y: { distr: 3, range: (_, least, most) => [Math.max(1, least * 0.6), Math.max(60, most * 1.6)] } },
          series: [
            { label: plan.costUnit, value: (_, value) => number(value) },
            dots("candidates", colour("dim"), 5),
            {
              label: "nothing is better in both",
              stroke: colour("good"),
              width: 1.5,
              spanGaps: true,
              points: { show: true, size: 6, fill: colour("good") },
              value: (_, value) => waitOf(value),
            },
            dots("today", colour("today"), 11),
            ...(plan.hasChosen ? [dots(plan.chosenLabel, colour("best"), 11)] : []),
          ],
          hooks: {
            setCursor: [
              (plot) => {
                const point = points[plot.cursor.idx];
                if (point !== undefined)
                  words.textContent = `${point.settings}: p95 ${waitOf(point.waitSeconds)}, ${number(point.cost)} ${plan.costUnit}${point.lost > 0 ? `, ${point.lost} jobs lost` : ""}`;
              },
            ],
          },
        }),
        () => [
          points.map(({ cost }) => cost),
          only(() => true),
          only(({ pareto }) => pareto),
          only(({ current }) => current),
          ...(plan.hasChosen ? [only(({ chosen }) => chosen)] : []),
        ],
      );
    return [
      card(
        "wide",
        "Cost against waiting",
        "Each dot is one set of settings in its worst case: p95 wait upwards, cost to the right.",
        place,
        words,
      ),
      draw,
    ];
  };

  const table = (head, rows) => {
    const made = element("table", "", element("thead", "", element("tr", "", ...head.map((text) => element("th", "", text)))));
    made.append(element("tbody", "", ...rows));
    return element("div", "scroll", made);
  };
  const candidatesTable = (plan) =>
    card(
      "wide",
      "Candidates",
      undefined,
      table(
        plan.table.head,
        plan.table.rows.map(({ cells, chosen }) =>
          element(
            "tr",
            chosen ? "chosen" : "",
            ...cells.map((text, index) => element("td", index === cells.length - 1 ? "long" : "", text)),
          ),
        ),
      ),
    );
  const settingsTable = (plan) =>
    card(
      "wide",
      "Settings",
      plan.settingsFrom,
      table(
        ["", "today", ...(plan.hasChosen ? [plan.chosenLabel] : [])],
        plan.settings.map(({ name, today: now, chosen }) =>
          element(
            "tr",
            "",
            element("td", "", name),
            element("td", "", now),
            plan.hasChosen ? element("td", chosen === now ? "" : "changed", chosen) : undefined,
          ),
        ),
      ),
    );
  const hoursTable = (plan) =>
    card(
      "wide",
      "The worst hours of today",
      undefined,
      table(
        ["hour (UTC)", "jobs", "p95 today", ...(plan.hasChosen ? [`p95 ${plan.chosenLabel}`] : [])],
        plan.worstHours.map(({ at, jobs, today: now, then }) =>
          element(
            "tr",
            "",
            element("td", "", at),
            element("td", "", String(jobs)),
            element("td", "", waitOf(now)),
            plan.hasChosen ? element("td", "", waitOf(then)) : undefined,
          ),
        ),
      ),
    );

  for (const plan of plans) {
    const figures = plan.figures.map(({ name, today: now, chosen }) =>
      element(
        "div",
        "figure",
        element("p", "dim", name),
        element("p", "then", plan.hasChosen ? chosen : now),
        plan.hasChosen ? element("p", "now", `today ${now}`) : undefined,
      ),
    );
    const sections = [overTime(plan), waits(plan), byDay(plan), scatter(plan)];
    const verdict = card(
      "",
      plan.hasChosen ? plan.verdict : "What is recommended",
      undefined,
      element("p", `verdict${plan.unmet ? " unmet" : ""}`, plan.why),
      plan.set.length > 0 ? element("pre", "", plan.set.join("\n")) : undefined,
    );
    main.append(
      element(
        "article",
        "plan",
        element("h1", "", plan.name),
        ...plan.title.map((line) => element("p", "dim", line)),
        element("div", "figures", ...figures),
        verdict,
        element(
          "div",
          "grid",
          ...sections.map(([section]) => section),
          candidatesTable(plan),
          ...(plan.worstHours.length > 0 ? [hoursTable(plan)] : []),
          settingsTable(plan),
        ),
        element("div", "notes", ...plan.notes.map((line) => element("p", "dim", line))),
      ),
    );
    // Drawn once it stands in the page: before, it has no width.
    for (const [, draw] of sections) draw();
  }
  document.title = `Plan: ${plans.map(({ name }) => name).join(", ")}`;

  const redraw = () => charts.forEach((draw) => draw());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  // Printed colours are the page's light ones: charts are canvases and have to be drawn with them.
  matchMedia("print").addEventListener("change", redraw);
  document.documentElement.dataset.drawn = String(charts.length);
})();
