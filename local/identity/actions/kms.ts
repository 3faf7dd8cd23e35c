import type { Need } from "../evaluate";
import { anything, judgedBy, readJson, text, type Input, type Place, type Rule } from "./table";

const arn = (place: Place, part: string) => `arn:aws:kms:${place.region}:${place.accountId}:${part}`;

/** A call takes a key's id, its ARN, an alias or the alias's ARN; what is judged is the key. */
const keyArn = (place: Place, name: string) => {
  const alias = /(?:^|:)(alias\/.+)$/.exec(name)?.[1];
  if (alias !== undefined) return place.factsOf(arn(place, alias))?.arn ?? arn(place, alias);
  return name.startsWith("arn:") ? name : arn(place, `key/${name}`);
};
const key = (input: Input, place: Place) => keyArn(place, text(input, "KeyId"));
const one: Rule = { on: key };
/** An alias needs the permission on itself and on its key. */
const alias: Rule = { on: (input, place) => [arn(place, text(input, "AliasName")), keyArn(place, text(input, "TargetKeyId"))] };
const tagging = (input: Input): Need[] =>
  Array.isArray(input["Tags"]) && input["Tags"].length > 0 ? [{ action: "kms:TagResource", resource: "*" }] : [];

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html */
export const kms = judgedBy(
  "kms",
  {
    CancelKeyDeletion: one,
    CreateAlias: alias,
    CreateKey: { on: anything, also: tagging },
    DeleteAlias: {
      on: (input, place) => {
        const own = arn(place, text(input, "AliasName"));
        return [own, place.factsOf(own)?.arn ?? own];
      },
    },
    DescribeKey: one,
    DisableKey: one,
    DisableKeyRotation: one,
    EnableKey: one,
    EnableKeyRotation: one,
    GetKeyPolicy: one,
    GetKeyRotationStatus: one,
    ListAliases: { on: anything },
    ListKeyPolicies: one,
    ListKeys: { on: anything },
    ListResourceTags: one,
    PutKeyPolicy: one,
    ScheduleKeyDeletion: one,
    TagResource: one,
    UntagResource: one,
    UpdateAlias: alias,
    UpdateKeyDescription: one,
  },
  readJson,
);
