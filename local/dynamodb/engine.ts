import { createRequire } from "node:module";
import { notSupported, ServiceError } from "../wire";

/** Parameters or answer of a call, in DynamoDB's JSON. */
export type Document = Record<string, unknown>;

/** An answer of the engine: status 200, or DynamoDB's own error as status and body. */
export interface EngineAnswer {
  status: number;
  body: Document;
}

/** Where the engine keeps tables and items; dynalite's own, or what a caller makes in its place. */
export interface Store {
  tableDb: { awsAccountId: string; awsRegion: string };
  lifecycleManager: { gracefulClose(): Promise<void> };
}

interface Validation {
  types: Document;
  custom?: unknown;
}

interface Validations {
  checkTypes(data: Document, types: Document): Document;
  checkValidations(data: Document, types: Document, custom: unknown, store: Store): void;
}

type Action = (store: Store, data: Document, callback: (error: EngineError | null, answer: Document) => void) => void;

/** An error with what goes over the wire. */
interface EngineError extends Error {
  statusCode?: number;
  body?: Document;
}

const load = createRequire(__filename);

/** What dynalite does, and all that it does. */
const operations = [
  "BatchGetItem",
  "BatchWriteItem",
  "CreateTable",
  "DeleteItem",
  "DeleteTable",
  "DescribeTable",
  "GetItem",
  "ListTables",
  "ListTagsOfResource",
  "PutItem",
  "Query",
  "Scan",
  "TagResource",
  "UntagResource",
  "UpdateItem",
  "UpdateTable",
];

/** Parameters with which a call asks for what happens anyway. */
const neutral: Document = { ReturnValuesOnConditionCheckFailure: "NONE", TableClass: "STANDARD", DeletionProtectionEnabled: false };

/** Dynalite's own store, in memory. */
export function createStore(region: string, accountId: string): Store {
  const database = load("dynalite/db") as { create(options: object): Store };
  const store = database.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  Object.assign(store.tableDb, { awsRegion: region, awsAccountId: accountId });
  return store;
}

/**
 * Dynalite without its server: the front has read the request already. Its HTTP handler would drop the parameters
 * that it doesn't know; here they are refused.
 */
export class DynamoDbEngine {
  private readonly validations = load("dynalite/validations") as Validations;
  private readonly underWay = new Set<Promise<EngineAnswer>>();
  private closing = false;
  private readonly known = new Map<string, { action: Action; validation: Validation }>();

  constructor(private readonly store: Store) {
    for (const operation of operations) {
      const file = operation.charAt(0).toLowerCase() + operation.slice(1);
      this.known.set(operation, {
        action: load(`dynalite/actions/${file}`) as Action,
        validation: load(`dynalite/validations/${file}`) as Validation,
      });
    }
  }

  /** @throws ServiceError for an operation or parameter that isn't honoured */
  call(operation: string, parameters: Document): Promise<EngineAnswer> {
    const found = this.known.get(operation);
    if (!found) throw notSupported(`DynamoDB's ${operation}`);
    const { action, validation } = found;
    for (const [name, value] of Object.entries(parameters)) {
      if (!(name in validation.types) && neutral[name] !== value) throw notSupported(`"${name}" in DynamoDB's ${operation}`);
    }
    // Dynalite would throw out of a callback, which ends the process.
    if (this.closing) throw new ServiceError("InternalServerError", "The embedded cloud is closing.", 500);
    const answer = new Promise<EngineAnswer>((resolve, reject) => {
      const settle = (error: EngineError | null, answer: Document) => {
        if (!error) resolve({ status: 200, body: answer });
        else if (error.statusCode !== undefined && error.body !== undefined) resolve({ status: error.statusCode, body: error.body });
        else reject(error);
      };
      try {
        const data = this.validations.checkTypes({ ...parameters }, validation.types);
        this.validations.checkValidations(data, validation.types, validation.custom, this.store);
        action(this.store, data, settle);
      } catch (error) {
        settle(error as EngineError, {});
      }
    });
    this.underWay.add(answer);
    void answer.catch(() => undefined).finally(() => this.underWay.delete(answer));
    return answer;
  }

  /** Waits for what is under way, and takes nothing more. */
  async close(): Promise<void> {
    this.closing = true;
    await Promise.allSettled(this.underWay);
    await this.store.lifecycleManager.gracefulClose();
  }
}
