import { createHash } from "node:crypto";
import type { CloudContext } from "../ports";

/** ARN of the key that AWS manages in the account for a service, such as `dynamodb`: the one behind `alias/aws/dynamodb`. */
export function managedKeyArn({ region, accountId }: Pick<CloudContext, "region" | "accountId">, service: string): string {
  const digits = createHash("sha256").update(`${accountId}/${region}/aws/${service}`).digest("hex");
  const id = [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`, `8${digits.slice(17, 20)}`, digits.slice(20, 32)];
  return `arn:aws:kms:${region}:${accountId}:key/${id.join("-")}`;
}
