import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { serviceNow, page } from "./server";
import { states } from "./format";
import { useStore } from "./store";

/** Draws anew once per second: for ages and spans. */
export function useNow(milliseconds = 1000): number {
  const [now, setNow] = useState(serviceNow());
  useEffect(() => {
    const timer = setInterval(() => setNow(serviceNow()), milliseconds);
    return () => clearInterval(timer);
  }, [milliseconds]);
  return now;
}

/** A job's state. */
export function State({ state, code }: { state: string; code?: string | undefined }) {
  const { label, tone } = states[state] ?? { label: state, tone: "off" };
  return (
    <span class={`state ${tone}`}>
      <span class="dot" aria-hidden="true" />
      {label}
      {code !== undefined && code !== state && <span class="code">{code}</span>}
    </span>
  );
}

/** A part of a page with a heading. */
export function Card(props: { title: string; aside?: ComponentChildren; class?: string; children: ComponentChildren }) {
  const id = `h-${props.title.toLowerCase().replace(/\W+/g, "-")}`;
  return (
    <section class={`card ${props.class ?? ""}`} aria-labelledby={id}>
      <header>
        <h2 id={id}>{props.title}</h2>
        {props.aside !== undefined && <div class="aside">{props.aside}</div>}
      </header>
      {props.children}
    </section>
  );
}

/** A figure. */
export function Figure(props: { label: string; value: ComponentChildren; detail?: ComponentChildren; tone?: string; id?: string }) {
  return (
    <div class={`figure ${props.tone ?? ""}`}>
      <dt>{props.label}</dt>
      <dd data-figure={props.id}>{props.value}</dd>
      {props.detail !== undefined && <dd class="detail">{props.detail}</dd>}
    </div>
  );
}

/** What is wrong, and what to do. */
export function Trouble({ children }: { children: ComponentChildren }) {
  return <p class="trouble">{children}</p>;
}

/** A button whose press is asked about: what will happen stands in the question. */
export function Confirmed(props: {
  label: string;
  title: string;
  children: ComponentChildren;
  confirm: string;
  tone?: "danger";
  run: () => Promise<unknown>;
  disabled?: boolean;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [isBusy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    await props.run();
    setBusy(false);
    dialog.current?.close();
  };
  const titleId = `q-${props.label.toLowerCase().replace(/\W+/g, "-")}`;
  return (
    <>
      <button type="button" class={props.tone ?? ""} disabled={props.disabled} onClick={() => dialog.current?.showModal()}>
        {props.label}
      </button>
      <dialog ref={dialog} aria-labelledby={titleId}>
        <h2 id={titleId}>{props.title}</h2>
        <div class="question">{props.children}</div>
        <div class="buttons">
          <button type="button" onClick={() => dialog.current?.close()}>
            Go back
          </button>
          <button type="button" class={props.tone === "danger" ? "danger solid" : "solid"} disabled={isBusy} onClick={() => void run()}>
            {props.confirm}
          </button>
        </div>
      </dialog>
    </>
  );
}

/** What the last action came to; read out as it appears. */
export function Notice() {
  const notice = useStore(page, (value) => value.notice);
  useEffect(() => {
    if (notice === undefined || notice.isProblem) return;
    const timer = setTimeout(() => page.set({ notice: undefined }), 8000);
    return () => clearTimeout(timer);
  }, [notice]);
  return (
    <div role="status" class="notices">
      {notice !== undefined && (
        <div class={`notice ${notice.isProblem ? "bad" : ""}`}>
          <span>{notice.text}</span>
          {notice.jobId !== undefined && <a href={`#/jobs/${notice.jobId}`}>Show it</a>}
          <button type="button" class="plain" aria-label="Dismiss" onClick={() => page.set({ notice: undefined })}>
            ×
          </button>
        </div>
      )}
    </div>
  );
}
