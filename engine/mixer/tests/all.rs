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

#[test]
fn no_file_of_tests_is_left_out() {
    let named = include_str!("all.rs");
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let name = name.trim_end_matches(".rs");
        let apart = ["all", "no_allocation"].contains(&name);
        assert!(apart || named.contains(&format!("\nmod {name};\n")), "{name}");
    }
}
