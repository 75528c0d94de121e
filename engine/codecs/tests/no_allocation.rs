//! After they are made, no codec and no resampler allocates: counted at `malloc` itself, which libopus uses too.

#![cfg(all(target_os = "linux", target_env = "gnu"))]
#![allow(unsafe_code, reason = "an allocator cannot be written without")]

use std::cell::Cell;
use std::ffi::c_void;

use codecs::codec::ALL;
use codecs::opus::{Joiner, OpusTerms};
use codecs::{Codec, Coding, Decoder, Encoder, Resampler, LONGEST_PAYLOAD};

thread_local! {
    static COUNTED: Cell<Option<u32>> = const { Cell::new(None) };
}

fn count() {
    let _ = COUNTED.try_with(|counted| counted.set(counted.get().map(|so_far| so_far + 1)));
}

extern "C" {
    fn __libc_malloc(size: usize) -> *mut c_void;
    fn __libc_calloc(count: usize, size: usize) -> *mut c_void;
    fn __libc_realloc(pointer: *mut c_void, size: usize) -> *mut c_void;
    fn __libc_free(pointer: *mut c_void);
}

// SAFETY, for all four: the program's own symbols come before those of the C library, to which everything is passed on.
#[no_mangle]
unsafe extern "C" fn malloc(size: usize) -> *mut c_void {
    count();
    unsafe { __libc_malloc(size) }
}

#[no_mangle]
unsafe extern "C" fn calloc(number: usize, size: usize) -> *mut c_void {
    count();
    unsafe { __libc_calloc(number, size) }
}

#[no_mangle]
unsafe extern "C" fn realloc(pointer: *mut c_void, size: usize) -> *mut c_void {
    count();
    unsafe { __libc_realloc(pointer, size) }
}

#[no_mangle]
unsafe extern "C" fn free(pointer: *mut c_void) {
    count();
    unsafe { __libc_free(pointer) }
}

/// How many times memory is asked for or given back in `work`.
fn counted(work: impl FnOnce()) -> u32 {
    COUNTED.set(Some(0));
    work();
    COUNTED.replace(None).unwrap()
}

fn sound(rate_hz: u32) -> Vec<i16> {
    let wave = |at: usize| 9_000.0 * (at as f32 * at as f32 * 0.000_01).sin();
    (0..rate_hz as usize).map(|at| wave(at) as i16).collect()
}

fn codings() -> impl Iterator<Item = Coding> {
    ALL.into_iter().flat_map(|codec| {
        codec.rates_hz().iter().map(move |rate_hz| Coding {
            opus: OpusTerms {
                fec: true,
                dtx: true,
                ..OpusTerms::default()
            },
            ..Coding::plain(codec, *rate_hz)
        })
    })
}

#[test]
fn the_count_counts_what_rust_and_what_c_ask_for() {
    assert!(counted(|| drop(std::hint::black_box(vec![1_u8; 100]))) >= 2);
    // SAFETY: asked for and given back.
    let by_c = counted(|| unsafe { free(std::hint::black_box(malloc(100))) });
    assert_eq!(by_c, 2);
}

#[test]
fn a_second_through_every_codec_with_losses_and_moves_asks_for_no_memory() {
    for coding in codings() {
        let frame = coding.rate_hz as usize / 50;
        let sound = sound(coding.rate_hz);
        let mut shared = Encoder::new(coding).unwrap();
        let mut own = Encoder::new(coding).unwrap();
        let mut decoder = Decoder::new(coding.codec, coding.rate_hz).unwrap();
        let (mut payload, mut heard) = ([0; LONGEST_PAYLOAD], vec![0; frame * 3]);
        let asked = counted(|| {
            for (at, samples) in sound.chunks(frame).enumerate() {
                let bytes = shared.encode(samples, &mut payload);
                own.follow(&shared).unwrap();
                let _ = match at % 7 {
                    3 => Ok(usize::from(decoder.conceal(&mut heard[..frame]))),
                    4 => Ok(usize::from(
                        decoder.recover(&payload[..bytes], &mut heard[..frame]),
                    )),
                    _ => decoder.decode(&payload[..bytes], &mut heard),
                };
                let _ = decoder.decode(&[0xFF; 3], &mut heard);
                shared.expect_loss(at as u8);
            }
            decoder.forget();
            decoder.change_rate(coding.rate_hz).unwrap();
            own.restart(coding).unwrap();
        });
        assert_eq!(asked, 0, "{coding:?}");
    }
}

#[test]
fn joining_and_resampling_ask_for_no_memory() {
    let mut encoder = Encoder::new(Coding::plain(Codec::Opus, 8_000)).unwrap();
    let (mut first, mut second, mut both) = ([0; 500], [0; 500], [0; 1_000]);
    let lengths = [
        encoder.encode(&[99; 160], &mut first),
        encoder.encode(&[99; 160], &mut second),
    ];
    let mut joiner = Joiner::default();
    for (from_hz, to_hz) in [(8_000, 48_000), (48_000, 16_000), (16_000, 8_000)] {
        let mut resampler = Resampler::new(from_hz, to_hz).unwrap();
        let (sound, mut out) = (sound(from_hz), vec![0; to_hz as usize]);
        let asked = counted(|| {
            resampler.resample(&sound, &mut out);
            resampler.forget();
            joiner.join(&[&first[..lengths[0]], &second[..lengths[1]]], &mut both);
        });
        assert_eq!(asked, 0, "{from_hz} to {to_hz}");
    }
}
