// Before what formats numbers as it loads.
import "./locale";
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import "./page.css";
import { age } from "./format";
import { Empty } from "./empty";
import { Job } from "./job";
import { Jobs } from "./jobs";
import { Laptop } from "./laptop";
import { Letters } from "./letters";
import { Overview } from "./overview";
import { Notice } from "./parts";
import { Scaling } from "./scaling";
import { choose, connect, page } from "./server";
import { useStore } from "./store";

const places: readonly { path: string; name: string; isLaptops?: boolean }[] = [
  { path: "#/", name: "Overview" },
  { path: "#/jobs", name: "Jobs" },
  { path: "#/scaling", name: "Scaling" },
  { path: "#/letters", name: "Dead letters" },
  { path: "#/cloud", name: "Cloud", isLaptops: true },
];

function Page() {
  const hash = useHash();
  const connection = useStore(page, (value) => value.connection);
  const session = useStore(page, (value) => value.session);
  const service = useStore(page, (value) => value.service);
  const main = useRef<HTMLElement>(null);
  const path = hash.split("?")[0] ?? "";
  const place = path.startsWith("#/jobs") ? "#/jobs" : path;
  useEffect(() => {
    const name = path.startsWith("#/jobs/") ? path.slice(7) : (places.find((each) => each.path === place)?.name ?? "");
    document.title = `${name} · ${session?.services[service]?.name ?? "Asynchronous inference"}`;
  }, [path, session, service]);

  if (connection === "locked") return <Locked />;
  if (session === undefined) return connection === "lost" ? <Lost /> : <p class="loading first">Connecting …</p>;
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <Top place={place} />
      {connection === "lost" && <Lost />}
      <ReadProblem />
      <main id="main" ref={main} tabIndex={-1}>
        {session.services.length === 0 && !(place === "#/cloud" && session.isLaptop) ? (
          <Empty />
        ) : path.startsWith("#/jobs/") ? (
          <Job key={path} jobId={decodeURIComponent(path.slice(7))} />
        ) : place === "#/jobs" ? (
          <Jobs hash={hash} />
        ) : place === "#/scaling" ? (
          <Scaling />
        ) : place === "#/letters" ? (
          <Letters />
        ) : place === "#/cloud" && session.isLaptop ? (
          <Laptop />
        ) : (
          <Overview />
        )}
      </main>
      <Notice />
    </>
  );
}

function Top({ place }: { place: string }) {
  const session = useStore(page, (value) => value.session);
  const service = useStore(page, (value) => value.service);
  const letters = useStore(page, (value) => value.overview?.overview.deadLetters) ?? 0;
  const open = useStore(page, (value) => value.overview?.open.total) ?? 0;
  const speed = useStore(page, (value) => value.clock.speed);
  const connection = useStore(page, (value) => value.connection);
  if (session === undefined) return null;
  const shown = session.services[service];
  const badge = (path: string) => (path === "#/letters" ? letters : path === "#/jobs" ? open : 0);
  return (
    <header class="top">
      <div class="brand">
        <img src="/icon.svg" alt="" width="26" height="26" />
        {session.services.length > 1 ? (
          <select aria-label="Service" value={service} onChange={(event) => choose(Number(event.currentTarget.value))}>
            {session.services.map(({ name }, index) => (
              <option key={name} value={index}>
                {name}
              </option>
            ))}
          </select>
        ) : (
          <span class="service" title={shown?.endpointName}>
            {shown?.name}
          </span>
        )}
        <span class="region">{session.isLaptop ? "on this machine" : shown?.region}</span>
      </div>
      <nav aria-label="Pages">
        {places
          .filter(({ isLaptops }) => !isLaptops || session.isLaptop)
          .map(({ path, name }) => (
            <a key={path} href={path} aria-current={place === path ? "page" : undefined}>
              {name}
              {badge(path) > 0 && <span class={`badge ${path === "#/letters" ? "bad" : ""}`}>{badge(path)}</span>}
            </a>
          ))}
      </nav>
      <div class="end">
        {speed !== 1 && <span class="speed">{Math.round(speed)} ×</span>}
        <span class={`live ${connection}`}>{connection === "live" ? "Live" : connection === "lost" ? "Lost" : "Connecting"}</span>
        <Theme />
      </div>
    </header>
  );
}

/** Light, dark, or as the system is. */
function Theme() {
  const [theme, setTheme] = useState(localStorage.getItem("theme") ?? "");
  useEffect(() => {
    if (theme === "") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
    localStorage.setItem("theme", theme);
  }, [theme]);
  return (
    <select class="plain" aria-label="Colors" value={theme} onChange={(event) => setTheme(event.currentTarget.value)}>
      <option value="">Auto</option>
      <option value="light">Light</option>
      <option value="dark">Dark</option>
    </select>
  );
}

function Lost() {
  const lostAt = useStore(page, (value) => value.lostAt) ?? Date.now();
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  return (
    <p class="banner bad" role="alert">
      The page has lost its server{now - lostAt < 2000 ? "" : `, ${age(now - lostAt)} ago`}. What is shown is from before; it goes on by
      itself when the server is back.
    </p>
  );
}

function ReadProblem() {
  const problem = useStore(page, (value) => value.problem);
  return problem === undefined ? null : (
    <p class="banner warn" role="status">
      Could not be read just now: {problem}
    </p>
  );
}

function Locked() {
  const because = useStore(page, (value) => value.lockedBecause);
  return (
    <main class="locked">
      <img src="/icon.svg" alt="" width="48" height="48" />
      <h1>This page is locked</h1>
      <p>{because}</p>
      <p class="muted">Each address lets one browser in. The terminal that runs the console prints the next one as soon as one is used.</p>
    </main>
  );
}

function useHash(): string {
  // The address that lets a browser in has a token there.
  const current = () => (location.hash.startsWith("#/") ? location.hash : "#/");
  const [hash, setHash] = useState(current());
  useEffect(() => {
    const look = () => setHash(current());
    addEventListener("hashchange", look);
    return () => removeEventListener("hashchange", look);
  }, []);
  return hash;
}

const theme = localStorage.getItem("theme");
if (theme) document.documentElement.dataset["theme"] = theme;
render(<Page />, document.getElementById("page") as HTMLElement);
void connect();
