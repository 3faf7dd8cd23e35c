import { contract } from "./contract";
import { raise } from "./mends";
/** Bytes as people read them. */
export function bytesText(bytes) {
  return `${bytes.toLocaleString("en-US")} bytes`;
}
/** A span of time as people read it. */
export function secondsText(milliseconds) {
  return milliseconds < 995 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
/** What became of a request, as a part of a sentence. */
export function outcomeText(exchange, bodyBytes = 0) {
  const { outcome, phase, status, contentLength, sentBytes, receivedBytes, problem } = exchange;
  const time = secondsText(exchange.milliseconds);
  const part = sentBytes < bodyBytes ? `${sentBytes.toLocaleString("en-US")} of ${bytesText(bodyBytes)} sent` : "all sent";
  const sent = bodyBytes === 0 ? "" : ` (${part})`;
  const received = `${receivedBytes.toLocaleString("en-US")} of ${contentLength === undefined ? "an unknown number of bytes" : bytesText(contentLength)}`;
  switch (outcome) {
    case "answered":
      return `${status}${succeeded(exchange) || exchange.start.trim() === "" ? "" : ` "${excerpt(exchange.start)}"`} after ${time}`;
    case "refused":
      return "nothing listens";
    case "left":
      return "left on purpose";
    case "silent":
      if (phase === "answering") return `half an answer: ${received} within ${time}`;
      return phase === "connecting" ? `no connection within ${time}` : `no answer within ${time}${sent}`;
    case "closed": {
      if (phase === "answering") return `the answer broke off after ${received}`;
      const parser = problem !== undefined && /^Parse Error/.test(problem) ? `no HTTP (${problem})` : undefined;
      return parser ?? `connection closed without an answer after ${time}${sent}`;
    }
  }
}
/** Others' words in a sentence of ours: printable, short. */
export function excerpt(text) {
  const plain = text
    .replace(/[\0-\x1f\x7f-\x9f\s]+/g, " ")
    .replaceAll('"', "'")
    .trim();
  return plain.length > 90 ? `${plain.slice(0, 89)}…` : plain;
}
/** Whether the model has answered as for a job that completes. */
export function succeeded({ outcome, status }) {
  return outcome === "answered" && status !== undefined && status >= 200 && status < 300;
}
/** Whether an answer says that the model did not run, and may later. */
export function refusedForNow({ outcome, status }) {
  return outcome === "refused" || outcome === "closed" || status === 503 || status === 429;
}
/** Whether the model's words are about the input: it ran, or could have. */
export function aboutTheInput({ outcome, status }) {
  return outcome === "answered" && status !== undefined && status >= 400 && status < 500 && status !== 429;
}
/** What makes a check possible that needs a model which answers. */
export function nameASample({ content, contentType }) {
  return content === undefined
    ? `${contentType} was generated. Name what the model takes: --sample FILE --content-type TYPE.`
    : "Name another file that the model takes with --sample.";
}
const lengthMend =
  "Send the whole answer with its Content-Length: not in chunks, no streaming response, no middleware that compresses. In Flask: return a bytes object.";
/** Content-Length on every answer of `/invocations`. */
export function judgeLength(answers) {
  const answered = answers.filter(({ status }) => status !== undefined);
  const without = answered.find(({ contentLength, chunked }) => contentLength === undefined || chunked);
  const check = { check: "Content-Length", needed: true };
  if (answered.length === 0) return { ...check, verdict: "could not be checked", seen: "there was no answer to look at" };
  if (without === undefined) {
    return { ...check, verdict: "holds", seen: `on ${answered.length === 1 ? "the answer" : `each of ${answered.length} answers`}` };
  }
  const how = without.chunked ? "it came in chunks (Transfer-Encoding)" : "it ended with the connection";
  return {
    ...check,
    verdict: "does not hold",
    seen: `an answer with status ${without.status} has none: ${how}; the job would fail`,
    mend: lengthMend,
  };
}
/** The bound on an answer's headers. */
export function judgeHeaders(answers) {
  const answered = answers.filter(({ status }) => status !== undefined);
  const check = { check: "headers", needed: true };
  if (answered.length === 0) return { ...check, verdict: "could not be checked", seen: "there was no answer to look at" };
  const most = Math.max(...answered.map(({ headersBytes }) => headersBytes));
  const bound = `at most ${contract.largestHeadersBytes.toLocaleString("en-US")} are allowed`;
  if (most <= contract.largestHeadersBytes) return { ...check, verdict: "holds", seen: `${bytesText(most)}, ${bound}` };
  return {
    ...check,
    verdict: "does not hold",
    seen: `${bytesText(most)}, ${bound}`,
    mend: "Send what is long in the body; drop cookies, tracing and debugging headers.",
  };
}
/** An input of a size, and an answer as large: two checks of one request. */
export function judgeSize(size, bodyBytes, got, small, sample, subject) {
  const into = { check: `${size.title} in`, needed: true };
  const out = { check: `${size.title} out`, needed: true };
  const seen = outcomeText(got, bodyBytes);
  const unknownOut = { ...out, verdict: "could not be checked", seen: `the input of ${size.title} has no answer to measure` };
  if (succeeded(got)) {
    const taken = { ...into, verdict: "holds", seen: `${bytesText(bodyBytes)} taken: ${seen}` };
    const answered = bytesText(got.receivedBytes);
    if (got.chunked || got.contentLength === undefined) {
      return [taken, { ...out, verdict: "does not hold", seen: `${answered} came without Content-Length`, mend: lengthMend }];
    }
    if (got.receivedBytes >= size.bytes) return [taken, { ...out, verdict: "holds", seen: `${answered} came back` }];
    return [
      taken,
      {
        ...out,
        verdict: "could not be checked",
        seen: `the answer has ${answered}`,
        mend: `A model that answers as much as it is sent would show it; else know that ${lower(raise("answerBytes", subject))}`,
      },
    ];
  }
  if (got.phase === "answering" && got.outcome !== "answered" && (got.status ?? 0) < 300) {
    return [
      { ...into, verdict: "holds", seen: `${bytesText(bodyBytes)} taken` },
      { ...out, verdict: "does not hold", seen, mend: raise("answerBytes", subject) },
    ];
  }
  if (got.status === 413) {
    return [{ ...into, verdict: "does not hold", seen: `refused: ${seen}`, mend: raise("requestBytes", subject) }, unknownOut];
  }
  if (aboutTheInput(got)) {
    const same = got.status === small.status ? ", as the small one" : "";
    return [{ ...into, verdict: "could not be checked", seen: `read, and answered ${seen}${same}`, mend: nameASample(sample) }, unknownOut];
  }
  if (got.status !== undefined && got.status === small.status) {
    return [
      {
        ...into,
        verdict: "could not be checked",
        seen: `answered ${seen}, as the small one: the model does not work`,
        mend: nameASample(sample),
      },
      unknownOut,
    ];
  }
  return [
    {
      ...into,
      verdict: "does not hold",
      seen,
      mend: `${raise("requestBytes", subject)} If the answer is as large: ${lower(raise("answerBytes", subject))}`,
    },
    unknownOut,
  ];
}
function lower(sentence) {
  return sentence.replace(/^(Raise|Set|No|The)\b/, (word) => word.toLowerCase());
}
/** Answers to `/ping` while a request was worked at. */
export function judgePings(how, pings) {
  const missed = pings.filter((ping) => ping.status !== 200 || ping.outcome !== "answered");
  const slowest = Math.max(0, ...pings.map(({ milliseconds }) => milliseconds));
  const check = { check: "/ping while busy", needed: true };
  const limit = contract.pingTimeoutMilliseconds / 1000;
  if (pings.length === 0) return { ...check, verdict: "could not be checked", seen: `${how}: it ended before /ping could be asked` };
  const first = missed[0];
  if (first === undefined) {
    return {
      ...check,
      verdict: "holds",
      seen: `${how}: ${pings.length} of ${pings.length} answered, the slowest after ${secondsText(slowest)}`,
    };
  }
  return {
    ...check,
    verdict: "does not hold",
    seen: `${how}: ${missed.length} of ${pings.length} not answered with 200 within ${limit} s (${outcomeText(first)}): the instance would be replaced, its jobs lost`,
    mend: "Answer /ping on another thread or process than the model's: ThreadingHTTPServer in the place of HTTPServer, --worker-class gthread --threads 4 with gunicorn, a run_in_threadpool or a plain def with FastAPI.",
  };
}
/** How long one request takes below which nothing can be said of a queue. */
export const shortestMeasuredMilliseconds = 50;
/**
 * How many requests a server works at together, by how long each of them took when all came at once; undefined when they got no slower one
 * by one: then it works at all of them. A server that is only slowed down answers all late; one with a queue answers the first in time.
 */
export function lanes(single, latencies) {
  const least = Math.min(...latencies);
  const most = Math.max(...latencies);
  if (latencies.length < 2 || most < 1.6 * single || least > 1.5 * single || most < 1.6 * least) return undefined;
  return Math.max(1, Math.round((latencies.length * single) / most));
}
/** Many requests at once. */
export function judgeConcurrency(count, configured, single, exchanges, subject, sample) {
  const beyond = count > configured;
  const check = { check: `${count} at once`, needed: !beyond };
  const bad = exchanges.filter((each) => !succeeded(each) && !aboutTheInput(each));
  const latencies = exchanges
    .filter((each) => !bad.includes(each))
    .map(({ milliseconds }) => milliseconds)
    .sort((one, other) => one - other);
  const times = latencies.length === 0 ? "" : `, after ${spread(latencies)}`;
  const setTo = (most) => `Set maxConcurrentInvocationsPerInstance to ${most}, or raise the workers. ${raise("workers", subject)}`;
  const first = bad[0];
  if (first !== undefined) {
    const seen = `${latencies.length} of ${count} answered${times}; ${bad.length} not: ${outcomeText(first)}`;
    if (beyond && bad.every(({ status }) => status === 503 || status === 429)) {
      return { ...check, verdict: "holds", seen: `${seen}: refused clearly; SageMaker sends at most ${configured}` };
    }
    const least = Math.max(1, Math.min(configured, latencies.length));
    const mend = beyond ? "Answer 503 when the queue is full, or make it longer." : setTo(least);
    return { ...check, verdict: "does not hold", seen, mend };
  }
  const worked = lanes(single, latencies);
  if (worked !== undefined && worked < configured && single >= shortestMeasuredMilliseconds) {
    const queue = `${worked === 1 ? "one after the other" : `${worked} at a time`} inside the server (alone: ${secondsText(single)})`;
    return {
      ...check,
      verdict: beyond ? "holds" : "does not hold",
      seen: `all answered${times}: ${queue}${beyond ? "" : "; SageMaker counts the time in that queue as the model's"}`,
      ...(!beyond && { mend: setTo(worked) }),
    };
  }
  if (single < shortestMeasuredMilliseconds && !beyond && count > 1) {
    return {
      ...check,
      verdict: "could not be checked",
      seen: `all answered${times}: too quick to tell whether they queue (alone: ${secondsText(single)})`,
      mend:
        sample.content === undefined
          ? "Name an input that the model computes for a second or more: --slow-sample FILE."
          : "Name one that the model computes for longer: --slow-sample FILE.",
    };
  }
  return { ...check, verdict: "holds", seen: `all answered${times}${count > 1 ? ` (alone: ${secondsText(single)})` : ""}` };
}
function spread(latencies) {
  if (latencies.length <= 4) return latencies.map(secondsText).join(", ");
  return `${secondsText(latencies[0])} to ${secondsText(latencies.at(-1))}`;
}
/** A request as long as the longest job. */
export function judgeLong(seconds, got, sample, subject) {
  const check = { check: seconds === undefined ? "a long request" : `a request of ${seconds} s`, needed: true };
  const took = got.milliseconds / 1000;
  if (succeeded(got)) {
    if (seconds !== undefined && took >= seconds) return { ...check, verdict: "holds", seen: outcomeText(got) };
    return {
      ...check,
      verdict: "could not be checked",
      seen: `the longest request here took ${secondsText(got.milliseconds)}`,
      mend:
        seconds === undefined
          ? "Say how long a job may take, and what makes the model take so long: --seconds N --slow-sample FILE."
          : `Name an input that the model computes for ${seconds} s or more: --slow-sample FILE.`,
    };
  }
  if (aboutTheInput(got))
    return { ...check, verdict: "could not be checked", seen: `answered ${outcomeText(got)}`, mend: nameASample(sample) };
  return {
    ...check,
    verdict: "does not hold",
    seen: `${outcomeText(got)}: cut off, or the model failed`,
    mend: raise("requestSeconds", subject),
  };
}
/** Memory after each so many requests. */
export function judgeMemory(samples, requests, wanted, growing) {
  const check = { check: "memory", needed: false };
  const [first = 0] = samples;
  const last = samples.at(-1) ?? 0;
  const middle = samples[Math.floor(samples.length / 2)] ?? first;
  const seen = `${mebibytes(first)} at first, ${mebibytes(middle)} halfway, ${mebibytes(last)} after ${requests} requests`;
  if (requests < wanted) {
    return {
      ...check,
      verdict: "could not be checked",
      seen: `${seen}; ${wanted} were too many for the time`,
      mend: "Name a quicker sample, or raise --timeout.",
    };
  }
  if (!growing) return { ...check, verdict: "holds", seen };
  return {
    ...check,
    verdict: "does not hold",
    seen: `${seen}: it grows with the requests`,
    mend: "Look for lists and caches that keep inputs or results; let the server restart its workers now and then (gunicorn: --max-requests 1000 --max-requests-jitter 100).",
  };
}
function mebibytes(bytes) {
  return `${Math.round(bytes / 1024 / 1024).toLocaleString("en-US")} MiB`;
}
/** SIGTERM with a request in flight. */
export function judgeTermination(inFlight, goneAfterMilliseconds) {
  const check = { check: "SIGTERM", needed: false };
  const end =
    goneAfterMilliseconds === undefined
      ? "it still runs after 30 s, and would be killed"
      : `gone after ${secondsText(goneAfterMilliseconds)}`;
  if (succeeded(inFlight) && goneAfterMilliseconds !== undefined) {
    return { ...check, verdict: "holds", seen: `the request in flight was finished; ${end}` };
  }
  const cut = succeeded(inFlight) ? "the request in flight was finished" : `the request in flight was cut: ${outcomeText(inFlight)}`;
  return {
    ...check,
    verdict: "does not hold",
    seen: `${cut}; ${end}`,
    mend: "Finish what runs, take nothing new, then end. Without that only the rule that no scale-in meets a job saves the work.",
  };
}
/** Whether a server that says that it is healthy is: its first request, and those before that failed. */
export function judgeTruth(got, failures, ping, milliseconds, sample, subject) {
  const check = { check: "/ping tells the truth", needed: true };
  const [first] = failures;
  if (first === undefined) {
    if (got.outcome === "silent") return { ...check, verdict: "could not be checked", seen: "the first request has no answer" };
    return { ...check, verdict: "holds", seen: "the first request after its 200 was answered" };
  }
  const healthy = ping.status === 200 ? "/ping still answers 200" : `/ping: ${outcomeText(ping)}`;
  if (succeeded(got) || aboutTheInput(got)) {
    return {
      ...check,
      verdict: "does not hold",
      seen: `after its 200 requests failed for ${secondsText(milliseconds)}: ${outcomeText(first)}`,
      mend: `Answer /ping with 503 until the model is loaded. ${raise("loadingSeconds", subject)}`,
    };
  }
  return {
    ...check,
    verdict: ping.status === 200 ? "does not hold" : "could not be checked",
    seen: `${failures.length} of ${failures.length} requests failed (${outcomeText(got)}), and ${healthy}: a model that did not load looks healthy`,
    mend: `Let /ping fail when loading fails, or end the process. If the model only refuses this input: ${nameASample(sample)}`,
  };
}
/** The answer to the first request. @param said the server's last lines */
export function judgeAnswer(got, failures, sentBytes, sample, said) {
  const check = { check: "answer", needed: true };
  const seen = outcomeText(got, sentBytes);
  const tried = failures > 1 ? ` (${failures} times)` : "";
  if (succeeded(got)) return { ...check, verdict: "holds", seen: `${seen}, ${got.contentType ?? "no Content-Type"}` };
  if (aboutTheInput(got))
    return { ...check, verdict: "could not be checked", seen: `${seen}: the model did not take it`, mend: nameASample(sample) };
  const mend =
    got.outcome === "answered"
      ? `If it is the input: ${nameASample(sample)}`
      : "Answer each POST /invocations in whole, errors too: with a status, Content-Length and body. If it only takes longer: --timeout.";
  return { ...check, verdict: "does not hold", seen: `POST /invocations: ${seen}${tried}.${said}`, mend };
}
