/** How long an application may take, in milliseconds, and how much of its answer is read, in characters. */
const TIMEOUT = 10_000;
const MAX_ANSWER = 4_096;

/** What an application says: nothing that is final, also where it cannot be read, is `pending`. */
export type ApplicationAnswer = 'yes' | 'no' | 'pending' | 'unreached';

/**
 * Calls an application's address and reads its answer: `[true]` is yes, `[false, "pending"]` and everything that cannot be
 * read mean that nobody knows yet, any other `[false, …]` is no ([doc]). It may be called again.
 *
 * @param signal ends the wait
 * @returns `unreached` where it has not answered whole in time, or with another status than 200
 */
export async function askApplication(url: string, signal: AbortSignal): Promise<ApplicationAnswer> {
  try {
    const response = await fetch(url, {
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
    });
    if (response.status === 200) return read(await textOf(response));
    await response.body?.cancel();
    return 'unreached';
  } catch {
    return 'unreached';
  }
}

function read(text: string | undefined): ApplicationAnswer {
  try {
    const answer: unknown = JSON.parse(text ?? '');
    if (!Array.isArray(answer)) return 'pending';
    if (answer[0] === true) return 'yes';
    return answer[0] === false && answer[1] !== 'pending' ? 'no' : 'pending';
  } catch {
    return 'pending';
  }
}

/** Nothing where it is too long. */
async function textOf(response: Response): Promise<string | undefined> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_ANSWER) return undefined;
  }
  return text;
}
