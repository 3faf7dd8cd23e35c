import * as z from "zod";
import { jsonOperation, type JsonOperation } from "../jsonService";
import { versionsOf, type Parameters } from "./parameters";
import { described, pageOf, readable } from "./written";

const named = { Name: z.string() };
const labels = z.array(z.string().min(1).max(100)).min(1).max(10);

/** The older versions of parameters, and the labels by which they are read. */
export function versionOperations(parameters: Parameters): Record<string, JsonOperation> {
  return {
    GetParameterHistory: jsonOperation(
      z.strictObject({
        ...named,
        WithDecryption: z.boolean().default(false),
        MaxResults: z.int().min(1).max(50).default(50),
        NextToken: z.string().optional(),
      }),
      ({ Name, WithDecryption, ...paging }) => {
        const { name } = parameters.select(Name);
        const list = `GetParameterHistory ${name}`;
        const { page, next } = pageOf(versionsOf(parameters.find(name)), { list, idOf: ({ version }) => String(version), ...paging });
        const shown = page.map((version) => ({
          ...described(name, version),
          Value: readable(version, WithDecryption),
          Labels: version.labels ?? [],
        }));
        return { Parameters: shown, ...next };
      },
    ),
    LabelParameterVersion: jsonOperation(
      z.strictObject({ ...named, ParameterVersion: z.int().optional(), Labels: labels }),
      ({ Name, ParameterVersion, Labels }) => {
        const { version, invalid } = parameters.label(Name, ParameterVersion, Labels);
        return { InvalidLabels: invalid, ParameterVersion: version };
      },
    ),
    UnlabelParameterVersion: jsonOperation(
      z.strictObject({ ...named, ParameterVersion: z.int(), Labels: labels }),
      ({ Name, ParameterVersion, Labels }) => {
        const { removed, invalid } = parameters.unlabel(Name, ParameterVersion, Labels);
        return { RemovedLabels: removed, InvalidLabels: invalid };
      },
    ),
  };
}
