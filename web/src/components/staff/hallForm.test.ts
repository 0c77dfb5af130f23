import { expect, it } from 'vitest';
import { hallFormOf, hallProblemsOf, hallRequestOf, isSameHall, isSlug, type HallForm } from './hallForm';

const filled = (more: Partial<HallForm> = {}): HallForm => ({ ...hallFormOf(null), slug: 'water-2026', name: '议事厅', body_name: '办公室', ...more });

it('a new hall asks for address, name and body, and nothing else', () => {
  expect(hallProblemsOf(hallFormOf(null))).toEqual(['slug', 'name', 'body_name']);
  expect(hallProblemsOf(filled())).toEqual([]);
});

it('an address is what the server takes', () => {
  for (const good of ['ab', 'water-2026', 'a1']) expect(isSlug(good)).toBe(true);
  for (const bad of ['', 'a', '-ab', 'ab-', 'AB', '水', 'a b', 'a'.repeat(41)]) expect(isSlug(bad)).toBe(false);
});

it('a colour is #rrggbb or none, and two departments of one name are a mistake', () => {
  expect(hallProblemsOf(filled({ color: 'teal' }))).toEqual(['color']);
  expect(hallProblemsOf(filled({ color: '#0F6B66' }))).toEqual([]);
  const departments = [{ row: 1, id: 'd1', name: '供水' }, { row: 2, id: null, name: ' 供水 ' }];
  expect(hallProblemsOf(filled({ departments }))).toEqual(['departments']);
});

it('members are lines, and empty lines and rows are left out', () => {
  const form = filled({ members: '张三\n\n 李四 \n', departments: [{ row: 1, id: null, name: ' ' }] });
  expect(hallRequestOf(form)).toMatchObject({ members: ['张三', '李四'], departments: [] });
  expect(isSameHall(form, filled({ members: '张三\n李四' }))).toBe(true);
});
