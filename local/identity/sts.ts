import { randomUUID } from "node:crypto";
import * as z from "zod";
import type { Credentials } from "../credentials";
import type { CloudContext } from "../ports";
import { escapeXml } from "../protocol";
import { notSupported, ServiceError, type Service } from "../wire";
import type { Roles } from "./roles";

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
const assumeRole = z.strictObject({
  Action: z.string(),
  Version: z.string().optional(),
  RoleArn: z.string(),
  RoleSessionName: z.string().regex(/^[\w+=,.@-]{2,64}$/),
  DurationSeconds: z.coerce.number().int().min(900).max(43_200).default(3600),
  ExternalId: z.string().optional(),
});

/** STS: who calls, and keys that act as a role, whose trust policy the front has asked already. */
export function stsService(context: CloudContext, credentials: Credentials, roles: Roles): Service {
  const { accountId, clock } = context;
  const root = { arn: `arn:aws:iam::${accountId}:root`, userId: accountId };

  const operations: Record<string, (form: object, accessKeyId: string | undefined) => string> = {
    GetCallerIdentity: (_, accessKeyId) => {
      const session = credentials.sessionOf(accessKeyId);
      const { arn, userId } = session === undefined ? root : roles.callerOf(session);
      return `<Arn>${escapeXml(arn)}</Arn><UserId>${escapeXml(userId)}</UserId><Account>${accountId}</Account>`;
    },
    AssumeRole: (form) => {
      const { RoleArn: roleArn, RoleSessionName: sessionName, DurationSeconds } = readForm(form);
      // As on AWS, whole seconds.
      const expiresAt = Math.floor(clock.now() / 1000) * 1000 + DurationSeconds * 1000;
      const { accessKeyId, secretAccessKey, sessionToken = "" } = credentials.assume({ roleArn, sessionName, expiresAt });
      const { arn, userId } = roles.callerOf({ roleArn, sessionName });
      return (
        `<Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>` +
        `<SessionToken>${sessionToken}</SessionToken><Expiration>${new Date(expiresAt).toISOString()}</Expiration></Credentials>` +
        `<AssumedRoleUser><AssumedRoleId>${escapeXml(userId)}</AssumedRoleId><Arn>${escapeXml(arn)}</Arn></AssumedRoleUser>`
      );
    },
  };

  return async ({ body, accessKeyId }) => {
    const form = Object.fromEntries(new URLSearchParams(body.toString()));
    const action = form["Action"] ?? "";
    const answer = Object.hasOwn(operations, action) ? operations[action] : undefined;
    if (!answer) throw notSupported(`STS's ${action}`);
    return {
      status: 200,
      headers: { "content-type": "text/xml" },
      body:
        `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${answer(form, accessKeyId)}</${action}Result>` +
        `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`,
    };
  };
}

function readForm(form: object): z.infer<typeof assumeRole> {
  const parsed = assumeRole.safeParse(form);
  if (parsed.success) return parsed.data;
  const unknown = parsed.error.issues.flatMap((issue) => (issue.code === "unrecognized_keys" ? issue.keys : []));
  if (unknown.length > 0) throw notSupported(`${unknown.join(", ")} of STS's AssumeRole`);
  const problems = parsed.error.issues.map((issue) => `'${issue.path.join(".")}' failed to satisfy constraint: ${issue.message}`);
  throw new ServiceError("ValidationError", `${problems.length} validation error(s) detected: ${problems.join("; ")}`);
}
