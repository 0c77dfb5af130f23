/** From what screening found to the reason a moderator would give: screening has finer words than the table for hands. */

/** Codes of `src/domain/screen/reason.rs` and the codes by hand they come down to. */
const BY_HAND: Readonly<Record<string, string>> = {
  mobile: 'personal_data',
  id_number: 'personal_data',
  bank_card: 'personal_data',
  email: 'personal_data',
  contact: 'personal_data',
  link: 'advertisement',
  advertising: 'advertisement',
  abuse: 'insult',
  repeat: 'duplicate',
  flood: 'duplicate',
  porn: 'illegal',
  gambling: 'illegal',
  drugs: 'illegal',
  weapons: 'illegal',
  fraud: 'illegal',
};

/** This reason says nothing by itself; the note has to. */
export const NEEDS_NOTE = 'other';

/** The reason to offer first, absent when what was found suggests none of `offered`. */
export function suggestReason(found: readonly string[], offered: readonly string[]): string | undefined {
  for (const code of found) {
    if (offered.includes(code)) return code;
    const byHand = BY_HAND[code];
    if (byHand !== undefined && offered.includes(byHand)) return byHand;
  }
  return undefined;
}
