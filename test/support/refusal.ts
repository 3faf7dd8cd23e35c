import { expect } from "chai";

/** How a service refuses a call: its error's name and message. Fails when it does not. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  const { name, message } = await errorOf(call);
  return `${name}: ${message}`;
}

/** As {@link refusal}, after the status of the answer over HTTP. */
export async function refusalWithStatus(call: Promise<unknown>): Promise<string> {
  const { name, message, $metadata } = await errorOf(call);
  return `${$metadata.httpStatusCode} ${name}: ${message}`;
}

async function errorOf(call: Promise<unknown>) {
  try {
    await call;
  } catch (error) {
    return error as Error & { $metadata: { httpStatusCode?: number } };
  }
  return expect.fail("was accepted");
}
