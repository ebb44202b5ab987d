/** How long an application may take, in milliseconds, and how much of its answer is read, in bytes. */
const TIMEOUT = 10_000;
const MAX_ANSWER = 4_096;

/**
 * Calls an application's address and reads its answer: `[true]` is yes, `[false, "pending"]` and everything that cannot be
 * read mean that nobody knows yet, any other `[false, …]` is no ([doc]). It may be called again.
 *
 * @param signal ends the wait; then nobody knows either
 */
export async function askApplication(url: string, signal: AbortSignal): Promise<'yes' | 'no' | 'pending'> {
  try {
    const response = await fetch(url, {
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT)]),
    });
    const answer: unknown = response.status === 200 ? JSON.parse(await textOf(response)) : undefined;
    if (!Array.isArray(answer)) return 'pending';
    if (answer[0] === true) return 'yes';
    return answer[0] === false && answer[1] !== 'pending' ? 'no' : 'pending';
  } catch {
    return 'pending';
  }
}

async function textOf(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_ANSWER) throw new Error('the answer is too long');
  }
  return text;
}
