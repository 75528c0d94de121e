//! The gate's verdicts, case by case.

use super::*;

const OPTIONS: &str = "OPTIONS sip:a@192.0.2.9 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\n\
    From: <sip:b@192.0.2.1>;tag=1\r\nTo: <sip:a@192.0.2.9>\r\nCall-ID: c@192.0.2.1\r\nCSeq: 7 OPTIONS\r\n\
    Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n";

fn answered(message: &str) -> String {
    match judge(message.as_bytes()) {
        Verdict::Answer(bytes) => String::from_utf8(bytes).unwrap(),
        other => panic!("{other:?} for {message}"),
    }
}

fn passed(message: &[u8]) -> String {
    match judge(message) {
        Verdict::Pass(bytes) => String::from_utf8(bytes).unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_sound_request_passes_untouched() {
    assert_eq!(passed(OPTIONS.as_bytes()), OPTIONS);
    assert_eq!(judge(b"\r\n\r\n"), Verdict::Pass(b"\r\n\r\n".to_vec()));
}

#[test]
fn each_flaw_has_its_status() {
    let cases = [
        ("SIP/2.0\r\nVia", "SIP/3.0\r\nVia", "505 "),
        ("OPTIONS", "DANCE", "501 "),
        ("OPTIONS", "options", "501 "),
        ("7 OPTIONS", "7 INVITE", "400 Bad CSeq"),
        ("7 OPTIONS", "4294967296 OPTIONS", "400 Bad CSeq"),
        (";tag=1", "", "400 From"),
        (
            "Call-ID: c",
            "Call-ID: d@h\r\nCall-ID: c",
            "400 Missing Or Repeated",
        ),
        ("Length: 0", "Length: 9", "400 Body"),
        ("Length: 0", "Length: -1", "400 Bad Content-Length"),
        (
            "Length: 0",
            "Length: 99999999999999999999",
            "400 Bad Content-Length",
        ),
        ("sip:a@192.0.2.9 SIP", "mailto:a@h SIP", "416 "),
        ("sip:a@192.0.2.9 SIP", "sip:a@192.0.2.9  SIP", "400 "),
    ];
    for (from, to, expected) in cases {
        let answer = answered(&OPTIONS.replace(from, to));
        assert!(
            answer.starts_with(&format!("SIP/2.0 {expected}")),
            "{to:?} got {answer}"
        );
        assert!(answer.contains("Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\n"));
        assert!(answer.contains("To: <sip:a@192.0.2.9>;tag="));
    }
    let long = OPTIONS.replace(
        "Max-Forwards: 70",
        &format!("X: {}", "y".repeat(MESSAGE_LIMIT_BYTES)),
    );
    assert!(answered(&long).starts_with("SIP/2.0 513 "));
}

#[test]
fn a_tag_that_is_empty_is_none() {
    for tag in [";tag=", ";tag", ";tag=\"\""] {
        let answer =
            answered(&OPTIONS.replace("To: <sip:a@192.0.2.9>", &format!("To: <sip:a@192.0.2.9>{tag}")));
        assert!(
            answer.starts_with("SIP/2.0 400 Empty To Tag"),
            "{tag} got {answer}"
        );
    }
}

#[test]
fn the_tag_of_an_answer_is_the_same_for_a_retransmission() {
    let flawed = OPTIONS.replace("OPTIONS", "DANCE");
    assert_eq!(answered(&flawed), answered(&flawed));
}

#[test]
fn what_cannot_be_answered_is_dropped() {
    for (from, to) in [
        ("Via:", "Vio:"),
        ("Call-ID:", "X:"),
        ("OPTIONS", "ACK"),
        ("\r\n\r\n", "\r\n"),
    ] {
        let mut message = OPTIONS.replace(from, to);
        if from == "OPTIONS" {
            message = message.replace(";tag=1", "");
        }
        assert!(matches!(judge(message.as_bytes()), Verdict::Drop(_)), "{to:?}");
    }
    assert!(matches!(
        judge(b"SIP/2.0 200 OK\r\nVia: x\r\n\r\n"),
        Verdict::Drop(_)
    ));
}

#[test]
fn latin_1_is_mended_and_a_missing_length_added() {
    let bytes = OPTIONS
        .replace("From: <", "From: \"M~ller\" <")
        .replace("Content-Length: 0\r\n", "");
    let mut bytes: Vec<u8> = bytes
        .bytes()
        .map(|byte| if byte == b'~' { 0xFC } else { byte })
        .collect();
    bytes.extend_from_slice(b"v=0\r\n");
    let mended = passed(&bytes);
    assert!(mended.contains("\"Müller\""));
    assert!(mended.ends_with("Content-Length: 5\r\n\r\nv=0\r\n"), "{mended}");
}

#[test]
fn noise_never_panics_and_never_passes_unread() {
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    let mut dice = move || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed as usize
    };
    for _ in 0..20_000 {
        let mut bytes = OPTIONS.as_bytes().to_vec();
        for _ in 0..=(dice() % 6) {
            let at = dice() % bytes.len();
            match dice() % 4 {
                0 => bytes[at] = dice() as u8,
                1 => bytes.truncate(at.max(1)),
                2 => drop(bytes.remove(at)),
                _ => bytes.insert(at, b"\r\n:;<>\",@"[dice() % 9]),
            }
            if bytes.is_empty() {
                break;
            }
        }
        if let Verdict::Pass(bytes) = judge(&bytes) {
            assert!(bytes.iter().all(u8::is_ascii_whitespace) || is_readable(&bytes));
        }
    }
}
