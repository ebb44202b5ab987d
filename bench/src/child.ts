import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

type Answer = { readonly value: unknown } | { readonly error: string };

/** A contestant in a process of its own, which answers one question at a time. */
export class Child {
  private constructor(private readonly process: ChildProcess) {}

  /** @param file beside this one; it calls {@link answer} */
  static async start(file: string, ...args: readonly string[]): Promise<Child> {
    return Child.fork(file, args, 'inherit');
  }

  /** As {@link start}; what the child prints is not shown. */
  static async startQuietly(file: string, ...args: readonly string[]): Promise<Child> {
    return Child.fork(file, args, 'ignore');
  }

  private static async fork(
    file: string,
    args: readonly string[],
    output: 'inherit' | 'ignore',
  ): Promise<Child> {
    const process = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
      execArgv: ['--expose-gc'],
      stdio: ['ignore', output, output, 'ipc'],
    });
    const child = new Child(process);
    await child.reply();
    return child;
  }

  /** The question's name is one of the functions that the child gave to {@link answer}; the reply is that one's. */
  async ask<Reply>(question: string): Promise<Reply> {
    this.process.send(question);
    // The child and the caller are written side by side: the type is that of the child's function.
    return (await this.reply()) as Reply;
  }

  async stop(): Promise<void> {
    if (this.process.exitCode !== null) return;
    const exit = once(this.process, 'exit');
    this.process.disconnect();
    await exit;
  }

  private async reply(): Promise<unknown> {
    const ended = new AbortController();
    const exited = once(this.process, 'exit', { signal: ended.signal }).then(([code]) => {
      throw new Error(`${this.process.spawnargs.join(' ')} ended with ${code}`);
    });
    try {
      const [answer] = (await Promise.race([
        once(this.process, 'message', { signal: ended.signal }),
        exited,
      ])) as [Answer];
      if ('error' in answer) throw new Error(answer.error);
      return answer.value;
    } finally {
      ended.abort();
      exited.catch(() => undefined);
    }
  }
}

/**
 * The child's side: answers questions until the parent lets go.
 *
 * @param close run before the process ends
 */
export function answer(
  questions: Readonly<Record<string, () => unknown>>,
  close: () => unknown = () => undefined,
): void {
  process.on('message', async (question: string) => {
    try {
      process.send?.({ value: await questions[question]?.() });
    } catch (error) {
      process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
    }
  });
  process.once('disconnect', async () => {
    await close();
    process.exit();
  });
  process.send?.({ value: 'ready' });
}

/** Nanoseconds that the thread which runs JavaScript was on a CPU. Linux only. */
export function mainThreadTime(): number {
  const [time] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ');
  return Number(time);
}
