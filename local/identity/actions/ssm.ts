import { judgedBy, keyNeeds, readJson, text, type Input, type Place, type Rule } from "./table";
import { splitName } from "../../ssm/parameters";

const arn = (place: Place, name: string) => `arn:aws:ssm:${place.region}:${place.accountId}:parameter/${name.replace(/^\//, "")}`;
/** Without the version or label that a name may end with; an ARN is one already. */
const meant = (place: Place, name: string) => {
  const [bare] = splitName(name);
  return bare.startsWith("arn:") ? bare : arn(place, bare);
};
const named = (input: Input, place: Place) => meant(place, text(input, "Name"));
const each = (input: Input, place: Place) => {
  const { Names: names } = input;
  // What names none is the service's to refuse, and only to who may ask.
  return (Array.isArray(names) && names.length > 0 ? names : ["*"]).map((name) => meant(place, String(name)));
};
/** What is read decrypted takes the keys of all of it. */
const decrypting = (on: Rule["on"], read: Rule["on"] = on): Rule => ({
  on,
  also: (input, place) =>
    input["WithDecryption"] === true
      ? [read(input, place)].flat().flatMap((parameter) => keyNeeds(parameter, place, "ssm", "Decrypt"))
      : [],
});
const path = (input: Input, place: Place) => arn(place, text(input, "Path"));
/** Of a path, all of its pages: which of them is asked for, only the service can tell. */
const below = (input: Input, place: Place) => {
  const start = path(input, place).replace(/\/?$/, "/");
  const parameters = place.factsOf(start)?.below ?? [];
  return input["Recursive"] === true ? [...parameters] : parameters.filter((parameter) => !parameter.slice(start.length).includes("/"));
};
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
    DeleteParameters: { on: each },
    GetParameter: decrypting(named),
    GetParameterHistory: decrypting(named),
    GetParameters: decrypting(each),
    GetParametersByPath: decrypting(path, below),
    LabelParameterVersion: one,
    ListTagsForResource: tagged,
    PutParameter: one,
    RemoveTagsFromResource: tagged,
    UnlabelParameterVersion: one,
  },
  readJson,
);
