import * as z from "zod";
import { jsonOperation, jsonService, type JsonOperation } from "../jsonService";
import { ServiceError, type Service } from "../wire";
import type { Parameter, Parameters, Selected } from "./parameters";
import * as shapes from "./shapes";
import { versionOperations } from "./versions";
import { described, pageOf, readable } from "./written";

const tag = z.strictObject({ Key: z.string().min(1).max(128), Value: z.string().max(256) });
const named = { Name: z.string() };
const tagged = { ResourceType: z.literal("Parameter"), ResourceId: z.string() };

type Operations = Record<string, JsonOperation>;

/** Parameter Store's API: texts and secure texts of the standard tier, with versions and labels; no policies. */
export function ssmWire(parameters: Parameters): Service {
  return jsonService("Systems Manager's", "AmazonSSM", {
    ...valueOperations(parameters),
    ...severalOperations(parameters),
    ...versionOperations(parameters),
    ...describeOperations(parameters),
    ...tagOperations(parameters),
  });
}

function valueOperations(parameters: Parameters): Operations {
  return {
    PutParameter: jsonOperation(
      z.strictObject({
        Name: shapes.name,
        Value: shapes.value,
        Type: shapes.type.optional(),
        KeyId: shapes.keyId.optional(),
        Description: shapes.description.optional(),
        Overwrite: z.boolean().default(false),
        Tier: shapes.tier.optional(),
        DataType: shapes.dataType.optional(),
        AllowedPattern: z.literal("").optional(),
        Tags: z.array(tag).optional(),
      }),
      ({ Name: name, Value: value, Type: type, KeyId: keyId, Description: description, Overwrite: overwrite, Tags }) => {
        if (overwrite && Tags !== undefined) {
          throw new ServiceError("ValidationException", "Invalid request: tags and overwrite can't be used together.");
        }
        const given = { ...(type && { type }), ...(keyId && { keyId }), ...(description !== undefined && { description }) };
        const { version } = parameters.put({ name, value, ...given }, { overwrite, ...(Tags && { tags: record(Tags) }) });
        return { Version: version, Tier: "Standard" };
      },
    ),
    GetParameter: jsonOperation(z.strictObject({ ...named, WithDecryption: z.boolean().default(false) }), ({ Name, WithDecryption }) => ({
      Parameter: found(parameters, parameters.select(Name), WithDecryption),
    })),
    DeleteParameter: jsonOperation(z.strictObject(named), ({ Name }) => {
      parameters.delete(Name);
      return {};
    }),
  };
}

/** A version with its value, as its readers get it. */
function found(parameters: Parameters, { name, version: one, selector }: Selected, isDecrypted: boolean) {
  return {
    Name: name,
    Type: one.type,
    Value: readable(one, isDecrypted),
    Version: one.version,
    ...(selector !== undefined && { Selector: selector }),
    LastModifiedDate: one.modifiedAt / 1000,
    ARN: parameters.arnOf(name),
    DataType: "text",
  };
}

function severalOperations(parameters: Parameters): Operations {
  return {
    GetParameters: jsonOperation(
      z.strictObject({ Names: names, WithDecryption: z.boolean().default(false) }),
      ({ Names, WithDecryption }) => {
        const { done, invalid } = tried(Names, (name) => found(parameters, parameters.select(name), WithDecryption));
        return { Parameters: done, InvalidParameters: invalid };
      },
    ),
    GetParametersByPath: jsonOperation(
      z.strictObject({
        Path: z.string().regex(/^\//, 'expected a hierarchy that begins with "/"'),
        Recursive: z.boolean().default(false),
        WithDecryption: z.boolean().default(false),
        MaxResults: z.int().min(1).max(10).default(10),
        NextToken: z.string().optional(),
      }),
      ({ Path, Recursive, WithDecryption, ...paging }) => {
        const list = `GetParametersByPath ${Path.replace(/\/?$/, "/")} ${Recursive}`;
        const { page, next } = pageOf(parameters.below(Path, Recursive), { list, idOf: ({ name }) => name, ...paging });
        return { Parameters: page.map(({ name }) => found(parameters, parameters.select(name), WithDecryption)), ...next };
      },
    ),
    DeleteParameters: jsonOperation(z.strictObject({ Names: names }), ({ Names }) => {
      const { done, invalid } = tried(Names, (name) => {
        parameters.delete(name);
        return name;
      });
      return { DeletedParameters: done, InvalidParameters: invalid };
    }),
  };
}

function describeOperations(parameters: Parameters): Operations {
  return {
    DescribeParameters: jsonOperation(
      z.strictObject({
        ParameterFilters: z
          .array(
            z.strictObject({
              Key: z.enum(["Name", "Type"]),
              Option: z.enum(["Equals", "BeginsWith", "Contains"]).default("Equals"),
              Values: z.array(z.string()).min(1),
            }),
          )
          .default([]),
        MaxResults: z.int().min(1).max(50).default(10),
        NextToken: z.string().optional(),
      }),
      ({ ParameterFilters, ...paging }) => {
        const wanted = parameters
          .all()
          .filter(({ name, type }) =>
            ParameterFilters.every(({ Key, Option, Values }) => Values.some((value) => fits[Option](Key === "Name" ? name : type, value))),
          );
        const { page, next } = pageOf(wanted, { list: "DescribeParameters", idOf: ({ name }) => name, ...paging });
        const shown = page.map((parameter) => ({ ...described(parameter.name, parameter), ARN: parameters.arnOf(parameter.name) }));
        return { Parameters: shown, ...next };
      },
    ),
  };
}

function tagOperations(parameters: Parameters): Operations {
  return {
    ListTagsForResource: jsonOperation(z.strictObject(tagged), ({ ResourceId }) => ({
      TagList: Object.entries(resource(parameters, ResourceId).tags).map(([Key, Value]) => ({ Key, Value })),
    })),
    AddTagsToResource: jsonOperation(z.strictObject({ ...tagged, Tags: z.array(tag) }), ({ ResourceId, Tags }) => {
      const { tags } = resource(parameters, ResourceId);
      parameters.setTags(ResourceId, { ...tags, ...record(Tags) });
      return {};
    }),
    RemoveTagsFromResource: jsonOperation(z.strictObject({ ...tagged, TagKeys: z.array(z.string()) }), ({ ResourceId, TagKeys }) => {
      const kept = Object.entries(resource(parameters, ResourceId).tags).filter(([key]) => !TagKeys.includes(key));
      parameters.setTags(ResourceId, Object.fromEntries(kept));
      return {};
    }),
  };
}

const names = z.array(z.string()).min(1).max(10);

const fits = {
  Equals: (text: string, value: string) => text === value,
  BeginsWith: (text: string, value: string) => text.startsWith(value),
  Contains: (text: string, value: string) => text.includes(value),
};

/** Does one thing for each name, and says of which there is no parameter, or no such version. */
function tried<Result>(all: readonly string[], work: (name: string) => Result): { done: Result[]; invalid: string[] } {
  const done: Result[] = [];
  const invalid: string[] = [];
  for (const name of all) {
    try {
      done.push(work(name));
    } catch (error) {
      if (!(error instanceof ServiceError) || !/^Parameter(Version)?NotFound$/.test(error.code)) throw error;
      invalid.push(name);
    }
  }
  return { done, invalid };
}

/** Tagging knows a parameter that is not there by another error. */
function resource(parameters: Parameters, name: string): Parameter {
  const known = parameters.all().find((parameter) => parameter.name === name);
  if (known) return known;
  throw new ServiceError("InvalidResourceId", "The resource ID isn't valid. Verify that you entered the correct ID and try again.");
}

function record(tags: readonly z.infer<typeof tag>[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}
