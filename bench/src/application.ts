import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { IsInt, IsString, Min } from 'class-validator';
import { GameEvent, GamificationModule, type GamificationModuleOptions } from 'nestjs-gamification';

/** The event of all benchmarks. */
export class OrderPlaced extends GameEvent('order.placed') {
  @IsString()
  orderNumber!: string;

  @IsInt()
  @Min(0)
  total!: number;
}

/** An application without HTTP that has the module and nothing else. */
export async function openApplication(options: GamificationModuleOptions): Promise<INestApplicationContext> {
  return NestFactory.createApplicationContext(GamificationModule.forRoot(options), {
    logger: ['error'],
  });
}

/** Runs `work` with the path of a database file that is not there yet, and removes it and its folder. */
export async function withFile<T>(work: (path: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(process.env.BENCH_DIRECTORY ?? tmpdir(), 'gamification-bench-'));
  try {
    return await work(join(folder, 'bench.db'));
  } finally {
    await rm(folder, { recursive: true });
  }
}
