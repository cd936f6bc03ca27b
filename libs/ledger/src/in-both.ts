/** One text in both languages of the product. */
export type InBoth = Readonly<Record<'en' | 'zh', string>>;

/**
 * An error that a person can cause and read. Its message is English, for logs; `inBoth` is what a
 * reader gets. A text that has no Chinese yet stands alone.
 */
export class SpokenError extends Error {
  readonly inBoth: InBoth | undefined;

  constructor(text: InBoth | string, options?: ErrorOptions) {
    super(typeof text === 'string' ? text : text.en, options);
    this.inBoth = typeof text === 'string' ? undefined : text;
  }
}
