//! The one field policy: which field of the record reaches the public edition, and how.
//!
//! Every document of a package is made from the projected record, so a document cannot leak what the projection
//! dropped. Each struct is taken apart field by field without `..`: a new field does not compile until somebody
//! has decided here what the public sees.
//!
//! Dropped: clerks and telephones, why a proposer was not satisfied, internal remarks. Replaced: names of
//! netizens, members and citizen representatives. Masked: long numbers (telephones, identity cards, bank cards,
//! accounts) and mail addresses in what the audience wrote; in what officials wrote only mobile and
//! identity-card numbers, because service numbers are meant to be read. Kept: names of officials who spoke on a
//! public stream and owners of commitments they made there.

use std::borrow::Cow;

use super::hand_over::{
    Announcement, Answer, Contact, HandOver, Handling, MinutesText, Person, Presence, Privacy, Question,
    Source, Suggestion, Unit,
};
use super::labels::anonymous;

/// The record as the edition may show it.
pub fn project(record: &HandOver) -> Cow<'_, HandOver> {
    match record.privacy {
        Privacy::Internal => Cow::Borrowed(record),
        Privacy::Public => Cow::Owned(public(record.clone())),
    }
}

fn public(record: HandOver) -> HandOver {
    let HandOver {
        privacy,
        generated_at_ms,
        time_zone,
        hall,
        contact,
        session,
        minutes,
        units,
        people,
        segments,
        figures,
        questions,
        answers,
        suggestions,
        announcements,
    } = record;
    HandOver {
        privacy,
        generated_at_ms,
        time_zone,
        hall,
        contact: public_contact(contact),
        session,
        minutes: public_minutes(minutes),
        units: units.into_iter().map(public_unit).collect(),
        people: people.into_iter().map(public_person).collect(),
        segments,
        figures,
        questions: questions.into_iter().map(public_question).collect(),
        answers: answers.into_iter().map(public_answer).collect(),
        suggestions: suggestions.into_iter().map(public_suggestion).collect(),
        announcements: announcements.into_iter().map(public_announcement).collect(),
    }
}

fn public_contact(contact: Contact) -> Contact {
    let Contact {
        office,
        person: _,
        phone: _,
        feedback,
    } = contact;
    Contact {
        office,
        person: None,
        phone: None,
        feedback,
    }
}

fn public_minutes(minutes: MinutesText) -> MinutesText {
    let MinutesText {
        issue,
        background,
        consensus,
        minority_views,
        next_steps,
        distribution,
    } = minutes;
    let official = |texts: Vec<String>| texts.into_iter().map(|text| mask_official(&text)).collect();
    MinutesText {
        issue,
        background: background.map(|text| mask_official(&text)),
        consensus: official(consensus),
        minority_views: minority_views
            .into_iter()
            .map(|text| mask_audience(&text))
            .collect(),
        next_steps: official(next_steps),
        distribution,
    }
}

fn public_unit(unit: Unit) -> Unit {
    let Unit {
        id,
        name,
        clerk: _,
        phone: _,
    } = unit;
    Unit {
        id,
        name,
        clerk: None,
        phone: None,
    }
}

fn public_person(person: Person) -> Person {
    let Person {
        name,
        title,
        organisation,
        presence,
    } = person;
    match presence {
        Presence::Citizen => Person {
            name: "群众代表".to_owned(),
            title: None,
            organisation: None,
            presence,
        },
        Presence::Host | Presence::Department | Presence::Member | Presence::Expert => Person {
            name,
            title,
            organisation,
            presence,
        },
    }
}

fn public_question(question: Question) -> Question {
    let Question {
        id,
        number,
        text,
        asker: _,
        tier,
        asked_ms,
        topic,
        unit_id,
        place,
        supports,
        staged_clock_ms,
        unstaged_clock_ms,
        disposition,
        disposition_reason,
        disposed_ms,
        merged_into,
        merged_count,
    } = question;
    Question {
        id,
        number,
        text: mask_audience(&text),
        asker: anonymous(tier).to_owned(),
        tier,
        asked_ms,
        topic: topic.map(|text| mask_audience(&text)),
        unit_id,
        place: place.map(|text| mask_audience(&text)),
        supports,
        staged_clock_ms,
        unstaged_clock_ms,
        disposition,
        disposition_reason: disposition_reason.map(|text| mask_official(&text)),
        disposed_ms,
        merged_into,
        merged_count,
    }
}

fn public_answer(answer: Answer) -> Answer {
    let Answer {
        id,
        question_id,
        unit_id,
        speaker,
        kind,
        answer_type,
        body,
        owner,
        due_date,
        basis,
        transfer_to,
        given_ms,
        start_clock_ms,
        end_clock_ms,
    } = answer;
    Answer {
        id,
        question_id,
        unit_id,
        speaker: speaker.map(|text| mask_official(&text)),
        kind,
        answer_type,
        body: mask_official(&body),
        owner: owner.map(|text| mask_official(&text)),
        due_date,
        basis: basis.map(|text| mask_official(&text)),
        transfer_to,
        given_ms,
        start_clock_ms,
        end_clock_ms,
    }
}

fn public_source(source: Source) -> Source {
    let Source {
        kind,
        id,
        number,
        text,
        author: _,
        tier,
        said_ms,
        clock_ms,
    } = source;
    Source {
        kind,
        id,
        number,
        text: mask_audience(&text),
        author: anonymous(tier).to_owned(),
        tier,
        said_ms,
        clock_ms,
    }
}

fn public_suggestion(suggestion: Suggestion) -> Suggestion {
    let Suggestion {
        id,
        number,
        code,
        title,
        summary,
        category,
        category_code,
        proposer: _,
        tier,
        raised_ms,
        clock_ms,
        lead_unit_id,
        co_unit_ids,
        separate_unit_ids,
        sources,
        supports,
        merged_count,
        merge,
        live_answer_ids,
        conversion,
        requirement,
        due_date,
        due_basis,
        state,
        handling,
    } = suggestion;
    Suggestion {
        id,
        number,
        code,
        title: mask_audience(&title),
        summary: mask_audience(&summary),
        category,
        category_code,
        proposer: anonymous(tier).to_owned(),
        tier,
        raised_ms,
        clock_ms,
        lead_unit_id,
        co_unit_ids,
        separate_unit_ids,
        sources: sources.into_iter().map(public_source).collect(),
        supports,
        merged_count,
        merge,
        live_answer_ids,
        conversion,
        requirement: requirement.map(|text| mask_official(&text)),
        due_date,
        due_basis,
        state,
        handling: public_handling(handling),
    }
}

fn public_handling(handling: Handling) -> Handling {
    let Handling {
        acceptance,
        assigned_ms,
        signed_ms,
        days_left,
        extension,
        clerk: _,
        progress,
        reply_number,
        reply_date,
        result_class,
        progress_percent,
        satisfaction,
        dissatisfaction: _,
        rehandled_count,
        supervision,
        publication,
        public_url,
        archive_number,
        remark: _,
    } = handling;
    Handling {
        acceptance,
        assigned_ms,
        signed_ms,
        days_left,
        extension: extension.map(|text| mask_official(&text)),
        clerk: None,
        progress: progress.map(|text| mask_official(&text)),
        reply_number,
        reply_date,
        result_class,
        progress_percent,
        satisfaction,
        dissatisfaction: None,
        rehandled_count,
        supervision,
        publication,
        public_url,
        archive_number,
        remark: None,
    }
}

fn public_announcement(announcement: Announcement) -> Announcement {
    let Announcement { id, text, issued_ms } = announcement;
    Announcement {
        id,
        text: mask_official(&text),
        issued_ms,
    }
}

/// Masks what the audience wrote: every number of seven digits or more, typed together or in groups, and mail addresses.
fn mask_audience(text: &str) -> String {
    mask_mail(&mask_numbers(text, |digits, grouped| {
        !grouped && digits.len() >= 7 || is_personal(digits) || is_landline(digits, grouped)
    }))
}

/// Masks what an official wrote: mobile numbers, identity cards and bank cards only.
fn mask_official(text: &str) -> String {
    mask_numbers(text, |digits, _| is_personal(digits))
}

fn is_personal(digits: &str) -> bool {
    let national = digits
        .strip_prefix("86")
        .filter(|rest| rest.len() == 11)
        .unwrap_or(digits);
    let mobile =
        national.len() == 11 && national.starts_with('1') && !national[1..].starts_with(['0', '1', '2']);
    mobile || (15..=19).contains(&digits.len())
}

fn is_landline(digits: &str, grouped: bool) -> bool {
    grouped && digits.starts_with('0') && (10..=12).contains(&digits.len())
}

/// Replaces the digits of each number `personal` says yes to, all but the first two, with `*`.
///
/// A number is a run of digits, half or full width, with single spaces, hyphens or dots inside. `personal` gets
/// the digits and whether there were such separators; a grouped run that is nothing as a whole is tried part by
/// part. A trailing X belongs to an identity card.
fn mask_numbers(text: &str, personal: impl Fn(&str, bool) -> bool) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut masked = chars.clone();
    let mut start = 0;
    while start < chars.len() {
        if digit(chars[start]).is_none() {
            start += 1;
            continue;
        }
        let end = run_end(&chars, start, true);
        if !mask_run(&chars, &mut masked, start, end, &personal) {
            let mut part = start;
            while part < end {
                let part_end = run_end(&chars, part, false).max(part + 1);
                mask_run(&chars, &mut masked, part, part_end, &personal);
                part = part_end;
            }
        }
        start = end;
    }
    masked.into_iter().collect()
}

fn digit(c: char) -> Option<char> {
    match c {
        '0'..='9' => Some(c),
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
        _ => None,
    }
}

/// End of the run that starts at `start`; with `grouped` one separator between digits does not end it.
fn run_end(chars: &[char], start: usize, grouped: bool) -> usize {
    let mut end = start;
    while end < chars.len() {
        let is_digit = digit(chars[end]).is_some();
        let separates = grouped
            && end > start
            && matches!(chars[end], ' ' | '-' | '－' | '.' | '·' | '_')
            && chars.get(end + 1).is_some_and(|next| digit(*next).is_some());
        let closes_card = matches!(chars[end], 'x' | 'X') && end - start >= 17;
        if !is_digit && !separates && !closes_card {
            break;
        }
        end += 1;
    }
    end
}

fn mask_run(
    chars: &[char],
    masked: &mut [char],
    start: usize,
    end: usize,
    personal: &impl Fn(&str, bool) -> bool,
) -> bool {
    let digits: String = chars[start..end]
        .iter()
        .filter_map(|c| digit(*c).or(matches!(c, 'x' | 'X').then_some('X')))
        .collect();
    let grouped = chars[start..end]
        .iter()
        .any(|c| digit(*c).is_none() && !matches!(c, 'x' | 'X'));
    if !personal(&digits, grouped) {
        return false;
    }
    for c in masked[start..end].iter_mut().skip(2) {
        if digit(*c).is_some() || matches!(c, 'x' | 'X') {
            *c = '*';
        }
    }
    true
}

/// Replaces the part before `@` of what looks like a mail address.
fn mask_mail(text: &str) -> String {
    let local = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '*');
    let mut chars: Vec<char> = text.chars().collect();
    for at in 0..chars.len() {
        if !matches!(chars[at], '@' | '＠') || !chars.get(at + 1).is_some_and(char::is_ascii_alphanumeric) {
            continue;
        }
        for c in chars[..at].iter_mut().rev().take_while(|c| local(c)) {
            *c = '*';
        }
    }
    chars.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::example::model_case;
    use super::*;

    #[test]
    fn numbers_of_persons_are_masked_and_ordinary_numbers_are_not() {
        for (text, masked) in [
            ("打我电话13812345678谢谢", "打我电话13*********谢谢"),
            ("138-1234-5678", "13*-****-****"),
            ("138 1234 5678", "13* **** ****"),
            ("１３８１２３４５６７８", "１３*********"),
            ("+8613812345678", "+86***********"),
            ("身份证32010119900307123X。", "身份证32****************。"),
            ("户号3201234567", "户号32********"),
            ("固话0512-66778899", "固话05**-********"),
            ("写信到 li.si+1@example.com", "写信到 *******@example.com"),
            (
                "2026-03-18 有15000人，每度0.5283元，1.5万",
                "2026-03-18 有15000人，每度0.5283元，1.5万",
            ),
            ("110 120 12345", "110 120 12345"),
        ] {
            assert_eq!(mask_audience(text), masked);
        }
        assert_eq!(
            mask_official("服务电话0512-66778899，联系人13812345678"),
            "服务电话0512-66778899，联系人13*********"
        );
    }

    #[test]
    fn the_public_edition_names_no_netizen_no_clerk_and_no_telephone() {
        let mut record = model_case();
        record.privacy = Privacy::Public;
        record.questions[0].text.push_str("，请回电13912345678");
        let json = serde_json::to_string(project(&record).as_ref()).unwrap();
        for secret in ["13912345678", "8877", "王**", "经办", "内部备注"] {
            assert!(!json.contains(secret), "{secret}");
        }
        record.privacy = Privacy::Internal;
        assert_eq!(project(&record).as_ref(), &record);
    }

    proptest! {
        #[test]
        fn no_mobile_or_identity_card_number_survives(before in "[^0-9０-９]{0,6}", mobile in "1[3-9][0-9]{9}", card in "[1-9][0-9]{16}[0-9X]", after in "[^0-9０-９]{0,6}") {
            for mask in [mask_audience, mask_official] {
                let masked = mask(&format!("{before}{mobile}{after}"));
                prop_assert!(!masked.contains(&mobile));
                let masked = mask(&format!("{before}{card}{after}"));
                prop_assert!(!masked.contains(&card));
            }
        }
    }
}
