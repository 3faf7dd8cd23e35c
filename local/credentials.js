import { randomBytes } from "node:crypto";
/** The keys of one embedded cloud: who acts under which role. */
export class Credentials {
    lasting = new Map();
    sessions = new Map();
    tokens = new Map();
    /** Keys under which a service or a Lambda acts as the role, for as long as the cloud lives; the same each time. */
    issue(roleArn, sessionName = "embedded") {
        const name = `${roleArn} ${sessionName}`;
        const known = this.lasting.get(name);
        if (known)
            return known;
        const identity = this.assume({ roleArn, sessionName });
        this.lasting.set(name, identity);
        return identity;
    }
    /** New keys of a session of its own. */
    assume(session) {
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
    sessionOf(accessKeyId) {
        return accessKeyId === undefined ? undefined : this.sessions.get(accessKeyId);
    }
    /** Whether the token is the one that a key was issued with. */
    hasToken(accessKeyId, sessionToken) {
        return this.tokens.get(accessKeyId) === sessionToken;
    }
}
