//! All tests of the mixer but those that count allocations, in one program: what they share is compiled once.

mod aligned_tracks;
mod automatic_gain;
mod bad_networks;
mod comfort_noise;
mod dozing;
mod ears;
mod facts;
mod garbage;
mod golden_ear;
mod lossy_listeners;
mod mixed_codecs;
mod noisy_rooms;
mod packets_out;
mod talk_off;
mod voices;
mod who_hears_whom;
mod world;
