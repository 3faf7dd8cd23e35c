import type { AddressGuard } from "../core/handlers/addressGuard";

type LookupFunction = import("node:net").LookupFunction;
type LookupAddress = import("node:dns").LookupAddress;

/** Resolves names for a connection as `lookup` does, without the addresses that the guard refuses; fails when none is left. */
export function guardedLookup(lookup: typeof import("node:dns").lookup, guard: AddressGuard): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found: LookupAddress[]) => {
      if (error) return callback(error, "");
      const fine = found.filter(({ address }) => guard(address) === undefined);
      const [first] = fine;
      if (first === undefined) {
        const reasons = found.flatMap(({ address }) => guard(address) ?? []);
        return callback(new Error(`${hostname} leads to no address that is asked: ${reasons.join(", ")}`), "");
      }
      if (options.all === true) callback(null, fine);
      else callback(null, first.address, first.family);
    });
  };
}
