import * as z from "zod";
import { jsonOperation, jsonService, type JsonOperation } from "../jsonService";
import { pageOf } from "../pages";
import { ServiceError, type Service } from "../wire";
import type { Parameter, Parameters } from "./parameters";
import * as shapes from "./shapes";

const tag = z.strictObject({ Key: z.string().min(1).max(128), Value: z.string().max(256) });
const named = { Name: z.string() };
const tagged = { ResourceType: z.literal("Parameter"), ResourceId: z.string() };

type Operations = Record<string, JsonOperation>;

/** Parameter Store's API: texts and secure texts of the standard tier; no older versions, labels, policies or hierarchies. */
export function ssmWire(parameters: Parameters): Service {
  return jsonService("Systems Manager's", "AmazonSSM", {
    ...valueOperations(parameters),
    ...describeOperations(parameters),
    ...tagOperations(parameters),
  });
}

function valueOperations(parameters: Parameters): Operations {
  const found = ({ name, type, value, version, modifiedAt }: Parameter, isDecrypted: boolean) => ({
    Name: name,
    Type: type,
    // What the caller did not ask to have decrypted looks like nothing that anybody can use.
    Value: type === "SecureString" && !isDecrypted ? Buffer.from(`encrypted version ${version}`).toString("base64") : value,
    Version: version,
    LastModifiedDate: modifiedAt / 1000,
    ARN: parameters.arnOf(name),
    DataType: "text",
  });
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
      Parameter: found(parameters.find(Name), WithDecryption),
    })),
    DeleteParameter: jsonOperation(z.strictObject(named), ({ Name }) => {
      parameters.delete(Name);
      return {};
    }),
  };
}

function describeOperations(parameters: Parameters): Operations {
  const described = ({ name, type, keyId, version, modifiedAt, description }: Parameter) => ({
    Name: name,
    ARN: parameters.arnOf(name),
    Type: type,
    ...(keyId !== undefined && { KeyId: keyId }),
    ...(description !== undefined && { Description: description }),
    Version: version,
    LastModifiedDate: modifiedAt / 1000,
    Tier: "Standard",
    Policies: [],
    DataType: "text",
  });
  return {
    DescribeParameters: jsonOperation(
      z.strictObject({
        ParameterFilters: z
          .array(z.strictObject({ Key: z.literal("Name"), Option: z.literal("Equals").optional(), Values: z.array(z.string()) }))
          .default([]),
        MaxResults: z.int().min(1).max(50).default(10),
        NextToken: z.string().optional(),
      }),
      ({ ParameterFilters, MaxResults: limit, NextToken: token }) => {
        const wanted = parameters.all().filter(({ name }) => ParameterFilters.every(({ Values }) => Values.includes(name)));
        const invalid = () => new ServiceError("InvalidNextToken", "The specified token isn't valid.");
        const { page, next } = pageOf(wanted, { list: "DescribeParameters", idOf: ({ name }) => name, limit, token, invalid });
        return { Parameters: page.map(described), ...(next !== undefined && { NextToken: next }) };
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

/** Tagging knows a parameter that is not there by another error. */
function resource(parameters: Parameters, name: string): Parameter {
  const known = parameters.all().find((parameter) => parameter.name === name);
  if (known) return known;
  throw new ServiceError("InvalidResourceId", "The resource ID isn't valid. Verify that you entered the correct ID and try again.");
}

function record(tags: readonly z.infer<typeof tag>[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}
