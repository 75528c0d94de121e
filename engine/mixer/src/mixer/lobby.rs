//! Those who are in no conference: their streams go on, in the lobby of a round.

use super::{Mixer, StreamId};
use crate::codec::LONGEST_FRAME_BYTES;
use crate::ears::{self, Ear};
use crate::frame::{samples_at, SILENCE};
use crate::lane::{Mixed, Ride};
use crate::moment::Moment;
use crate::outlet::Outlet;
use crate::stream::Home;

impl Mixer {
    pub(super) fn enter_lobby(&mut self, id: StreamId, round: usize) {
        let lobby = &mut self.rounds[round].lobby;
        let place = lobby.len();
        // RT: never grows, a lobby has room for all streams.
        lobby.push(id);
        if let Some(stream) = self.streams[id.index()].as_deref_mut() {
            stream.home = Home::Lobby { round, place };
        }
    }

    pub(super) fn leave_lobby(&mut self, round: usize, place: usize) {
        let lobby = &mut self.rounds[round].lobby;
        lobby.swap_remove(place);
        if let Some(moved) = lobby.get(place) {
            if let Some(stream) = self.streams[moved.index()].as_deref_mut() {
                stream.home = Home::Lobby { round, place };
            }
        }
    }

    /// Those in no conference hear and say nothing, but their streams go on.
    pub(super) fn serve_lobby(&mut self, round: usize, now: Moment, outlet: &mut impl Outlet) {
        for at in 0..self.rounds[round].lobby.len() {
            let id = self.rounds[round].lobby[at];
            let Some(Some(stream)) = self.streams.get_mut(id.index()) else {
                continue;
            };
            if !stream.is_due(now) {
                continue;
            }
            if stream.tap.hears(Ear::In) {
                ears::tell_in_lobby(stream, now, outlet);
            } else {
                stream.pass(now);
            }
            stream.attend(now, self.clock, outlet);
            let coding = stream.coding();
            let frame = &SILENCE[..samples_at(coding.rate_hz)];
            let mixed = Mixed {
                frame,
                mix_hz: coding.rate_hz,
                now,
                loss: 0,
            };
            let (mut payload, sends) = ([0; LONGEST_FRAME_BYTES], stream.sends());
            let bytes = match &mut stream.ride {
                Ride::Own(own) if sends => own.encode(None, mixed, &mut payload),
                _ => 0,
            };
            stream.send((&payload[..bytes], true), &mut self.joiner, outlet);
        }
    }
}
