import { S3Client } from "@aws-sdk/client-s3";
import { SNSClient } from "@aws-sdk/client-sns";
import { atAddress } from "../../aws/atAddress";
import type { CloudContext } from "../ports";
import { sessionName } from "./executionRole";

/** What SageMaker does in a user's account, it does as the execution role: one pair of clients for each. */
export class RoleClients {
  private readonly byRole = new Map<string, { s3: S3Client; sns: SNSClient }>();

  constructor(private readonly context: CloudContext) {}

  as(roleArn: string): { s3: S3Client; sns: SNSClient } {
    const known = this.byRole.get(roleArn);
    if (known) return known;
    const settings = {
      ...atAddress(this.context.endpointUrl),
      region: this.context.region,
      credentials: this.context.credentialsFor(roleArn, sessionName),
      // A refusal is final on a loopback port; waiting for it would be on the wall's clock.
      maxAttempts: 1,
      requestHandler: { httpAgent: { keepAlive: true, maxSockets: 200 } },
    };
    const clients = {
      s3: new S3Client({ ...settings, requestChecksumCalculation: "WHEN_REQUIRED", responseChecksumValidation: "WHEN_REQUIRED" }),
      sns: new SNSClient(settings),
    };
    this.byRole.set(roleArn, clients);
    return clients;
  }

  /** Closes kept-alive connections. */
  close(): void {
    for (const { s3, sns } of this.byRole.values()) {
      s3.destroy();
      sns.destroy();
    }
  }
}
