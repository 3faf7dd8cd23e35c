import { judgedBy, keyNeeds, readJson, text, type Input, type Place, type Rule } from "./table";

const arn = (place: Place, name: string) => `arn:aws:ssm:${place.region}:${place.accountId}:parameter/${name.replace(/^\//, "")}`;
const named = (input: Input, place: Place) => arn(place, text(input, "Name"));
const one: Rule = { on: named };
const tagged: Rule = { on: (input, place) => arn(place, text(input, "ResourceId")) };

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html */
export const ssm = judgedBy(
  "ssm",
  {
    AddTagsToResource: tagged,
    DeleteParameter: one,
    // https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html: no resource level
    DescribeParameters: { on: (_, place) => `arn:aws:ssm:${place.region}:${place.accountId}:*` },
    GetParameter: {
      on: named,
      also: (input, place) => (input["WithDecryption"] === true ? keyNeeds(named(input, place), place, "ssm", "Decrypt") : []),
    },
    ListTagsForResource: tagged,
    PutParameter: one,
    RemoveTagsFromResource: tagged,
  },
  readJson,
);
