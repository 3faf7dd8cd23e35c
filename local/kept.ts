import { mkdirSync } from "node:fs";
import path from "node:path";
import { internalFailure, ServiceError } from "./wire";
import type { DatabaseSync, StatementSync } from "node:sqlite";

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
  /**
   * Keeps what nobody is answered for, such as the state of an alarm: it is so from now on. What the disk does not take is written with
   * the next change. @param value undefined to delete it
   */
  note(key: string, value: Value | undefined): void;
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
  /** Does what changes maps several times as one: where one change can't be kept, none is made. */
  atOnce<Result>(change: () => Result): Result;
  close(): void;
}

/** A map that is kept in memory alone. */
class Remembered<Value> extends Map<string, Value> implements Kept<Value> {
  note(key: string, value: Value | undefined): void {
    if (value === undefined) this.delete(key);
    else this.set(key, value);
  }
}

/** Keeps all in memory, for as long as the cloud runs. */
export function keepInMemory(): Keeper {
  const maps = new Map<string, Remembered<unknown>>();
  return {
    directory: undefined,
    map: <Value>(name: string) => {
      const map = maps.get(name) ?? new Remembered<unknown>();
      maps.set(name, map);
      return map as Remembered<Value>;
    },
    atOnce: (change) => change(),
    close: () => maps.clear(),
  };
}

/**
 * Keeps all in a database of SQLite, each change at once.
 *
 * @param directory is made where it is not there; one cloud at a time uses it
 * @param onUnwritten is told why what nobody is answered for could not be written yet. @default nobody
 * @throws Error that says what is wrong with the directory
 */
export function keepInDirectory(directory: string, onUnwritten: (reason: string) => void = () => undefined): Keeper {
  return new DirectoryKeeper(directory, onUnwritten);
}

class DirectoryKeeper implements Keeper {
  private readonly database: DatabaseSync;
  private readonly maps = new Map<string, Kept<unknown>>();
  /** What the disk has not taken yet, by map and key. */
  private readonly owed = new Map<string, () => void>();
  /** How to take back what was changed since {@link Keeper.atOnce} began. */
  private undo: (() => void)[] | undefined;
  private readonly statements: Record<"insert" | "remove" | "select", StatementSync>;

  constructor(
    readonly directory: string,
    private readonly onUnwritten: (reason: string) => void,
  ) {
    this.database = open(directory);
    this.statements = {
      insert: this.database.prepare(
        "INSERT INTO kept (map, key, value) VALUES (?, ?, ?) ON CONFLICT (map, key) DO UPDATE SET value = excluded.value",
      ),
      remove: this.database.prepare("DELETE FROM kept WHERE map = ? AND key = ?"),
      select: this.database.prepare("SELECT key, value FROM kept WHERE map = ? ORDER BY rowid"),
    };
  }

  map<Value>(name: string): Kept<Value> {
    const map = this.maps.get(name) ?? this.load(name);
    this.maps.set(name, map);
    return map as Kept<Value>;
  }

  atOnce<Result>(change: () => Result): Result {
    if (this.undo) return change();
    const { database } = this;
    this.undo = [];
    try {
      keptOnDisk(this.directory, () => {
        this.settle();
        database.exec("BEGIN");
      });
      const result = change();
      keptOnDisk(this.directory, () => database.exec("COMMIT"));
      return result;
    } catch (error) {
      // SQLite itself may have taken it back already.
      if (database.isTransaction) database.exec("ROLLBACK");
      for (const step of this.undo) step();
      throw error;
    } finally {
      this.undo = undefined;
    }
  }

  close(): void {
    try {
      this.settle();
    } catch (error) {
      this.onUnwritten(`${unkeptWords(this.directory, error)} Its last changes are lost.`);
    }
    this.database.close();
  }

  private load(name: string): Kept<unknown> {
    const rows = this.statements.select.all(name) as { key: string; value: string }[];
    const known = new Map(rows.map(({ key, value }) => [key, JSON.parse(value) as unknown]));
    const put = (key: string, value: unknown) => (value === undefined ? known.delete(key) : known.set(key, value));
    const undoable = (key: string) => {
      const before = known.get(key);
      this.undo?.unshift(() => put(key, before));
    };
    return {
      get size() {
        return known.size;
      },
      get: (key) => known.get(key),
      has: (key) => known.has(key),
      set: (key, value) => {
        this.write(name, key, value);
        undoable(key);
        known.set(key, value);
      },
      delete: (key) => {
        this.write(name, key, undefined);
        undoable(key);
        return known.delete(key);
      },
      note: (key, value) => {
        put(key, value);
        this.writeSoon(name, key, value);
      },
      values: () => known.values(),
      entries: () => known.entries(),
    };
  }

  /** Writes what the disk did not take before, and this. @param value undefined deletes @throws ServiceError */
  private write(name: string, key: string, value: unknown): void {
    const id = idOf(name, key);
    keptOnDisk(this.directory, () => {
      this.settle(id);
      this.put(name, key, value);
      this.owed.delete(id);
    });
  }

  private writeSoon(name: string, key: string, value: unknown): void {
    try {
      this.write(name, key, value);
    } catch (error) {
      if (this.owed.size === 0) this.onUnwritten(`${(error as Error).message} What happened is written with the next change.`);
      this.owed.set(idOf(name, key), () => this.put(name, key, value));
    }
  }

  private put(name: string, key: string, value: unknown): void {
    if (value === undefined) this.statements.remove.run(name, key);
    else this.statements.insert.run(name, key, JSON.stringify(value));
  }

  private settle(besides?: string): void {
    for (const [id, write] of this.owed) {
      if (id === besides) continue;
      write();
      this.owed.delete(id);
    }
  }
}

function idOf(name: string, key: string): string {
  return `${name} ${key}`;
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
    throw unusable(directory, error);
  }
}

/** What a cloud ends with that can't start from its state. */
export function unusable(directory: string, error: unknown): Error {
  return new Error(`the state in ${directory} can't be used: ${wordsFor(error)}`, { cause: error });
}

/** Writes, or says to whoever calls a service that nothing was done. */
export function keptOnDisk<Result>(directory: string, write: () => Result): Result {
  try {
    return write();
  } catch (error) {
    throw unkept(directory, error);
  }
}

/** What whoever calls a service is answered when this kept a change from being written. */
export function unkept(directory: string, error: unknown): Error {
  // What the emulator itself refuses while it writes, whatever the disk does.
  if (error instanceof ServiceError || (error instanceof Error && /^(S3|Sns|Sqs)Error$/.test(error.name))) return error;
  const message = `${unkeptWords(directory, error)} Nothing was changed.`;
  return new ServiceError(internalFailure, message, 500);
}

function unkeptWords(directory: string, error: unknown): string {
  return `The embedded cloud can't keep its state in ${directory}: ${wordsFor(error)}.`;
}

function wordsFor(error: unknown): string {
  const { code, errcode, message, cause } = error as { code?: string; errcode?: number; message: string; cause?: unknown };
  // LevelDB says only that it is not open, and why it is not beneath that.
  if (code === "LEVEL_DATABASE_NOT_OPEN" && cause !== undefined) return wordsFor(cause);
  // SQLITE_CORRUPT, and LevelDB's.
  if (errcode === 11 || code === "LEVEL_CORRUPTION") {
    return `a file in it is damaged (${message}); restore the directory from a backup, or delete it and start anew`;
  }
  // SQLITE_BUSY and SQLITE_NOTADB: https://www.sqlite.org/rescode.html
  if (errcode === 5) return "another embedded cloud uses it; end that one, or name another directory";
  if (errcode === 26) return "cloud.db in it is no database of an embedded cloud; name another directory";
  // SQLITE_FULL and SQLITE_IOERR, whose upper bytes say more; and what the system and LevelDB say.
  if (code === "ENOSPC" || code === "LEVEL_IO_ERROR" || errcode === 13 || (errcode !== undefined && (errcode & 0xff) === 10))
    return `the disk is full, or fails (${message}): make room`;
  return message;
}
