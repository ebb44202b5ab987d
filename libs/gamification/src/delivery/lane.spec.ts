import { describe, expect, it } from '@jest/globals';
import { Lane, laneOf } from './lane.js';
import type { Place } from './place.js';

const placed = (...place: Place) => ({
  place,
  event: {
    id: place.join('-'),
    userId: 'alice',
    type: 'e',
    traits: {},
    occurredAt: new Date(0),
    receivedAt: new Date(0),
  },
});

describe('Lane', () => {
  it('leaves out what was delivered before this instance began', () => {
    const lane = new Lane([7, 3]);
    for (const each of [placed(6, 9), placed(7, 3), placed(7, 4), placed(8, 1)]) lane.add(each);

    expect(lane.peek(9).map(({ event }) => event.id)).toEqual(['7-4', '8-1']);
  });

  it('is as far as the last event that is settled, or as the log was read where it has none', () => {
    const lane = new Lane([0, 0]);
    for (const each of [placed(0, 1), placed(0, 2)]) lane.add(each);
    expect(lane.cursorAt([0, 9])).toEqual([0, 0]);
    lane.settle(1);
    expect(lane.cursorAt([0, 9])).toEqual([0, 1]);
    lane.settle(1);
    expect(lane.cursorAt([0, 9])).toEqual([0, 9]);
  });

  it('counts what is sent again', () => {
    const lane = new Lane([0, 0]);
    for (let position = 1; position <= 5; position++) lane.add(placed(0, position));

    expect(lane.send(3)).toBe(0);
    expect(lane.send(5)).toBe(3);
    lane.settle(4);
    expect(lane.send(1)).toBe(1);
  });
});

describe('laneOf', () => {
  it('never changes: cursors that are stored belong to lanes', () => {
    expect(['alice', 'bob', 'user-1', 'ünï', ''].map(laneOf)).toEqual([5, 2, 7, 7, 9]);
  });
});
