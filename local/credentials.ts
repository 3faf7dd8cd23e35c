import { randomBytes } from "node:crypto";
import type { AwsCredentialIdentity } from "@aws-sdk/types";

/** The keys of one embedded cloud: who acts under which role. */
export class Credentials {
  private readonly byRole = new Map<string, AwsCredentialIdentity>();
  private readonly roles = new Map<string, string>();

  /** Keys that act as the role; the same each time. */
  issue(roleArn: string): AwsCredentialIdentity {
    const known = this.byRole.get(roleArn);
    if (known) return known;
    const identity = {
      // ASIA is how the keys of a role begin, AKIA those of a user.
      accessKeyId: `ASIA${randomBytes(8).toString("hex").toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString("base64"),
      sessionToken: randomBytes(48).toString("base64"),
    };
    this.byRole.set(roleArn, identity);
    this.roles.set(identity.accessKeyId, roleArn);
    return identity;
  }

  /** ARN of the role that the key acts as; undefined for keys that were not issued here: those of the cloud's owner. */
  roleArnOf(accessKeyId: string | undefined): string | undefined {
    return accessKeyId === undefined ? undefined : this.roles.get(accessKeyId);
  }
}
