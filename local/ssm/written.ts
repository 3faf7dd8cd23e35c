import * as pages from "../pages";
import { ServiceError } from "../wire";
import type { ParameterVersion } from "./parameters";

/** What a caller did not ask to have decrypted looks like nothing that anybody can use. */
export function readable({ type, value, version }: ParameterVersion, isDecrypted: boolean): string {
  return type === "SecureString" && !isDecrypted ? Buffer.from(`encrypted version ${version}`).toString("base64") : value;
}

/** A version without its value, as lists have it. */
export function described(name: string, { type, keyId, version, modifiedAt, description }: ParameterVersion) {
  return {
    Name: name,
    Type: type,
    ...(keyId !== undefined && { KeyId: keyId }),
    ...(description !== undefined && { Description: description }),
    Version: version,
    LastModifiedDate: modifiedAt / 1000,
    Tier: "Standard",
    Policies: [],
    DataType: "text",
  };
}

/** A page of a list, and Systems Manager's token of the next one. */
export function pageOf<Item>(
  items: readonly Item[],
  {
    MaxResults: limit,
    NextToken: token,
    ...list
  }: Pick<pages.Paging<Item>, "list" | "idOf"> & { MaxResults: number; NextToken?: string | undefined },
): { page: Item[]; next: { NextToken?: string } } {
  const invalid = () => new ServiceError("InvalidNextToken", "The specified token isn't valid.");
  const { page, next } = pages.pageOf(items, { ...list, limit, token, invalid });
  return { page, next: next === undefined ? {} : { NextToken: next } };
}
