/** How many points an order earns: one for every full ten cents. */
export function pointsFor(total: number): number {
  return Math.floor(total / 10);
}
