import { randomBytes } from "node:crypto";
import type { AwsCredentialIdentity } from "@aws-sdk/types";

/** Under which role a key acts. */
export interface RoleSession {
  roleArn: string;
  sessionName: string;
  /** Milliseconds of the cloud's clock; undefined for keys that a service renews by itself. */
  expiresAt?: number;
}

/** The keys of one embedded cloud: who acts under which role. */
export class Credentials {
  private readonly lasting = new Map<string, AwsCredentialIdentity>();
  private readonly sessions = new Map<string, RoleSession>();
  private readonly tokens = new Map<string, string>();

  /** Keys under which a service or a Lambda acts as the role, for as long as the cloud lives; the same each time. */
  issue(roleArn: string, sessionName = "embedded"): AwsCredentialIdentity {
    const name = `${roleArn} ${sessionName}`;
    const known = this.lasting.get(name);
    if (known) return known;
    const identity = this.assume({ roleArn, sessionName });
    this.lasting.set(name, identity);
    return identity;
  }

  /** New keys of a session of its own. */
  assume(session: RoleSession): AwsCredentialIdentity {
    const identity = {
      // ASIA is how the keys of a role begin, AKIA those of a user.
      accessKeyId: `ASIA${randomBytes(8).toString("hex").toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString("base64"),
      sessionToken: randomBytes(48).toString("base64"),
    };
    this.sessions.set(identity.accessKeyId, session);
    this.tokens.set(identity.accessKeyId, identity.sessionToken);
    return identity;
  }

  /** Undefined for keys that were not issued here: those of the cloud's owner. */
  sessionOf(accessKeyId: string | undefined): RoleSession | undefined {
    return accessKeyId === undefined ? undefined : this.sessions.get(accessKeyId);
  }

  /** Whether the token is the one that a key was issued with. */
  hasToken(accessKeyId: string, sessionToken: string | undefined): boolean {
    return this.tokens.get(accessKeyId) === sessionToken;
  }
}
