/** An event as it is kept, read without the ledger. */
export interface KeptEvent {
  readonly stream: string;
  readonly revision: number;
  readonly body: string;
}

/** Everything that people outside saw of a run, and what was kept of it. */
export interface History {
  /** The commands that were sent, by their number, in the order of sending. */
  readonly attempts: readonly {
    readonly node: string;
    readonly command: number;
    /** A code or a status. `unknown`: no answer came. `refused`: the node takes no commands. */
    readonly outcome: string;
  }[];
  /** Questions for balances, in the order of the answers. */
  readonly asked: readonly {
    readonly node: string;
    readonly agency: string;
    /** The number of events that were kept when it was asked, and when it was answered. */
    readonly before: number;
    readonly after: number;
    readonly answer: unknown;
  }[];
  /** The state of each node's read models, once the faults had ended. */
  readonly readModels: readonly {
    readonly node: string;
    /** The number of events folded in of each agency. */
    readonly eventsOf: Readonly<Record<string, number | undefined>>;
    /** The agency of each deduction whose id is taken. */
    readonly agencyOf: Readonly<Record<string, string | undefined>>;
  }[];
  readonly events: readonly KeptEvent[];
  /** The ids of the events of each message that the receiver took, where there is a receiver. */
  readonly delivered: readonly (readonly string[])[] | undefined;
  /** The checkpoints that nodes published, in order, and those they gave out. */
  readonly published: readonly string[];
  readonly checkpoints: readonly string[];
  /** The number of events that are kept and not in the ledger: their sender's term was over. */
  readonly late: number;
  /** Rejections that nothing handled, each of which would end the program. */
  readonly unhandled: readonly string[];
  /** Each thing that ran, with its instant. */
  readonly trace: readonly string[];
}
