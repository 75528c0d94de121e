//! What comes out of each codec is what went in: by level, by pitch, after losses, in silence.

use std::f64::consts::TAU;

use codecs::codec::ALL;
use codecs::opus::{says_nothing, ticks_in, Joiner, OpusTerms};
use codecs::{Codec, Coding, Decoder, Encoder, LONGEST_PAYLOAD};

const LOUD: f64 = 8_000.0;

fn tone(hz: f64, rate_hz: u32, ms: usize) -> Vec<i16> {
    let wave = |at: usize| LOUD * (TAU * hz * at as f64 / f64::from(rate_hz)).sin();
    (0..rate_hz as usize * ms / 1_000)
        .map(|at| wave(at) as i16)
        .collect()
}

/// Level of one pitch in dB beside `LOUD`, and of it beside everything else.
fn tone_and_rest_db(sound: &[i16], hz: f64, rate_hz: u32) -> (f64, f64) {
    let (mut sine, mut cosine, mut power) = (0.0, 0.0, 0.0);
    for (at, sample) in sound.iter().enumerate() {
        let angle = TAU * hz * at as f64 / f64::from(rate_hz);
        sine += f64::from(*sample) * angle.sin();
        cosine += f64::from(*sample) * angle.cos();
        power += f64::from(*sample).powi(2);
    }
    let count = sound.len() as f64;
    let wanted = (sine.powi(2) + cosine.powi(2)) * 2.0 / count;
    let db = |ratio: f64| 10.0 * ratio.log10();
    (
        db(wanted / (count * LOUD * LOUD / 2.0)),
        db(wanted / (power - wanted).max(1.0)),
    )
}

fn coded(encoder: &mut Encoder, samples: &[i16]) -> Vec<u8> {
    let mut payload = [0; LONGEST_PAYLOAD];
    let bytes = encoder.encode(samples, &mut payload);
    payload[..bytes].to_vec()
}

fn through(coding: Coding, sound: &[i16], ms: usize) -> Vec<i16> {
    let mut encoder = Encoder::new(coding).unwrap();
    let mut decoder = Decoder::new(coding.codec, coding.rate_hz).unwrap();
    let frame = coding.rate_hz as usize * ms / 1_000;
    let mut out = vec![0; sound.len()];
    for (samples, heard) in sound.chunks_exact(frame).zip(out.chunks_exact_mut(frame)) {
        assert_eq!(decoder.decode(&coded(&mut encoder, samples), heard), Ok(frame));
    }
    out
}

fn opus(rate_hz: u32, opus: OpusTerms) -> Coding {
    Coding {
        codec: Codec::Opus,
        rate_hz,
        opus,
    }
}

#[test]
fn a_tone_goes_through_every_codec_at_its_level_whatever_the_length_of_the_packets() {
    for codec in ALL {
        let least_db = if codec == Codec::Opus { 15.0 } else { 25.0 };
        for rate_hz in codec.rates_hz() {
            for ms in [10, 20, 40, 60] {
                let out = through(Coding::plain(codec, *rate_hz), &tone(500.0, *rate_hz, 1_200), ms);
                let (level, clean) = tone_and_rest_db(&out[*rate_hz as usize / 5..], 500.0, *rate_hz);
                assert!(level.abs() < 1.5, "{codec:?} {rate_hz} {ms}: {level:.1} dB");
                assert!(
                    clean > least_db,
                    "{codec:?} {rate_hz} {ms}: {clean:.1} dB above the rest"
                );
            }
        }
    }
}

#[test]
fn odd_multiples_of_10_ms_are_taken_by_all_but_opus() {
    for codec in ALL {
        let rate_hz = codec.rates_hz()[0];
        let mut encoder = Encoder::new(Coding::plain(codec, rate_hz)).unwrap();
        for ms in [30, 50] {
            let payload = coded(&mut encoder, &tone(500.0, rate_hz, ms));
            assert_eq!(payload.is_empty(), codec == Codec::Opus);
            let ticks = codec.clock_rate_hz() * ms as u32 / 1_000;
            assert_eq!(
                codec.ticks_in(&payload),
                Some(ticks).filter(|_| codec != Codec::Opus)
            );
        }
    }
}

#[test]
fn wideband_codecs_carry_what_telephones_cannot() {
    for coding in [
        Coding::plain(Codec::G722, 16_000),
        Coding::plain(Codec::L16Wide, 16_000),
        opus(16_000, OpusTerms::default()),
    ] {
        let out = through(coding, &tone(6_000.0, 16_000, 1_000), 20);
        let (level, _) = tone_and_rest_db(&out[4_000..], 6_000.0, 16_000);
        assert!(level > -4.0, "{coding:?}: {level:.1} dB");
    }
}

#[test]
fn nothing_is_coded_that_the_peer_does_not_play() {
    let narrow = OpusTerms {
        max_playback_hz: 8_000,
        ..OpusTerms::default()
    };
    let out = through(opus(48_000, narrow), &tone(6_000.0, 48_000, 1_000), 20);
    let (level, _) = tone_and_rest_db(&out[12_000..], 6_000.0, 48_000);
    assert!(level < -30.0, "{level:.1} dB");
}

#[test]
fn the_average_rate_is_what_was_wished_for() {
    for bitrate_bps in [8_000, 16_000, 40_000] {
        let terms = OpusTerms {
            bitrate_bps,
            ..OpusTerms::default()
        };
        let mut encoder = Encoder::new(opus(16_000, terms)).unwrap();
        let sound = tone(500.0, 16_000, 5_000);
        let bytes: usize = sound
            .chunks(320)
            .map(|samples| coded(&mut encoder, samples).len())
            .sum();
        let average = bytes as f64 * 8.0 / 5.0;
        assert!(average < f64::from(bitrate_bps) * 1.1, "{bitrate_bps}: {average}");
    }
}

#[test]
fn silence_is_left_out_with_dtx_and_only_then() {
    for dtx in [false, true] {
        let mut encoder = Encoder::new(opus(
            16_000,
            OpusTerms {
                dtx,
                ..OpusTerms::default()
            },
        ))
        .unwrap();
        let sent = (0..150)
            .filter(|_| !coded(&mut encoder, &[0; 320]).is_empty())
            .count();
        assert!(
            if dtx { sent < 50 } else { sent == 150 },
            "{sent} of 150 with DTX {dtx}"
        );
        assert!(!coded(&mut encoder, &tone(500.0, 16_000, 20)).is_empty());
    }
}

#[test]
fn a_lost_packet_comes_back_from_the_next_one_or_is_made_up() {
    let terms = OpusTerms {
        fec: true,
        bitrate_bps: 32_000,
        ..OpusTerms::default()
    };
    let mut encoder = Encoder::new(opus(16_000, terms)).unwrap();
    encoder.expect_loss(20);
    // The pitch changes just where the loss is, so that it cannot be guessed.
    let sound = [tone(400.0, 16_000, 400), tone(1_000.0, 16_000, 400)].concat();
    let packets: Vec<Vec<u8>> = sound
        .chunks(320)
        .map(|samples| coded(&mut encoder, samples))
        .collect();
    let [copied, guessed] = [true, false].map(|recovering| {
        let mut decoder = Decoder::new(Codec::Opus, 16_000).unwrap();
        let mut frame = [0; 320];
        for packet in &packets[..20] {
            decoder.decode(packet, &mut frame).unwrap();
        }
        if recovering {
            assert!(decoder.recover(&packets[21], &mut frame));
        } else {
            assert!(decoder.conceal(&mut frame));
        }
        tone_and_rest_db(&frame, 1_000.0, 16_000).0
    });
    assert!(
        copied > -6.0 && guessed < copied - 3.0,
        "{copied:.1} dB copied, {guessed:.1} dB guessed"
    );
}

#[test]
fn only_opus_conceals_and_without_a_copy_there_is_nothing_to_recover() {
    for codec in ALL {
        let rate_hz = codec.rates_hz()[0];
        let mut decoder = Decoder::new(codec, rate_hz).unwrap();
        let mut heard = vec![0; rate_hz as usize / 50];
        let sound = tone(300.0, rate_hz, 200);
        let mut encoder = Encoder::new(Coding::plain(codec, rate_hz)).unwrap();
        let mut last = Vec::new();
        for samples in sound.chunks(heard.len()) {
            last = coded(&mut encoder, samples);
            decoder.decode(&last, &mut heard).unwrap();
        }
        assert!(!decoder.recover(&last, &mut heard), "{codec:?}");
        assert_eq!(decoder.conceal(&mut heard), codec == Codec::Opus);
    }
    let mut fresh = Decoder::new(Codec::Opus, 8_000).unwrap();
    let mut heard = [1; 160];
    assert!(fresh.conceal(&mut heard) && heard == [0; 160]);
}

#[test]
fn what_was_forgotten_is_not_made_up_from() {
    let mut encoder = Encoder::new(opus(16_000, OpusTerms::default())).unwrap();
    let mut decoder = Decoder::new(Codec::Opus, 16_000).unwrap();
    let mut heard = [0; 320];
    for samples in tone(300.0, 16_000, 400).chunks(320) {
        decoder.decode(&coded(&mut encoder, samples), &mut heard).unwrap();
    }
    decoder.forget();
    assert!(decoder.conceal(&mut heard) && heard == [0; 320]);
}

#[test]
fn frames_joined_into_one_packet_sound_as_they_did_alone() {
    let mut encoder = Encoder::new(opus(16_000, OpusTerms::default())).unwrap();
    let mut joiner = Joiner::default();
    let mut apart = Decoder::new(Codec::Opus, 16_000).unwrap();
    let mut together = Decoder::new(Codec::Opus, 16_000).unwrap();
    for samples in tone(500.0, 16_000, 1_200).chunks(960) {
        let packets: Vec<Vec<u8>> = samples
            .chunks(320)
            .map(|frame| coded(&mut encoder, frame))
            .collect();
        let borrowed: Vec<&[u8]> = packets.iter().map(Vec::as_slice).collect();
        let mut payload = [0; LONGEST_PAYLOAD];
        let bytes = joiner.join(&borrowed, &mut payload);
        assert_eq!(ticks_in(&payload[..bytes]), Some(2_880));
        let (mut once, mut thrice) = ([0; 960], [0; 960]);
        assert_eq!(together.decode(&payload[..bytes], &mut once), Ok(960));
        for (packet, frame) in packets.iter().zip(thrice.chunks_mut(320)) {
            apart.decode(packet, frame).unwrap();
        }
        assert!(once == thrice);
    }
}

#[test]
fn a_rate_can_be_changed_in_place_and_an_unfit_one_is_refused() {
    let mut decoder = Decoder::new(Codec::Opus, 48_000).unwrap();
    let mut encoder = Encoder::new(opus(8_000, OpusTerms::default())).unwrap();
    decoder.change_rate(16_000).unwrap();
    encoder.restart(opus(48_000, OpusTerms::default())).unwrap();
    let packet = coded(&mut encoder, &tone(500.0, 48_000, 20));
    assert_eq!(decoder.decode(&packet, &mut [0; 960]), Ok(320));
    assert!(decoder.change_rate(44_100).is_err());
    assert!(encoder.restart(Coding::plain(Codec::G722, 16_000)).is_err());
    assert!(Encoder::new(Coding::plain(Codec::G722, 8_000)).is_err());
    assert!(Decoder::new(Codec::L16Wide, 48_000).is_err());
}

#[test]
fn rtp_counts_g722_at_half_and_opus_at_its_highest_rate() {
    let clocks = ALL.map(Codec::clock_rate_hz);
    assert_eq!(clocks, [8_000, 8_000, 8_000, 8_000, 16_000, 48_000]);
    assert_eq!(
        ALL.map(Codec::widest_hz),
        [8_000, 8_000, 16_000, 8_000, 16_000, 48_000]
    );
    assert_eq!(
        ALL.map(|codec| codec.rate_for(16_000)),
        [8_000, 8_000, 16_000, 8_000, 16_000, 16_000]
    );
    assert!(ALL
        .iter()
        .enumerate()
        .all(|(place, codec)| codec.index() == place));
}

#[test]
fn a_packet_of_opus_says_whether_anybody_speaks_in_it() {
    for rate_hz in [16_000, 48_000] {
        let frame = rate_hz as usize / 50;
        let mut encoder = Encoder::new(opus(rate_hz, OpusTerms::default())).unwrap();
        let silence: Vec<_> = (0..50).map(|_| coded(&mut encoder, &vec![0; frame])).collect();
        assert!(
            silence[10..].iter().all(|packet| says_nothing(packet)),
            "{rate_hz}"
        );
        let voice = tone(300.0, rate_hz, 200);
        let spoken: Vec<_> = voice
            .chunks_exact(frame)
            .map(|samples| coded(&mut encoder, samples))
            .collect();
        assert!(!spoken.iter().any(|packet| says_nothing(packet)), "{rate_hz}");
    }
    assert!(
        !says_nothing(&[]) && says_nothing(&[0x78]),
        "an empty one tells nothing, a left out one all"
    );
    assert!(!says_nothing(&[0xFC, 0, 0]), "music coding has no such flag");
}
