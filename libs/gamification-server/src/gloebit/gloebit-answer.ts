/** An answer of Gloebit's: always HTTP 200, with whether it worked and why not ([doc]). */
export type GloebitAnswer = Readonly<Record<string, unknown>> & {
  readonly success: boolean;
  readonly reason: string;
};

export function succeeded(more: object = {}): GloebitAnswer {
  return { success: true, reason: 'success', ...more };
}

export function failed(reason: string, more: object = {}): GloebitAnswer {
  return { success: false, reason, ...more };
}

/** What is said while it is not known what comes of a transaction, which is paid without being asked for again ([client-cs]). */
export const PENDING = failed('pending', { status: 'queued' });
