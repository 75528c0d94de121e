//! The packets of RFC 7714, sections 16 and 17: its keys are session keys, so they go in below the derivation.

use super::*;
use crate::packet::hex;
use crate::{Opener, Sealer};

const KEY: &str = "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F";
const SALT: &str = "517569642070726F2071756F";
const RTP: &str =
    "8040F17B8041F8D35501A0B247616C6C696120657374206F6D6E69732064697669736120696E207061727465732074726573";
const RTCP: &str =
    "81C8000D4D6172734E5450314E545032525450200000042A0000E9304C756E61DEADBEEFDEADBEEFDEADBEEFDEADBEEFDEADBEEF";
const SEALED_RTP: [&str; 2] = [
    "8040F17B8041F8D35501A0B2F24DE3A3FB34DE6CACBA861C9D7E4BCABE633BD50D294E6F42A5F47A51C7D19B36DE3ADF8833899D7F27BEB1\
     6A9152CF765EE4390CCE",
    "8040F17B8041F8D35501A0B232B1DE78A822FE12EF9F78FA332E33AAB18012389A58E2F3B50B2A0276FFAE0F1BA63799B87B7AA3DB36DFFF\
     D6B0F9BB7878D7A76C13",
];
const SEALED_RTCP: [&str; 2] = [
    "81C8000D4D61727363E94885DCDAB67CA727D7662F6B7E997FF5C0F76C06F32DC676A5F1730D6FDA4CE09B4686303DED0BB9275BC84AA458\
     96CF4D2FC5ABF87245D9EADE800005D4",
    "81C8000D4D617273D50AE4D1F5CE5D304BA297E47D470C282C3ECE5DBFFE0A50A2EAA5C1110555BE8415F658C61DE0476F1B6FAD1D1EB30C\
     4446839F57FF6F6CB26AC3BE800005D4",
];
const REPORT: u32 = 0x5D4;

fn ciphers(suite: Suite) -> (Cipher, Cipher) {
    let keys = SessionKeys::given(&hex(KEY)[..suite.key_bytes()], &hex(SALT));
    (
        Cipher::of(suite, Kind::Rtp, &keys),
        Cipher::of(suite, Kind::Rtcp, &keys),
    )
}

fn room(packet: &str) -> (Vec<u8>, usize) {
    let mut buffer = hex(packet);
    let length = buffer.len();
    buffer.resize(length + crate::ROOM, 0);
    (buffer, length)
}

#[test]
fn packets_are_sealed_and_opened_as_the_specification_has_them() {
    for (at, suite) in [Suite::Gcm128, Suite::Gcm256].into_iter().enumerate() {
        let (rtp, rtcp) = ciphers(suite);
        let mut sealer = Sealer::of(rtp, rtcp, REPORT);
        let (mut buffer, length) = room(RTP);
        let sealed = sealer.rtp(&mut buffer, length).unwrap();
        assert_eq!(buffer[..sealed], hex(SEALED_RTP[at]));
        let (mut report, length) = room(RTCP);
        let reported = sealer.rtcp(&mut report, length).unwrap();
        assert_eq!(report[..reported], hex(SEALED_RTCP[at]));
        let (rtp, rtcp) = ciphers(suite);
        let mut opener = Opener::of(rtp, rtcp);
        let opened = opener.rtp(&mut buffer[..sealed]).unwrap();
        assert_eq!(buffer[..opened], hex(RTP));
        let opened = opener.rtcp(&mut report[..reported]).unwrap();
        assert_eq!(report[..opened], hex(RTCP));
    }
}
