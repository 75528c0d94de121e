//! The one door to libopus.
//!
//! Every call is given memory of the size libopus asked for, and lengths taken from the slices beside them; nothing of
//! libopus is kept elsewhere.

#![allow(unsafe_code, reason = "libopus is C")]

use std::ffi::c_int;

use opusic_sys as c;

use crate::{Unfit, Unreadable};

/// Memory for a state of libopus, aligned for anything.
#[derive(Debug)]
struct Memory(Box<[u128]>);

impl Memory {
    fn new(bytes: c_int) -> Self {
        let words = (bytes.max(0) as usize).div_ceil(size_of::<u128>());
        Self(vec![0; words].into_boxed_slice())
    }
}

/// What can be set on an encoder, always to a number.
#[derive(Debug, Clone, Copy)]
pub(super) enum Setting {
    Bitrate,
    Complexity,
    Dtx,
    Fec,
    Loss,
}

/// The state of an encoder.
#[derive(Debug)]
pub(super) struct RawEncoder(Memory);

impl RawEncoder {
    pub fn new(rate_hz: u32) -> Result<Self, Unfit> {
        // SAFETY: a question without state.
        let bytes = unsafe { c::opus_encoder_get_size(1) };
        let mut made = Self(Memory::new(bytes));
        made.restart(rate_hz)?;
        Ok(made)
    }

    pub fn restart(&mut self, rate_hz: u32) -> Result<(), Unfit> {
        // SAFETY: the memory is as large as asked for one channel.
        let done = unsafe { c::opus_encoder_init(self.state(), rate_hz as i32, 1, c::OPUS_APPLICATION_VOIP) };
        if done == c::OPUS_OK {
            Ok(())
        } else {
            Err(Unfit)
        }
    }

    /// Become the same as another one: both are of one size, and hold no pointers into themselves (`opus.h` says that a
    /// shallow copy is enough).
    pub fn copy(&mut self, other: &Self) {
        self.0 .0.copy_from_slice(&other.0 .0);
    }

    /// Give the number of bytes, 0 when libopus does not take the samples.
    pub fn encode(&mut self, samples: &[i16], payload: &mut [u8]) -> usize {
        let (count, room) = (samples.len() as c_int, payload.len() as i32);
        // SAFETY: the state was initialised; both lengths are those of the slices.
        let bytes =
            unsafe { c::opus_encode(self.state(), samples.as_ptr(), count, payload.as_mut_ptr(), room) };
        bytes.max(0) as usize
    }

    /// What libopus refuses leaves the setting as it was.
    pub fn set(&mut self, setting: Setting, value: i32) {
        let request = match setting {
            Setting::Bitrate => c::OPUS_SET_BITRATE_REQUEST,
            Setting::Complexity => c::OPUS_SET_COMPLEXITY_REQUEST,
            Setting::Dtx => c::OPUS_SET_DTX_REQUEST,
            Setting::Fec => c::OPUS_SET_INBAND_FEC_REQUEST,
            Setting::Loss => c::OPUS_SET_PACKET_LOSS_PERC_REQUEST,
        };
        self.control(request, value);
    }

    /// Code nothing that a player at this rate cannot play.
    pub fn set_highest_rate(&mut self, rate_hz: u32) {
        let bandwidth = match rate_hz {
            ..=8_000 => c::OPUS_BANDWIDTH_NARROWBAND,
            8_001..=12_000 => c::OPUS_BANDWIDTH_MEDIUMBAND,
            12_001..=16_000 => c::OPUS_BANDWIDTH_WIDEBAND,
            16_001..=24_000 => c::OPUS_BANDWIDTH_SUPERWIDEBAND,
            _ => c::OPUS_BANDWIDTH_FULLBAND,
        };
        self.control(c::OPUS_SET_MAX_BANDWIDTH_REQUEST, bandwidth);
    }

    fn control(&mut self, request: c_int, value: i32) {
        // SAFETY: the state was initialised; each of these requests takes one 32-bit number by value.
        unsafe { c::opus_encoder_ctl(self.state(), request, value) };
    }

    fn state(&mut self) -> *mut c::OpusEncoder {
        self.0 .0.as_mut_ptr().cast()
    }
}

/// The state of a decoder.
#[derive(Debug)]
pub(super) struct RawDecoder(Memory);

impl RawDecoder {
    pub fn new(rate_hz: u32) -> Result<Self, Unfit> {
        // SAFETY: a question without state.
        let bytes = unsafe { c::opus_decoder_get_size(1) };
        let mut made = Self(Memory::new(bytes));
        made.restart(rate_hz)?;
        Ok(made)
    }

    pub fn restart(&mut self, rate_hz: u32) -> Result<(), Unfit> {
        // SAFETY: the memory is as large as asked for one channel.
        let done = unsafe { c::opus_decoder_init(self.state(), rate_hz as i32, 1) };
        if done == c::OPUS_OK {
            Ok(())
        } else {
            Err(Unfit)
        }
    }

    /// Decode a packet, or make up as much as `samples` holds when there is none; with `copy`, take what the packet says
    /// of the one before it.
    pub fn decode(&mut self, payload: &[u8], samples: &mut [i16], copy: bool) -> Result<usize, Unreadable> {
        let packet = if payload.is_empty() {
            std::ptr::null()
        } else {
            payload.as_ptr()
        };
        let (length, room) = (payload.len() as i32, samples.len() as c_int);
        // SAFETY: the state was initialised; both lengths are those of the slices; no packet is a null pointer.
        let count = unsafe {
            c::opus_decode(
                self.state(),
                packet,
                length,
                samples.as_mut_ptr(),
                room,
                c_int::from(copy),
            )
        };
        usize::try_from(count).map_err(|_| Unreadable)
    }

    pub fn reset(&mut self) {
        // SAFETY: the state was initialised; the request takes nothing.
        unsafe { c::opus_decoder_ctl(self.state(), c::OPUS_RESET_STATE) };
    }

    fn state(&mut self) -> *mut c::OpusDecoder {
        self.0 .0.as_mut_ptr().cast()
    }
}

/// Whether a packet has a copy of the one before it.
pub(super) fn has_copy(packet: &[u8]) -> bool {
    // SAFETY: the length is that of the slice.
    !packet.is_empty() && unsafe { c::opus_packet_has_lbrr(packet.as_ptr(), packet.len() as i32) } > 0
}

/// The state of a repacketizer.
#[derive(Debug)]
pub(super) struct RawJoiner(Memory);

impl RawJoiner {
    pub fn new() -> Self {
        // SAFETY: a question without state.
        Self(Memory::new(unsafe { c::opus_repacketizer_get_size() }))
    }

    /// Give the number of bytes, 0 when the packets cannot be joined.
    pub fn join(&mut self, packets: &[&[u8]], payload: &mut [u8]) -> usize {
        let state = self.0 .0.as_mut_ptr().cast();
        // SAFETY: the memory is as large as asked.
        unsafe { c::opus_repacketizer_init(state) };
        for packet in packets {
            // SAFETY: the length is that of the slice; what is remembered of it is last used below, while it is borrowed.
            if unsafe { c::opus_repacketizer_cat(state, packet.as_ptr(), packet.len() as i32) } != c::OPUS_OK
            {
                return 0;
            }
        }
        // SAFETY: the length is that of the slice, which the packets, being borrowed, do not overlap.
        let bytes = unsafe { c::opus_repacketizer_out(state, payload.as_mut_ptr(), payload.len() as i32) };
        bytes.max(0) as usize
    }
}
