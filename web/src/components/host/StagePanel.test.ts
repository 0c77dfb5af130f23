import { beforeEach, describe, expect, it } from 'vitest';
import { loadAreas } from '@/i18n';
import { mountPage } from '@/testing/mountPage';
import type { StageFace } from '@/wire/types';
import StagePanel from './StagePanel.vue';
import { answerFace, questionFace } from './faces.fixture';

const departments = [
  { id: 'water', name: '供水公司' },
  { id: 'gas', name: '燃气公司' },
];
const stage: StageFace = { question: questionFace({ id: 'q1', number: 3, department_id: 'gas' }), since_ms: 1_000, answering: null };
const props = {
  stage: null as StageFace | null,
  answers: [] as ReturnType<typeof answerFace>[],
  next: questionFace({ id: 'q2', number: 9 }),
  departments,
  speakers: new Map([['gas', '张工']]),
  suggestedDepartment: null,
  departmentName: (id: string | null) => departments.find((entry) => entry.id === id)?.name ?? '',
  now_ms: 60_000,
  mayStage: true,
  busy: null,
};

beforeEach(() => loadAreas(['host']));

describe('the one big button of the stage', () => {
  it('puts the next question on an empty stage', async () => {
    const panel = await mountPage(StagePanel, { props });
    expect(panel.find('.big').text()).toContain('第 9 问上台');
    await panel.find('.big').trigger('click');
    expect(panel.emitted('next')).toHaveLength(1);
  });

  it('starts the answer of the department the question is meant for, with who spoke last', async () => {
    const panel = await mountPage(StagePanel, { props: { ...props, stage } });
    await panel.find('.big').trigger('click');
    expect(panel.emitted('start')).toEqual([['gas', '张工']]);
  });

  it('stops the running answer with its note, and nothing else can be done meanwhile', async () => {
    const answering = { answer_id: 'a', department_id: 'gas', speaker: '张工', started_ms: 2_000 };
    const panel = await mountPage(StagePanel, { props: { ...props, stage: { ...stage, answering } } });
    await panel.find('textarea').setValue(' 三月底前换完 ');
    await panel.find('.big').trigger('click');
    expect(panel.emitted('stop')).toEqual([['三月底前换完']]);
    expect(panel.findAll('.less button').every((button) => button.attributes('disabled') !== undefined)).toBe(true);
  });

  it('goes on to the next once it was answered, and offers another answer smaller', async () => {
    const given = answerFace({ question_id: 'q1', kind: 'live', started_ms: 2_000, ended_ms: 30_000 });
    const panel = await mountPage(StagePanel, { props: { ...props, stage, answers: [given] } });
    expect(panel.find('.big').text()).toContain('第 9 问上台');
    expect(panel.text()).toContain('再答复一次');
  });

  it('takes the department of the new question when the question changes', async () => {
    const panel = await mountPage(StagePanel, { props: { ...props, stage } });
    await panel.setProps({ stage: { ...stage, question: questionFace({ id: 'q5', department_id: 'water' }) } });
    expect((panel.find('select').element as HTMLSelectElement).value).toBe('water');
    expect((panel.find('input').element as HTMLInputElement).value).toBe('');
  });
});
