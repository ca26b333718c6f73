//! The screencast, event by event.

use super::*;
use crate::cdp_events::ScreencastMetadata;

const SIZE: Viewport = Viewport {
    width: 640,
    height: 480,
};
const PAGE: PageId = PageId(1);
const CURRENT: Current<'_> = Some((PAGE, "s"));
const POPUP: Current<'_> = Some((PageId(2), "popup"));

/// The head of a JPEG of this size: all that is read of one.
fn jpeg(size: Viewport) -> String {
    let [h1, h2] = size.height.to_be_bytes();
    let [w1, w2] = size.width.to_be_bytes();
    let jfif = *b"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";
    let frame = [
        0xff, 0xc0, 0, 17, 8, h1, h2, w1, w2, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1,
    ];
    STANDARD.encode([&jfif[..], &frame[..]].concat())
}

fn event(number: i64, said: Viewport, data: String) -> ScreencastFrameEvent<'static> {
    ScreencastFrameEvent {
        data: data.into(),
        metadata: ScreencastMetadata {
            device_width: said.width.into(),
            device_height: said.height.into(),
        },
        session_id: number,
    }
}

/// A frame of the right size comes.
fn frame(cast: &mut ScreencastState, session: &str, number: i64) -> Vec<String> {
    lines(cast.frame(session, &event(number, SIZE, jpeg(SIZE)), SIZE))
}

/// Effects as lines; an acknowledgement with the number of its frame.
fn lines(effects: Vec<Effect>) -> Vec<String> {
    let line = |effect: Effect| match effect {
        Effect::Send {
            session,
            method,
            params,
        } => {
            let short = method.trim_start_matches("Page.").to_owned();
            let session = session.unwrap_or_default();
            match params.get("sessionId") {
                Some(number) => format!("{session} ack {number}"),
                None => format!("{session} {short}"),
            }
        }
        other => format!("{other:?}"),
    };
    effects.into_iter().map(line).collect()
}

fn started() -> ScreencastState {
    let mut cast = ScreencastState::default();
    let effects = cast.set_wanted(true, CURRENT);
    assert_eq!(lines(effects), ["s startScreencast", "await frame 1"]);
    cast
}

fn deadline(turn: u64) -> FrameDeadline {
    FrameDeadline {
        turn,
        after: FIRST_FRAME,
    }
}

#[test]
fn a_newer_frame_wins_over_one_that_was_not_sent() {
    let mut cast = started();
    assert_eq!(frame(&mut cast, "s", 11), ["show frame 1"]);
    assert_eq!(frame(&mut cast, "s", 12), ["s ack 11", "show frame 2"]);
}

#[test]
fn a_frame_on_its_way_is_acknowledged_when_it_is_shown() {
    let mut cast = started();
    frame(&mut cast, "s", 11);
    cast.sent(1);
    // One travels and one waits: Chromium, which may have two out, draws no more for us.
    assert_eq!(frame(&mut cast, "s", 12), ["show frame 2"]);
    assert_eq!(lines(cast.shown(1)), ["s ack 11"]);
    assert!(cast.shown(1).is_empty(), "once");
    assert_eq!(lines(cast.shown(2)), ["s ack 12"]);
}

#[test]
fn a_frame_of_a_session_that_is_not_cast_is_left_alone() {
    let mut cast = started();
    assert!(frame(&mut cast, "other", 11).is_empty());
    assert!(frame(&mut ScreencastState::default(), "s", 11).is_empty());
}

#[test]
fn a_frame_that_is_no_base64_is_given_back_and_not_shown() {
    let mut cast = started();
    let effects = cast.frame("s", &event(11, SIZE, "?".to_owned()), SIZE);
    assert_eq!(lines(effects), ["s ack 11"]);
}

#[test]
fn stop_gives_every_frame_back_and_waits_for_none() {
    let mut cast = started();
    frame(&mut cast, "s", 11);
    cast.sent(1);
    frame(&mut cast, "s", 12);
    let effects = cast.set_wanted(false, CURRENT);
    assert_eq!(lines(effects), ["s ack 11", "s ack 12", "s stopScreencast"]);
    assert!(cast.follow(POPUP).is_empty());
    assert!(cast.document_changed(PAGE, CURRENT).is_empty());
}

#[test]
fn a_second_start_begins_anew_so_that_a_frame_comes() {
    let mut cast = started();
    frame(&mut cast, "s", 11);
    let effects = cast.set_wanted(true, CURRENT);
    assert_eq!(
        lines(effects),
        [
            "s ack 11",
            "s stopScreencast",
            "s startScreencast",
            "await frame 2"
        ]
    );
    // What travelled to the viewer before does not hold back the new one's.
    frame(&mut cast, "s", 12);
    assert_eq!(frame(&mut cast, "s", 13), ["s ack 12", "show frame 3"]);
}

#[test]
fn the_screencast_follows_a_pop_up_and_comes_back() {
    let mut cast = started();
    assert!(cast.follow(CURRENT).is_empty(), "nothing changed");
    assert_eq!(
        lines(cast.follow(POPUP)),
        ["s stopScreencast", "popup startScreencast", "await frame 2"]
    );
    assert!(frame(&mut cast, "s", 11).is_empty(), "late ones of before");
    assert_eq!(
        lines(cast.follow(CURRENT)),
        ["popup stopScreencast", "s startScreencast", "await frame 3"]
    );
    assert_eq!(lines(cast.follow(None)), ["s stopScreencast"]);
}

#[test]
fn another_document_restarts_the_cast_of_its_page_alone() {
    let mut cast = started();
    assert!(cast.document_changed(PageId(7), CURRENT).is_empty());
    assert_eq!(
        lines(cast.document_changed(PAGE, CURRENT)),
        ["s stopScreencast", "s startScreencast", "await frame 2"]
    );
}

#[test]
fn a_screencast_without_a_frame_is_begun_again_and_given_twice_the_time() {
    let mut cast = started();
    assert!(cast.is_overdue(deadline(1)));
    let mut effects = cast.begin_overdue(deadline(1), CURRENT);
    let Some(Effect::AwaitFrame(next)) = effects.pop() else {
        panic!("it waits again");
    };
    assert_eq!((next.turn, next.after), (1, FIRST_FRAME * 2));
    assert_eq!(lines(effects), ["s stopScreencast", "s startScreencast"]);
    frame(&mut cast, "s", 11);
    assert!(!cast.is_overdue(next));
}

#[test]
fn a_deadline_of_an_earlier_start_means_nothing() {
    let mut cast = started();
    assert_eq!(lines(cast.resized()), ["await frame 2"]);
    assert!(!cast.is_overdue(deadline(1)));
    assert!(cast.is_overdue(deadline(2)));
}

#[test]
fn a_frame_that_loses_the_size_is_shown_and_another_one_awaited() {
    let mut cast = started();
    frame(&mut cast, "s", 11);
    let other = Viewport {
        width: 1280,
        height: 800,
    };
    let lost = cast.frame("s", &event(12, other, jpeg(other)), SIZE);
    assert_eq!(lines(lost), ["s ack 11", "show frame 2", "await frame 2"]);
    // Letterboxed: it says the new size, and the picture has the old one.
    let boxed = cast.frame("s", &event(13, SIZE, jpeg(other)), SIZE);
    assert_eq!(lines(boxed), ["s ack 12", "show frame 3"]);
    assert!(cast.is_overdue(deadline(2)));
    frame(&mut cast, "s", 14);
    assert!(!cast.is_overdue(deadline(2)));
}
