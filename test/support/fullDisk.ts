import { ClassicLevel } from "classic-level";
import fs from "node:fs";
import promises from "node:fs/promises";
import { DatabaseSync, StatementSync } from "node:sqlite";

type Call = (this: unknown, ...values: never[]) => unknown;

/**
 * The disk of this process, which is full after as many writes as one says: of SQLite, of LevelDB and of a function's files. These are
 * the places at which an embedded cloud keeps its state.
 */
export class FullDisk {
  /** Writes that still succeed. */
  private left = Infinity;
  private failures = 0;
  private readonly restore: (() => void)[] = [];

  constructor() {
    const failing = (error: Record<string, unknown>, counts: (...values: unknown[]) => boolean = () => true) => {
      const fails = (values: unknown[]) => counts(...values) && this.fails();
      return (write: Call): Call =>
        function (this: unknown, ...values) {
          if (fails(values)) throw Object.assign(new Error("no space left on device"), error);
          return write.apply(this, values);
        };
    };
    // https://www.sqlite.org/rescode.html#full
    const sqlite = { code: "ERR_SQLITE_ERROR", errcode: 13 };
    this.replace(StatementSync.prototype, "run", failing(sqlite));
    this.replace(
      DatabaseSync.prototype,
      "exec",
      failing(sqlite, (sql) => sql === "COMMIT"),
    );
    const level = failing({ code: "LEVEL_IO_ERROR" });
    for (const name of ["_put", "_del", "_batch"]) {
      this.replace(ClassicLevel.prototype, name, (write) => {
        const checked = level(write);
        return async function (this: unknown, ...values) {
          return checked.apply(this, values);
        };
      });
    }
    this.replace(promises, "mkdir", (mkdir) => {
      const checked = failing({ code: "ENOSPC", syscall: "mkdir" })(mkdir);
      return async (...values) => checked(...values);
    });
    // Each write to this device fails for want of space.
    this.replace(
      fs,
      "createWriteStream",
      (create) =>
        (file, ...options) =>
          create((this.fails() ? "/dev/full" : file) as never, ...options),
    );
  }

  /** Makes room for so many writes. @returns how many failed since the last time */
  makeRoom(writes: number): number {
    const { failures } = this;
    this.failures = 0;
    this.left = writes;
    return failures;
  }

  close(): void {
    for (const restore of this.restore) restore();
  }

  private fails(): boolean {
    this.left -= 1;
    if (this.left >= 0) return false;
    this.failures += 1;
    return true;
  }

  private replace(owner: object, name: string, wrap: (call: Call) => Call): void {
    const members = owner as Record<string, Call>;
    const { [name]: call } = members;
    if (call === undefined) throw new Error(`there is no ${name}, which a full disk makes fail`);
    members[name] = wrap(call);
    this.restore.push(() => {
      members[name] = call;
    });
  }
}
