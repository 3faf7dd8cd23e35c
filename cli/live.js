/** Jobs in motion on a terminal: one line with a tally and, below it, what moved last. Does nothing without a terminal. */
export class LiveJobs {
  stream;
  title;
  phases = new Map();
  show = () => undefined;
  /**
   * @param stream the terminal; undefined in a pipe and with `--json`
   * @param title what goes on
   */
  constructor(stream, title = "Waiting") {
    this.stream = stream;
    this.title = title;
  }
  /** Whether anybody sees it. */
  get active() {
    return this.stream !== undefined;
  }
  /** A job moves. */
  progress(jobId, input, phase) {
    if (this.phases.get(jobId) === phase) return;
    this.phases.set(jobId, phase);
    this.show(`${input ?? jobId}: ${phase}`);
  }
  /** A job has ended. */
  ended(jobId, input, state) {
    this.progress(jobId, input, state.toLowerCase());
  }
  /** A job is not followed any more. */
  left(jobId) {
    this.phases.delete(jobId);
  }
  /** Something about all of them. */
  note(words) {
    this.show(words);
  }
  /** Shows the list while `work` runs. What `work` writes itself must wait for its end. */
  async during(work) {
    const { stream } = this;
    if (stream === undefined) return work();
    const { DefaultRenderer, Listr, ListrLogger, ProcessOutput } = await import("listr2");
    const list = new Listr(
      [
        {
          title: this.title,
          task: async (_context, task) => {
            this.show = (line) => {
              task.output = line;
              task.title = `${this.title}: ${this.tally()}`;
            };
            await work();
            // What moves afterwards would draw the list again, below what has been said since.
            this.show = () => undefined;
          },
          rendererOptions: { outputBar: Math.max(1, Math.min(8, stream.rows - 5)) },
        },
      ],
      {
        registerSignalListeners: false,
        // That the stream is a terminal is known; listr2 would look at the standard output, which may be a pipe.
        renderer: class extends DefaultRenderer {
          static nonTTY = true;
        },
        rendererOptions: {
          collapseErrors: false,
          showErrorMessage: false,
          clearOutput: true,
          logger: new ListrLogger({ useIcons: true, toStderr: [], processOutput: new ProcessOutput(stream, stream) }),
        },
      },
    );
    await list.run();
  }
  tally() {
    const counts = new Map();
    for (const phase of this.phases.values()) counts.set(phase, (counts.get(phase) ?? 0) + 1);
    return [...counts].map(([phase, count]) => `${count} ${phase}`).join(", ");
  }
}
