//! Which candidate is the code, by the evidence for and against each.

use crate::{
    candidates::{Candidate, Form, candidates},
    document::{Document, Line},
    words::{Meaning, Place, has, places},
};

/// A code needs so much evidence.
const ENOUGH: i32 = 6;
/// A candidate that is so close to the best one leaves it in doubt.
const DOUBT: i32 = 2;
/// A message for small screens: all of it is about what it says.
const SHORT: usize = 240;
/// Of so many bytes words before a number still speak of it, in one line.
const NEAR: usize = 60;
/// Lines above a candidate that may announce it.
const ABOVE: usize = 3;

/// What stands right before a code, in the sentence that says it. Lower case.
const SAYS: [&str; 30] = [
    ":",
    "=",
    "is",
    "ist",
    "lautet",
    "est",
    "es",
    "è",
    "é",
    "is:",
    "är",
    "er",
    "on",
    "je",
    "to",
    "este",
    "είναι",
    "为",
    "為",
    "是",
    "は",
    "هو",
    "است",
    "है",
    "คือ",
    "là",
    "는",
    "은",
    "е",
    "są",
];

/// What stands right behind a code, in the sentence that says it. Lower case.
const IS: [&str; 22] = [
    "is",
    "ist",
    "est",
    "es",
    "è",
    "é",
    "är",
    "er",
    "on",
    "je",
    "to",
    "este",
    "είναι",
    "为",
    "是",
    "は",
    "هو",
    "-",
    "=",
    "е",
    "là",
    "คือ",
];

struct Judged {
    code: String,
    evidence: i32,
}

/// The code of a message, if there is one beyond doubt.
pub fn code(document: &Document) -> Option<String> {
    let about = About::of(document);
    let subject = places(&document.subject.lower);
    let of_lines: Vec<Vec<Place>> = document
        .lines
        .iter()
        .map(|line| places(&line.lower))
        .collect();
    let mut judged: Vec<Judged> = Vec::new();
    let in_subject = candidates(&document.subject);
    for candidate in &in_subject {
        let evidence = in_line(&document.subject, &subject, candidate);
        if evidence.speaks > 0 {
            let total = evidence.total() + 3 + about.evidence(candidate);
            add(&mut judged, candidate, total);
        }
    }
    for (at, line) in document.lines.iter().enumerate() {
        let words = of_lines.get(at).map_or(&[][..], Vec::as_slice);
        for candidate in candidates(line) {
            let mut evidence = in_line(line, words, &candidate);
            let is_alone = is_alone(line, &candidate);
            let announced = above(document, &of_lines, at, is_alone);
            evidence.speaks = evidence.speaks.max(announced);
            if evidence.speaks == 0 && is_alone {
                evidence.speaks = match of_codes(&subject) {
                    Some(Meaning::Strong) => 2,
                    Some(_) => 1,
                    None => 0,
                };
            }
            if evidence.speaks == 0
                && about.is_short
                && of_lines.iter().any(|words| of_codes(words).is_some())
            {
                evidence.speaks = 1;
            }
            if evidence.speaks == 0 {
                continue;
            }
            let below = of_lines.get(at + 1).and_then(|words| of_codes(words));
            let total = evidence.total()
                + 3 * i32::from(is_alone)
                + 2 * i32::from(line.is_large)
                + i32::from(line.is_bold)
                + i32::from(below.is_some())
                + 2 * i32::from(in_subject.iter().any(|other| other.code == candidate.code))
                + about.evidence(&candidate);
            if is_possible(&candidate, is_alone, evidence.speaks, &about) {
                add(&mut judged, &candidate, total);
            }
        }
    }
    judged.sort_by_key(|one| std::cmp::Reverse(one.evidence));
    let best = judged.first()?;
    let second = judged.get(1).map_or(i32::MIN, |second| second.evidence);
    let is_sure = best.evidence >= ENOUGH && best.evidence.saturating_sub(second) >= DOUBT;
    is_sure.then(|| best.code.clone())
}

fn add(judged: &mut Vec<Judged>, candidate: &Candidate, evidence: i32) {
    if let Some(known) = judged.iter_mut().find(|known| known.code == candidate.code) {
        known.evidence = known.evidence.max(evidence) + 1;
    } else {
        judged.push(Judged {
            code: candidate.code.clone(),
            evidence,
        });
    }
}

/// What a message is about, as a whole.
struct About {
    signs_in: bool,
    sells: bool,
    is_short: bool,
}

impl About {
    fn of(document: &Document) -> Self {
        let lines = || {
            std::iter::once(&document.subject)
                .chain(&document.lines)
                .map(|line| line.lower.as_str())
        };
        Self {
            signs_in: lines().any(|line| has(line, Meaning::SignIn)),
            sells: lines().any(|line| has(line, Meaning::Commerce)),
            is_short: document.length() <= SHORT,
        }
    }

    fn evidence(&self, candidate: &Candidate) -> i32 {
        let form = match (candidate.form, candidate.code.len()) {
            (Form::Digits, 6) | (Form::Prefixed, _) => 1,
            (Form::Digits, 9) => -1,
            (Form::Digits, 10) => -2,
            (Form::Letters, _) => -1,
            _ => 0,
        };
        2 * i32::from(self.signs_in) + 2 * i32::from(self.is_short)
            - 4 * i32::from(self.sells && candidate.form != Form::Digits)
            - 2 * i32::from(self.sells)
            - 2 * i32::from(is_like_a_year(&candidate.code))
            + form
    }
}

fn is_like_a_year(code: &str) -> bool {
    code.len() == 4 && (code.starts_with("19") || code.starts_with("20"))
}

/// Letters need more than digits do: they may be any word.
fn is_possible(candidate: &Candidate, is_alone: bool, speaks: i32, about: &About) -> bool {
    match candidate.form {
        Form::Digits | Form::Prefixed => true,
        Form::Mixed => about.signs_in && (is_alone || speaks >= 4),
        Form::Letters => about.signs_in && speaks >= 4 && (is_alone || speaks >= 6),
    }
}

/// What a line says of a candidate in it.
struct Evidence {
    speaks: i32,
    against: i32,
}

impl Evidence {
    fn total(&self) -> i32 {
        self.speaks - self.against
    }
}

fn in_line(line: &Line, words: &[Place], candidate: &Candidate) -> Evidence {
    let before = before(line, words, candidate);
    let behind = behind(line, words, candidate);
    Evidence {
        speaks: before.max(behind),
        against: against(line, words, candidate),
    }
}

/// Words for codes before the candidate.
fn before(line: &Line, words: &[Place], candidate: &Candidate) -> i32 {
    let Some((place, between)) = nearest_before(line, words, candidate, is_code) else {
        return 0;
    };
    let said = between.trim_end_matches(|letter: char| " \"'([«„“”【「<*".contains(letter));
    let last = said.rsplit(' ').next().unwrap_or_default();
    let says = SAYS.contains(&last)
        || said.ends_with([':', '=', '为', '為', '是', '은', '는', 'は'])
        || said.trim().is_empty();
    match (place.meaning, says) {
        (Meaning::Strong, true) => 6,
        (Meaning::Strong, false) => 4,
        (_, true) => 4,
        (_, false) => 2,
    }
}

/// Words for codes behind the candidate, in its sentence.
fn behind(line: &Line, words: &[Place], candidate: &Candidate) -> i32 {
    let mut best = 0;
    for place in words.iter().filter(|place| is_code(place.meaning)) {
        let Some(between) = line.lower.get(candidate.end..place.start) else {
            continue;
        };
        if between.len() > NEAR || ends_sentence(between) {
            continue;
        }
        let first = between.split_whitespace().next().unwrap_or_default();
        let is_strong = place.meaning == Meaning::Strong;
        let says = IS.contains(&first);
        best = best.max(match (is_strong, says) {
            (true, true) => 6,
            (false, true) => 4,
            (true, false) => 3,
            (false, false) => 2,
        });
    }
    best
}

/// Words right before the candidate that make it another number.
fn against(line: &Line, words: &[Place], candidate: &Candidate) -> i32 {
    let of_code = nearest_before(line, words, candidate, is_code).map(|(place, _)| place.end);
    let other = nearest_before(line, words, candidate, |meaning| {
        matches!(
            meaning,
            Meaning::OtherNumber | Meaning::NoCode | Meaning::Phone | Meaning::Mask
        )
    });
    let Some((place, between)) = other else {
        return 0;
    };
    let is_mask = place.meaning == Meaning::Mask;
    // "the code of your account is 123456" speaks of the code; "code, account 123456" of the account.
    let is_nearer = of_code.is_none_or(|code| place.start >= code);
    let is_close = between.len() <= 24 && !between.contains(" is ") && !between.contains(',');
    match (is_mask, is_nearer, is_close) {
        (true, true, _) | (_, true, true) => 8,
        _ => 0,
    }
}

fn is_code(meaning: Meaning) -> bool {
    matches!(meaning, Meaning::Strong | Meaning::Generic)
}

/// The word of such a meaning that ends nearest before the candidate, of those in its sentence, and what is between. Of
/// words that end at the same place, the one that says most.
fn nearest_before<'a>(
    line: &'a Line,
    words: &[Place],
    candidate: &Candidate,
    wanted: impl Fn(Meaning) -> bool,
) -> Option<(Place, &'a str)> {
    let mut nearest: Option<(Place, &str)> = None;
    for place in words.iter().filter(|place| wanted(place.meaning)) {
        let Some(between) = line.lower.get(place.end..candidate.start) else {
            continue;
        };
        if between.len() > NEAR || ends_sentence(between) {
            continue;
        }
        let is_nearer = nearest.is_none_or(|(known, _)| {
            // A strong word that a generic one is part of, or stands behind, still says what the code is for.
            known.meaning != Meaning::Strong
                && (place.end > known.end || place.meaning == Meaning::Strong)
                || known.meaning == Meaning::Strong
                    && place.meaning == Meaning::Strong
                    && place.end > known.end
        });
        if is_nearer {
            nearest = Some((*place, between));
        }
    }
    nearest
}

fn ends_sentence(between: &str) -> bool {
    [". ", "! ", "? ", "。", "!", "؟ ", "। "]
        .iter()
        .any(|end| between.contains(end))
}

/// Whether the line holds nothing but the candidate, or but a few signs and a word before it.
fn is_alone(line: &Line, candidate: &Candidate) -> bool {
    let rest = line.text.len() - (candidate.end - candidate.start);
    let is_sign = |letter: char| !letter.is_alphanumeric();
    let before = line.text.get(..candidate.start).unwrap_or_default();
    let after = line.text.get(candidate.end..).unwrap_or_default();
    let is_prefix =
        candidate.form == Form::Prefixed && before.chars().filter(|c| !is_sign(*c)).count() <= 2;
    rest <= 8 && (before.chars().all(is_sign) || is_prefix) && after.chars().all(is_sign)
}

/// What the lines above announce.
fn above(document: &Document, of_lines: &[Vec<Place>], at: usize, is_alone: bool) -> i32 {
    if !is_alone {
        return 0;
    }
    let mut best = 0;
    for distance in 1..=ABOVE {
        let Some(above) = at.checked_sub(distance) else {
            break;
        };
        let (Some(line), Some(words)) = (document.lines.get(above), of_lines.get(above)) else {
            break;
        };
        let says = match of_codes(words) {
            Some(Meaning::Strong) => 4,
            Some(_) => 3,
            None => continue,
        };
        let ends =
            line.text.ends_with(':') || line.text.ends_with("는") || line.text.ends_with("は");
        let near = i32::try_from(distance).unwrap_or(i32::MAX) - 1;
        best = best.max(says + i32::from(ends) - near);
    }
    best
}

/// The strongest word for codes among these.
fn of_codes(words: &[Place]) -> Option<Meaning> {
    let has = |meaning| words.iter().any(|place| place.meaning == meaning);
    if has(Meaning::Strong) {
        Some(Meaning::Strong)
    } else {
        has(Meaning::Generic).then_some(Meaning::Generic)
    }
}
