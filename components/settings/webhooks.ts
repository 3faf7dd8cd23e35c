import type * as pulumi from "@pulumi/pulumi";
import { terminalStates } from "../../core/records/job";
import type { Setting } from "./setting";

/** A receiver of job ends. */
export interface Webhook {
  /** Where each end is POSTed to: https, without user, password and fragment; http to this machine only, for the embedded cloud. */
  url: string;
  /** What requests are signed with: `whsec_` and the base64 of 24 to 64 random bytes. One for each receiver. */
  secret: pulumi.Input<string>;
  /** What was `secret` before a rotation: signed with too, until it is taken away. */
  formerSecret?: pulumi.Input<string>;
  /**
   * Ends that it gets.
   *
   * @default every end
   */
  states?: (typeof terminalStates)[number][];
  /**
   * Whether the receiver may have an address of a private network, which functions reach with `functionsInVpc` only.
   *
   * @default false
   */
  privateAllowed?: boolean;
}

/** Authority of an URL to the outside, or to this machine. Link-local addresses are where machines keep their credentials. */
const outside = String.raw`https:\/\/(?!169\.254\.|\[)[A-Za-z0-9.-]+`;
const here = String.raw`http:\/\/(127\.0\.0\.1|localhost)`;

const secret = {
  type: "string",
  pattern: /^whsec_(?=[A-Za-z0-9+/]{32,86}={0,2}$)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
  accepts: "whsec_ and the base64 of 24 to 64 random bytes: echo whsec_$(openssl rand -base64 32)",
  secret: "always",
} as const satisfies Partial<Setting>;

/** The members of each of the setting `webhooks`. */
export const webhookFields = {
  url: {
    type: "string",
    pattern: new RegExp(`^(${outside}|${here})(:\\d{1,5})?([/?][^\\s#]*)?$`),
    maximumLength: 1024,
    required: true,
    accepts: "an https URL without user, password and #, such as https://shop.example.com/jobs",
    description: "Where each end is POSTed to",
  },
  secret: { ...secret, required: true, description: "What requests are signed with" },
  formerSecret: { ...secret, description: "What was secret before a rotation, with which requests are signed too" },
  states: {
    type: "strings",
    values: terminalStates,
    minimumItems: 1,
    accepts: `a list of one or more of ${terminalStates.join(", ")}`,
    description: "Ends that it gets",
    leftOut: "every end",
  },
  privateAllowed: {
    type: "boolean",
    default: false,
    description: "Whether the receiver may be in a private network, which takes functionsInVpc",
  },
} as const satisfies Record<keyof Webhook, Setting>;

/** Whether a webhook leads to the machine itself, which only the embedded cloud's functions share with its receiver. */
export function isHere(url: unknown): boolean {
  return typeof url === "string" && url.startsWith("http:");
}
