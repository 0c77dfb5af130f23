/** Reasons to decline a question that fit most cases, worded in the locale files; another one can be typed. */
export const REASON_NAMES = ['off_topic', 'settled_by_rule', 'personal_case', 'not_enough', 'elsewhere'] as const;
