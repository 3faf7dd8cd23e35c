import { exitCodes } from "./exitCodes";
/** Shows checks as they end, and remembers how they went. */
export class Checklist {
  output;
  results = [];
  constructor(output) {
    this.output = output;
  }
  /** Adds a check that has ended. */
  add(check, result) {
    this.results.push({ check, ...result });
    this.output.show({ check, ...result }, (paint) => {
      const mark = { passed: paint("green", "✔"), failed: paint("red", "✘"), skipped: paint("yellow", "–") }[result.status];
      // A command stays one line, to be copied; a sentence begins with a capital.
      const asked = result.request?.match(/^[A-Z][a-z]* /) ? this.output.fit(result.request, 4) : `    ${result.request}`;
      const request = result.request === undefined ? "" : `\n${paint("cyan", asked)}`;
      const detail = this.output.fit(`${check}: ${result.detail}`, 2).slice(2 + check.length);
      return `${mark} ${paint("bold", check)}${detail}${request}`;
    });
  }
  /** Done when no check has failed. */
  get exitCode() {
    return this.results.some(({ status }) => status === "failed") ? exitCodes.failed : exitCodes.done;
  }
}
