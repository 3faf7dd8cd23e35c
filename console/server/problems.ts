import { AsyncInferenceError } from "../../client/errors";
import type { ProblemAnswer } from "../contract";

/** A request that can't be done, with the status to answer. */
export interface Refusal {
  status: number;
  code: string;
  message: string;
  advice: string;
}

const refusals = new WeakSet<object>();

/** Makes an error that answers a request. */
export function refusal(status: number, code: string, message: string, advice = ""): Error & Refusal {
  const error = Object.assign(new Error(message), { status, code, advice });
  refusals.add(error);
  return error;
}

/** What an error is to whoever asked. */
export function problemIn(error: unknown): { status: number; answer: ProblemAnswer } {
  if (typeof error === "object" && error !== null && refusals.has(error)) {
    const { status, code, message, advice } = error as Refusal;
    return { status, answer: { error: { code, message, advice } } };
  }
  if (error instanceof AsyncInferenceError) {
    const { code, message, advice } = error;
    const status = { NOT_FOUND: 404, ACCESS_DENIED: 403, BAD_INPUT: 400, CONFLICT: 409, THROTTLED: 429, LIMIT: 429 }[code as string] ?? 502;
    return { status, answer: { error: { code, message, advice } } };
  }
  const { name, message } = error instanceof Error ? error : { name: "Error", message: String(error) };
  const isDenied = /AccessDenied|NotAuthorized|not authorized/i.test(`${name} ${message}`);
  return { status: isDenied ? 403 : 502, answer: { error: { code: isDenied ? "ACCESS_DENIED" : name, message, advice: "" } } };
}

/** The same in one sentence. */
export function messageIn(error: unknown): string {
  const { message, advice } = problemIn(error).answer.error;
  return advice === "" ? message : `${message} ${advice}`;
}
