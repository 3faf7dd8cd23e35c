import { mkdirSync } from "node:fs";
import path from "node:path";
import { ServiceError } from "./wire";
import type { DatabaseSync } from "node:sqlite";

/**
 * What a service knows, by key: a map whose entries survive a restart where the cloud keeps its state. Entries are plain JSON
 * values. Whoever changes one in place sets it again.
 */
export interface Kept<Value> {
  readonly size: number;
  get(key: string): Value | undefined;
  has(key: string): boolean;
  /** Keeps it before it returns: what was acknowledged afterwards is there after a killed process. */
  set(key: string, value: Value): void;
  /** False when there was none. */
  delete(key: string): boolean;
  /** In the order of their first {@link Kept.set}. */
  values(): IterableIterator<Value>;
  entries(): IterableIterator<[string, Value]>;
}

/** Where the services of one cloud keep what they know. */
export interface Keeper {
  /** Folder for the files of the emulators that keep their own state; undefined where nothing is kept. */
  readonly directory: string | undefined;
  /** One map per name, such as `lambda.functions`; with what was in it when the cloud ended the last time. */
  map<Value>(name: string): Kept<Value>;
  close(): void;
}

/** Keeps all in memory, for as long as the cloud runs. */
export function keepInMemory(): Keeper {
  const maps = new Map<string, Map<string, unknown>>();
  return {
    directory: undefined,
    map: <Value>(name: string) => {
      const map = maps.get(name) ?? new Map<string, unknown>();
      maps.set(name, map);
      return map as Map<string, Value>;
    },
    close: () => maps.clear(),
  };
}

/**
 * Keeps all in a database of SQLite, each change at once.
 *
 * @param directory is made where it is not there; one cloud at a time uses it
 * @throws Error that says what is wrong with the directory
 */
export function keepInDirectory(directory: string): Keeper {
  const database = open(directory);
  const insert = database.prepare(
    "INSERT INTO kept (map, key, value) VALUES (?, ?, ?) ON CONFLICT (map, key) DO UPDATE SET value = excluded.value",
  );
  const remove = database.prepare("DELETE FROM kept WHERE map = ? AND key = ?");
  const select = database.prepare("SELECT key, value FROM kept WHERE map = ? ORDER BY rowid");
  const maps = new Map<string, Kept<unknown>>();

  function load(name: string): Kept<unknown> {
    const rows = select.all(name) as { key: string; value: string }[];
    const known = new Map(rows.map(({ key, value }) => [key, JSON.parse(value) as unknown]));
    return {
      get size() {
        return known.size;
      },
      get: (key) => known.get(key),
      has: (key) => known.has(key),
      set: (key, value) => {
        written(directory, () => insert.run(name, key, JSON.stringify(value)));
        known.set(key, value);
      },
      delete: (key) => {
        written(directory, () => remove.run(name, key));
        return known.delete(key);
      },
      values: () => known.values(),
      entries: () => known.entries(),
    };
  }

  return {
    directory,
    map: <Value>(name: string) => {
      const map = maps.get(name) ?? load(name);
      maps.set(name, map);
      return map as Kept<Value>;
    },
    close: () => database.close(),
  };
}

function open(directory: string): DatabaseSync {
  // Node 22 warns of the module on loading, which concerns nobody who keeps no state.
  const { DatabaseSync } = require("node:sqlite") as typeof import("node:sqlite");
  try {
    mkdirSync(directory, { recursive: true });
    const database = new DatabaseSync(path.join(directory, "cloud.db"));
    // A log that is written ahead survives a killed process; the lock refuses a second cloud.
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    database.exec("CREATE TABLE IF NOT EXISTS kept (map TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (map, key))");
    return database;
  } catch (error) {
    throw new Error(`the state in ${directory} can't be used: ${wordsFor(error)}`, { cause: error });
  }
}

/** Writes, or says to whoever calls a service that nothing was done. */
function written(directory: string, write: () => unknown): void {
  try {
    write();
  } catch (error) {
    const message = `The embedded cloud can't keep its state in ${directory}: ${wordsFor(error)}. Nothing was changed.`;
    throw new ServiceError("InternalFailure", message, 500);
  }
}

function wordsFor(error: unknown): string {
  const { errcode, message } = error as { errcode?: number; message: string };
  // SQLITE_BUSY and SQLITE_NOTADB: https://www.sqlite.org/rescode.html
  if (errcode === 5) return "another embedded cloud uses it; end that one, or name another directory";
  if (errcode === 26) return "cloud.db in it is no database of an embedded cloud; name another directory";
  // SQLITE_FULL and SQLITE_IOERR, whose upper bytes say more.
  if (errcode === 13 || (errcode !== undefined && (errcode & 0xff) === 10)) return `the disk is full, or fails (${message}): make room`;
  return message;
}
