//! A log of some forty real lines, and everything that can be done to it.

use super::*;
use crate::accounts::{AccountKind, RegisterAccount};
use crate::audit::damage::Column;
use crate::kernel::currency::Currency;
use crate::kernel::custom_fields::CustomFields;
use crate::kernel::holidays::{HolidayCalendar, Region};
use crate::kernel::ids::{AccountId, time_ordered};
use crate::kernel::money::Money;
use crate::kernel::sealed::Sealed;
use crate::kernel::terms::PaymentTerms;
use crate::kernel::timestamp::Timestamp;
use crate::kernel::zone::Zone;
use crate::log::Line;
use crate::payments::{Method, RecordPayment};
use crate::settings::{OpenBook, Policies};
use crate::testing::Scenario;
use crate::testing::forger::chained_anew;

/// A book with a few customers and what they paid.
fn lines() -> Vec<Vec<u8>> {
    let mut scenario = Scenario::new().given(OpenBook {
        seller: "Müller & Søn".parse().unwrap(),
        currency: Currency::GBP,
        zone: Zone::london(),
        holidays: HolidayCalendar::of(Region::EnglandAndWales),
        terms: PaymentTerms::NetDays(30),
        policies: Policies::default(),
        series: vec![],
    });
    let accounts = [1, 2, 3].map(|n| AccountId::from_uuid(time_ordered(Timestamp::EPOCH, [n; 10])));
    for (number, account) in (1..).zip(accounts) {
        scenario = scenario.given(RegisterAccount {
            account: Some(account),
            reference: format!("C-{number}").parse().unwrap(),
            name: Sealed::marked("Ada \"L.\" Lovelace").unwrap(),
            kind: AccountKind::Full,
            currency: None,
            terms: None,
            purchase_order_required: false,
            custom_fields: CustomFields::default(),
            owner: Some("user:ann".parse().unwrap()),
            registered_on: "2026-01-01".parse().unwrap(),
            anchor_day: None,
        });
    }
    let mut number = 0;
    while scenario.lines().len() < 38 {
        number += 1;
        scenario = scenario.given(RecordPayment {
            account: accounts[number % 3],
            amount: Money::parse("GBP 119.00").unwrap(),
            received_on: "2026-01-02".parse().unwrap(),
            method: Method::BankTransfer,
            reference: None,
            source: Some(format!("bank-{number}").parse().unwrap()),
            rate: None,
            pays: vec![],
        });
    }
    assert!(scenario.lines().len() < 48, "a payment records {} lines", scenario.lines().len());
    scenario.lines().iter().map(|line| line.clone().into_bytes()).collect()
}

fn origin() -> Origin {
    "scenario".parse().unwrap()
}

fn verified(lines: &[Vec<u8>], pinned: Vec<Head>) -> Verification {
    let mut verifier = Verifier::new(origin(), pinned);
    lines.iter().for_each(|line| verifier.line(line));
    verifier.finish()
}

/// The head of a log, taken by nobody's code but the hash's.
fn head(lines: &[Vec<u8>]) -> Head {
    let Some(last) = lines.last() else { return Head::empty(origin()) };
    Head { origin: origin(), position: at(lines.len()), hash: Digest::of(last) }
}

fn at(place: usize) -> Position {
    Position::from(u64::try_from(place).unwrap())
}

fn names(damage: &[Damage], place: usize) -> bool {
    let holds = |damage: &Damage| {
        let (first, last) = damage.places();
        (first..=last).contains(&at(place)) && last.get() - first.get() <= 1
    };
    damage.iter().any(holds)
}

#[test]
fn a_sound_log_is_sound_and_is_counted() {
    let lines = lines();
    let found = verified(&lines, vec![head(&lines), head(&lines[..7]), head(&[])]);
    assert_eq!(found.damage, []);
    assert!(found.is_sound());
    assert_eq!((found.lines, &found.head), (u64::try_from(lines.len()).unwrap(), &head(&lines)));
    assert_eq!(found.events_by_type.get("settings.book_opened"), Some(&1));
    assert_eq!(found.events_by_type.get("accounts.account_registered"), Some(&3));
    assert_eq!(found.events_by_type.values().sum::<u64>(), found.lines);
    let nothing = verified(&[], vec![]);
    assert_eq!((nothing.lines, nothing.head, nothing.damage), (0, head(&[]), vec![]));
}

/// Flips every bit of every byte, and gives the flips of which a judge does not name the place. Lines are looked at
/// once, and only the flipped one again.
fn flips_not_named(
    lines: &[Vec<u8>],
    judge: impl Fn(Vec<Inspected>) -> Vec<Damage>,
) -> Vec<(usize, usize, u8)> {
    let sound: Vec<Inspected> = lines.iter().map(|line| inspect::line(line)).collect();
    let mut missed = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        for byte in 0..line.len() {
            for bit in 0..8 {
                let mut flipped = line.clone();
                flipped[byte] ^= 1 << bit;
                let mut log = sound.clone();
                log[index] = inspect::line(&flipped);
                if !names(&judge(log), index + 1) {
                    missed.push((index + 1, byte, bit));
                }
            }
        }
    }
    missed
}

fn judged(log: Vec<Inspected>, pinned: Vec<Head>) -> Vec<Damage> {
    let mut verifier = Verifier::new(origin(), pinned);
    log.into_iter().for_each(|line| verifier.take(line));
    verifier.finish().damage
}

#[test]
fn every_flipped_bit_is_found_and_its_line_named() {
    let lines = lines();
    let pinned = head(&lines);
    assert_eq!(flips_not_named(&lines, |log| judged(log, vec![pinned.clone()])), []);
}

#[test]
fn without_a_pinned_head_the_last_line_is_not_vouched_for() {
    let lines = &lines()[..6];
    let missed = flips_not_named(lines, |log| judged(log, vec![]));
    assert!(!missed.is_empty(), "the blind window is there");
    assert!(missed.iter().all(|(line, _, _)| *line == 6), "and it is the last line");
    let earlier = flips_not_named(lines, |log| judged(log, vec![head(&lines[..5])]));
    assert!(
        earlier.iter().all(|(line, _, _)| *line == 6),
        "an older head covers what was there when it was taken"
    );
}

#[test]
fn the_check_of_the_checks_finds_a_verifier_that_looks_away() {
    let lines = &lines()[..6];
    let pinned = head(lines);
    let looks_away = |log: Vec<Inspected>| {
        let mut damage = judged(log, vec![pinned.clone()]);
        damage.retain(|damage| !matches!(damage, Damage::Changed { .. }));
        damage
    };
    let missed = flips_not_named(lines, looks_away);
    assert!(missed.iter().any(|(line, _, _)| *line == 3), "a flip that is not named is reported");
}

#[test]
fn a_changed_line_is_named_alone_where_its_neighbours_vouch() {
    let lines = lines();
    let change = |place: usize| {
        let mut changed = lines.clone();
        let text =
            String::from_utf8(changed[place - 1].clone()).unwrap().replace("2026-01-01T09", "2026-01-01T08");
        assert_ne!(text.as_bytes(), lines[place - 1]);
        changed[place - 1] = text.into_bytes();
        verified(&changed, vec![head(&lines)]).damage
    };
    assert_eq!(change(7), [Damage::Changed { line: at(7) }]);
    assert_eq!(change(1), [Damage::Changed { line: at(1) }]);
    assert_eq!(change(lines.len()), [Damage::Other { expected: head(&lines) }]);
}

#[test]
fn a_changed_prev_names_the_pair_and_the_line() {
    let lines = lines();
    let mut changed = lines.clone();
    let digit = changed[6].len() - 3;
    changed[6][digit] = if changed[6][digit] == b'0' { b'1' } else { b'0' };
    let damage = verified(&changed, vec![head(&lines)]).damage;
    assert_eq!(damage, [Damage::OneOf { first: at(6), second: at(7) }, Damage::Changed { line: at(7) }]);
}

#[test]
fn every_missing_line_is_named() {
    let lines = lines();
    for place in 1..lines.len() {
        let mut cut = lines.clone();
        cut.remove(place - 1);
        let damage = verified(&cut, vec![head(&lines)]).damage;
        assert_eq!(damage, [Damage::Missing { from: at(place), to: at(place) }]);
        assert!(!verified(&cut, vec![]).is_sound(), "a line missing inside is seen without a pinned head");
    }
}

#[test]
fn a_tail_that_was_cut_is_seen_by_the_pinned_head_alone() {
    let lines = lines();
    for kept in 0..lines.len() {
        let cut = &lines[..kept];
        assert_eq!(verified(cut, vec![]).damage, [], "a chain alone accepts a shorter log");
        let shorter = Damage::Shorter { expected: head(&lines), found: at(kept) };
        assert_eq!(verified(cut, vec![head(&lines)]).damage, [shorter]);
    }
}

#[test]
fn every_swapped_pair_is_found() {
    let lines = lines();
    for one in 0..lines.len() {
        for other in one + 1..lines.len() {
            let mut swapped = lines.clone();
            swapped.swap(one, other);
            let damage = verified(&swapped, vec![head(&lines)]).damage;
            assert!(names(&damage, one + 1) || names(&damage, other + 1), "{one} {other}: {damage:?}");
        }
    }
    let mut swapped = lines.clone();
    swapped.swap(9, 20);
    let damage = verified(&swapped, vec![head(&lines)]).damage;
    let places: Vec<_> = damage.iter().filter(|damage| matches!(damage, Damage::OutOfPlace { .. })).collect();
    let of = |found, after| Damage::OutOfPlace { found: at(found), after: at(after) };
    assert_eq!(places, [&of(21, 9), &of(10, 20)]);
}

#[test]
fn every_doubled_line_is_found_wherever_it_is_put() {
    let lines = lines();
    for copied in 0..lines.len() {
        for put in 0..=lines.len() {
            let mut doubled = lines.clone();
            doubled.insert(put, lines[copied].clone());
            let damage = verified(&doubled, vec![head(&lines)]).damage;
            let strays = damage.iter().filter(|damage| matches!(damage, Damage::OutOfPlace { .. })).count();
            assert!((1..=2).contains(&strays), "{copied} put at {put}: {damage:?}");
        }
    }
}

#[test]
fn rubbish_between_lines_costs_no_other_line() {
    let lines = lines();
    let mut broken = lines.clone();
    broken.insert(5, b"rubbish".to_vec());
    let unreadable = Damage::Unreadable { at: at(6), why: LineError::Field("position") };
    assert_eq!(verified(&broken, vec![head(&lines)]).damage, [unreadable]);
}

#[test]
fn a_line_that_can_not_be_read_is_one_finding() {
    let lines = lines();
    for place in 1..=lines.len() {
        let mut broken = lines.clone();
        broken[place - 1] = b"rubbish".to_vec();
        let unreadable = Damage::Unreadable { at: at(place), why: LineError::Field("position") };
        assert_eq!(verified(&broken, vec![]).damage, [unreadable]);
    }
}

#[test]
fn a_lost_line_excuses_no_more_than_the_gap_that_it_leaves() {
    let lines = lines();
    let versions = |log: &[Vec<u8>]| {
        let damage = verified(log, vec![]).damage.into_iter();
        damage.filter(|damage| matches!(damage, Damage::VersionGap { .. })).count()
    };
    let renumbered = |line: &[u8], by: u64| {
        let version = Line::parse(line).unwrap().version.get();
        let (from, to) = (format!("\"version\":{version},"), format!("\"version\":{},", version + by));
        String::from_utf8(line.to_vec()).unwrap().replace(&from, &to).into_bytes()
    };
    let mut skipping = lines.clone();
    let last = skipping.len() - 1;
    skipping[last] = renumbered(&lines[last], 1);
    assert_eq!(versions(&skipping), 1, "nothing is lost: a skipped version is damage");
    skipping[last] = renumbered(&lines[last], 2);
    skipping.insert(5, b"rubbish".to_vec());
    assert_eq!(versions(&skipping), 1, "rubbish between lines takes no place");
    skipping.remove(5);
    skipping[6] = b"rubbish".to_vec();
    assert_eq!(versions(&skipping), 1, "one lost line does not excuse two skipped versions");
}

#[test]
fn another_books_log_is_not_this_books() {
    let lines = lines();
    let other: Origin = "other".parse().unwrap();
    let mut verifier = Verifier::new(other.clone(), vec![head(&lines)]);
    lines.iter().for_each(|line| verifier.line(line));
    let damage = verifier.finish().damage;
    assert_eq!(damage, [Damage::NotTheOrigin(other), Damage::Other { expected: head(&lines) }]);
}

#[test]
fn a_forged_history_with_right_hashes_is_seen_by_any_head_behind_it() {
    let lines = lines();
    assert_eq!(chained_anew(lines.clone(), 2), lines, "the forger can chain");
    for place in 1..lines.len() {
        let mut forged = lines.clone();
        let text = String::from_utf8(forged[place].clone()).unwrap().replace("user:tester", "user:nobody");
        forged[place] = text.into_bytes();
        let forged = chained_anew(forged, place + 2);
        assert_eq!(verified(&forged, vec![]).damage, [], "the blind window of a bare chain is all of it");
        for pinned in 0..=lines.len() {
            let damage = verified(&forged, vec![head(&lines[..pinned])]).damage;
            let expected: Vec<Damage> = (pinned > place)
                .then(|| Damage::Other { expected: head(&lines[..pinned]) })
                .into_iter()
                .collect();
            assert_eq!(damage, expected, "line {} forged, head {pinned} pinned", place + 1);
        }
    }
}

#[test]
fn a_forged_tail_is_seen_by_what_it_says_if_not_by_its_hashes() {
    let lines = lines();
    let forge = |from: &str, to: &str| {
        let mut forged = lines.clone();
        let last = forged.pop().unwrap();
        let text = String::from_utf8(last).unwrap();
        assert!(text.contains(from), "{text}");
        forged.push(text.replace(from, to).into_bytes());
        verified(&forged, vec![]).damage
    };
    let last = Line::parse(lines.last().unwrap()).unwrap().version;
    let skipped = forge(&format!("\"version\":{last}"), &format!("\"version\":{}", last.next()));
    assert!(matches!(skipped.as_slice(), [Damage::VersionGap { .. }]), "{skipped:?}");
    let unknown = forge("\"schema\":1", "\"schema\":99");
    assert!(matches!(unknown.as_slice(), [Damage::Payload { .. }]), "{unknown:?}");
}

#[test]
fn a_stores_columns_are_held_against_its_lines() {
    let lines = &lines()[..3];
    let mut verifier = Verifier::new(origin(), vec![head(lines)]);
    for (place, bytes) in (1..).zip(lines) {
        let line = Line::parse(bytes).unwrap();
        let wrong = place == 2;
        verifier.row(StoredRow {
            position: if wrong { at(9) } else { at(place) },
            stream: if wrong { "series/other" } else { line.stream },
            version: if wrong { 7.into() } else { line.version },
            line: bytes,
        });
    }
    let copy = |which| Damage::Copy { position: at(2), which };
    let expected = [Column::Position, Column::Stream, Column::Version].map(copy);
    assert_eq!(verifier.finish().damage, expected);
}
